"""This file knows what became other after it was told: who comes with an order, and when."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import isfinite

from recourse_sim.score import Loss, OrderFile

__all__ = ["moved_of", "n_moved"]

MOVED = ("any", "courier", "taken_away", "window")


def moved_of(one: OrderFile, losses: Iterable[Loss]) -> set[str]:
    """What became other for a customer after they were told, and before they had the order.

    A customer is told when an order has its first courier: the page says who and when.

    Parameters
    ----------
    one : OrderFile
        Which order.
    losses : iterable of Loss
        When it lost its courier.

    Returns
    -------
    set of str
        Of ``"courier"``: somebody else came to carry it. ``"taken_away"``: although the one before
        had not dropped out. ``"window"``: another end of the window was promised or named.
        ``"any"`` with any of them.

    Examples
    --------
    >>> from recourse_sim.score import Duty
    >>> one = OrderFile("o-1", latest_s=900.0, notices=[(150.0, "delay", 900.0)])
    >>> one.duties = [Duty("wang", 100.0, 800.0), Duty("li", 200.0, 850.0)]
    >>> sorted(moved_of(one, []))
    ['any', 'courier', 'taken_away']
    >>> one.promises = [(300.0, 1_200.0)]
    >>> sorted(moved_of(one, [Loss("wang", 190.0, "accident")]))
    ['any', 'courier', 'window']
    """
    duties = [duty for duty in one.duties if duty.began_s < one.done_s]
    if not duties:
        return set()
    found = set()
    dropped = {loss.courier_id for loss in losses if loss.cause != "taken_away"}
    for old, new in pairwise(duties):
        if new.courier_id != old.courier_id:
            found |= {"courier"} if old.courier_id in dropped else {"courier", "taken_away"}
    told = [*one.promises, *((at_s, latest_s) for at_s, _, latest_s in one.notices)]
    latest_s = one.latest_s
    for at_s, until_s in sorted(told):
        if not isfinite(until_s) or until_s == latest_s or at_s >= one.done_s:
            continue
        latest_s = until_s
        if at_s > duties[0].began_s:
            found.add("window")
    return found | {"any"} if found else found


def n_moved(files: Mapping[str, OrderFile], losses: Mapping[str, list[Loss]]) -> dict[str, int]:
    """Count orders of which something became other after it was told.

    Parameters
    ----------
    files : mapping of str to OrderFile
        All orders.
    losses : mapping of str to list of Loss
        When each lost its courier.

    Returns
    -------
    dict of str to int
        Of each kind that `moved_of` knows.
    """
    each = [moved_of(one, losses[order_id]) for order_id, one in files.items()]
    return {kind: sum(kind in moved for moved in each) for kind in MOVED}
