"""This file knows how a first plan of several new orders becomes a better one.

Orders of the call are taken out again and put back where they are cheapest now: one after the
other (relocation), then in strings of neighbours, which is what undoes a wrong division of an
area between two couriers [1]_. A step that does not lower the price is taken back. The number of
steps is fixed beforehand and nothing is drawn at random.

References
----------
.. [1] Christiaens, J., and G. Vanden Berghe (2020). Slack induction by string removals for
   vehicle routing problems. *Transportation Science* 54(2): 417-433.
   https://doi.org/10.1287/trsc.2019.0914
"""

import numpy as np

from recourse.planning.search import Search

__all__ = ["improve"]

_STRINGS_FROM = 4
"""Strings pay from so many times their own length on."""


def improve(search: Search) -> None:
    """Better the plan of a search in place, then try once more what nobody could carry."""
    params = search.draft.params
    if len(search.moves) + int(search.is_open.sum()) < 2:  # noqa: PLR2004 - one order is best as it is
        return
    for _ in range(params.n_sweeps):
        if not _sweep(search):
            break
    if len(search.moves) >= _STRINGS_FROM * params.string_orders > 0:
        _retry_strings(search)
    if search.is_open.any():
        search.run()


def _sweep(search: Search) -> bool:
    """Try every placed order elsewhere once; whether anything became better."""
    is_better = False
    for k in [move.demand for move in search.moves]:
        is_better |= search.retry(np.array([k], dtype=np.int64))
    return is_better


def _retry_strings(search: Search) -> None:
    """Try strings of neighbouring orders elsewhere; their first orders are spread over all."""
    params, asks = search.draft.params, search.draft.asks
    at = np.array(asks.places)[asks.q_dropoff]
    at[:, 0] *= np.cos(np.radians(at[:, 1].mean()))
    placed = np.array(sorted(move.demand for move in search.moves), dtype=np.int64)
    n_strings = min(params.n_strings, len(placed))
    for seed in placed[np.arange(n_strings) * len(placed) // max(n_strings, 1)].tolist():
        square = ((at[placed] - at[seed]) ** 2).sum(axis=1)
        search.retry(placed[np.argsort(square, kind="stable")[: params.string_orders]])
