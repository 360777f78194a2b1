"""This file knows how a plan is drawn before and after it was put right."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

__all__ = ["draw_change"]

_FEWEST_COLOURS = 10
_ALONE = "#b23a48"
_MOVED = "#1f2933"
_CALM = "#c4ccd4"

Points = NDArray[np.float64]


def draw_change(
    file: Path,
    *,
    visits_at: ArrayLike,
    starts_at: ArrayLike,
    before: Sequence[ArrayLike],
    after: Sequence[ArrayLike],
    alone: ArrayLike = (),
    courier_ids: Sequence[str] = (),
) -> None:
    """Draw the routes that were told and those of an answer beside each other.

    Visits that have gone to another courier have a ring; those nobody makes any more are crosses.

    Parameters
    ----------
    file : Path
        Where to write it; the ending says in which format.
    visits_at : array of shape (n_visits, 2)
        Where each visit is, in any unit that is the same in both directions.
    starts_at : array of shape (n_couriers, 2)
        Where each courier is.
    before, after : sequence of arrays
        Numbers of the visits of each courier in sequence, as they were told and as answered.
    alone : array, optional
        Visits that nobody makes any more.
    courier_ids : sequence of str, optional
        What couriers are called; their numbers by default.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "change.png"
    ...     doors, starts = [[300, 400], [500, 400]], [[0, 0], [900, 0]]
    ...     draw_change(
    ...         file, visits_at=doors, starts_at=starts, before=[[0, 1], []], after=[[0], [1]]
    ...     )
    ...     file.stat().st_size > 1_000
    True
    """
    doors, starts = np.asarray(visits_at, float), np.asarray(starts_at, float)
    told, given = _numbers(before), _numbers(after)
    whose = {visit: courier for courier, route in enumerate(told) for visit in route}
    moved = [v for c, route in enumerate(given) for v in route if whose.get(v, c) != c]
    lost = np.asarray(alone, dtype=np.int64)
    figure = Figure(figsize=(10.4, 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    names = courier_ids or [str(courier) for courier in range(len(starts))]
    _draw(left, doors, starts, told, names)
    _draw(right, doors, starts, given, names)
    right.scatter(*doors[moved].T, s=150, facecolors="none", edgecolors=_MOVED, zorder=5)
    right.scatter(*doors[lost].T, s=70, marker="x", color=_ALONE, zorder=5)
    left.set_title("before", loc="left")
    right.set_title(f"after: {len(moved)} moved (o), {len(lost)} alone (x)", loc="left")
    figure.savefig(file, dpi=150)


def _numbers(routes: Sequence[ArrayLike]) -> list[list[int]]:
    """Routes as lists of whole numbers."""
    return [np.asarray(route, dtype=np.int64).reshape(-1).tolist() for route in routes]


def _draw(
    panel: Axes,
    doors: Points,
    starts: Points,
    routes: Sequence[Sequence[int]],
    names: Sequence[str],
) -> None:
    """Every route as a line from where its courier is, in the colour of that courier."""
    colours = mpl.colormaps["tab10" if len(routes) <= _FEWEST_COLOURS else "turbo"]
    count = max(_FEWEST_COLOURS, len(routes))
    for courier, route in enumerate(routes):
        line = np.concatenate([starts[courier][None], doors[list(route)].reshape(-1, 2)])
        colour = colours(courier / count) if route else _CALM
        panel.plot(line[:, 0], line[:, 1], "-", color=colour, linewidth=1.6)
        panel.plot(line[1:, 0], line[1:, 1], "o", color=colour, markersize=5)
        panel.plot(*line[0], "s", color=colour, markersize=8)
        panel.annotate(
            names[courier], line[0], textcoords="offset points", xytext=(7, 7), fontsize=9
        )
    panel.set_aspect("equal")
    panel.set_xticks([])
    panel.set_yticks([])
