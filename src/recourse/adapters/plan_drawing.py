"""This file knows how a plan is drawn before and after it was put right."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from recourse.planning.engine import Answer, World

__all__ = ["draw_change"]

_FEWEST_COLOURS = 10
_ALONE = "#b23a48"
_MOVED = "#1f2933"
_CALM = "#c4ccd4"


def draw_change(
    world: World,
    at: ArrayLike,
    before: Sequence[ArrayLike],
    answer: Answer,
    file: Path,
    *,
    courier_ids: Sequence[str] = (),
) -> None:
    """Draw the routes that were told and those of an answer beside each other.

    Visits that have gone to another courier have a ring; orders left without a courier are crosses.

    Parameters
    ----------
    world : World
        Who answered.
    at : array of shape (n_places, 2)
        Where each place is, in any unit that is the same in both directions.
    before : sequence of arrays
        Visits of each courier as they were told, before anything happened.
    answer : Answer
        What was answered.
    file : Path
        Where to write it; the ending says in which format.
    courier_ids : sequence of str, optional
        What couriers are called; their numbers by default.

    Examples
    --------
    >>> import tempfile
    >>> from recourse.planning.engine import Couriers, Orders, Travel, Visits
    >>> at = np.array([[0, 0], [300, 400]])
    >>> ways = np.array([[0, 500], [500, 0]])
    >>> world = World(
    ...     travel=Travel(time_s=ways, price=ways),
    ...     visits=Visits(place=[1], earliest_s=0, latest_s=900, service_s=60, demand=[1]),
    ...     orders=Orders(delivery=[0], unserved_price=9_000),
    ...     couriers=Couriers(
    ...         start_place=[0], start_s=0, end_place=[0], end_s=4_000, capacity=[1], load=[0]
    ...     ),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "change.png"
    ...     draw_change(world, at, [[]], world.answer(), file)
    ...     file.stat().st_size > 1_000
    True
    """
    points = np.asarray(at, dtype=np.float64)
    told = [np.asarray(route, dtype=np.int64).reshape(-1) for route in before]
    after = [route.astype(np.int64) for route in answer.routes]
    whose = {int(v): c for c, route in enumerate(told) for v in route}
    moved = [int(v) for c, route in enumerate(after) for v in route if whose.get(int(v), c) != c]
    doors = world.rules.orders.delivery[answer.unserved]
    figure = Figure(figsize=(10.4, 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    _draw(left, world, points, told, courier_ids)
    _draw(right, world, points, after, courier_ids)
    place = world.rules.visits.place
    rings, crosses = points[place[moved]], points[place[doors]]
    right.scatter(*rings.T, s=150, facecolors="none", edgecolors=_MOVED, zorder=5)
    right.scatter(*crosses.T, s=70, marker="x", color=_ALONE, zorder=5)
    left.set_title("before", loc="left")
    right.set_title(f"after: {len(moved)} moved (o), {len(doors)} alone (x)", loc="left")
    figure.savefig(file, dpi=150)


def _draw(
    panel: Axes,
    world: World,
    points: NDArray[np.float64],
    routes: Sequence[NDArray[np.int64]],
    courier_ids: Sequence[str],
) -> None:
    """Every route as a line from where its courier is, in the colour of that courier."""
    facts = world.rules.couriers
    colours = mpl.colormaps["tab10" if len(routes) <= _FEWEST_COLOURS else "turbo"]
    count = max(_FEWEST_COLOURS, len(routes))
    for courier, route in enumerate(routes):
        places = np.concatenate([[facts.start_place[courier]], world.rules.visits.place[route]])
        line = points[places]
        colour = colours(courier / count) if len(route) else _CALM
        name = courier_ids[courier] if courier_ids else str(courier)
        panel.plot(line[:, 0], line[:, 1], "-", color=colour, linewidth=1.6, label=name)
        panel.plot(line[1:, 0], line[1:, 1], "o", color=colour, markersize=5)
        panel.plot(*line[0], "s", color=colour, markersize=8)
        panel.annotate(name, line[0], textcoords="offset points", xytext=(7, 7), fontsize=9)
    panel.set_aspect("equal")
    panel.set_xticks([])
    panel.set_yticks([])
