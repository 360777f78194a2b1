"""This file knows the turns a story may take: a second loss, a dispatcher's word, a late report."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from benchmarks.faults.stage import Stage
from benchmarks.faults.variants import HOLDERS, Variant
from recourse.flow import late, reopen
from recourse.model.assignments import Custodian
from recourse.model.cases import CASE_OPEN, Case, CaseStatus, Way
from recourse.model.errors import Conflict, Forbidden
from recourse.model.orders import OrderStatus
from recourse.model.reasons import ReasonCode

__all__ = ["FAR", "LATER", "TURNED", "turn"]

FAR = timedelta(minutes=20)
"""How long most turns wait before they come."""
LATER = timedelta(minutes=50)
"""How long nobody else comes by themselves: longer than the platform looks."""
_SOON = timedelta(minutes=8)
"""When a silent holder is heard of: nobody has given up yet."""
_NEVER = timedelta(days=5)
_WAITING = {CaseStatus.WAITING, CaseStatus.HUMAN}


class Teller(Protocol):
    """What a turn needs of whoever plays the story."""

    town: Stage
    variant: Variant
    order_id: str
    lost_at: datetime
    n_come: int

    def come(self, names: tuple[str, ...]) -> None:
        """Bring couriers on duty."""

    def open_cases(self, order_id: str) -> list[Case]:
        """Cases of an order that have not closed."""
        ...

    def hear_of_the_holder(self) -> None:
        """Let the one who was silent be heard of."""


def turn(teller: Teller) -> bool:
    """Let the turn of a story come, as soon as it can.

    Parameters
    ----------
    teller : Teller
        Who plays the story.

    Returns
    -------
    bool
        Whether it came.
    """
    do = TURNED.get(teller.variant.turn)
    return do is not None and do(teller)


def _is_late_enough(teller: Teller) -> bool:
    return teller.town.now >= teller.lost_at + FAR


def _heard_of_again(teller: Teller) -> bool:
    if teller.town.now < teller.lost_at + _SOON:
        return False
    teller.hear_of_the_holder()
    return True


def _dispatcher_decides(teller: Teller) -> bool:
    return _settle(teller, Way.NEXT_DAY)


def _dispatcher_names(teller: Teller) -> bool:
    if not _is_late_enough(teller):
        return False
    if "li" not in teller.town.whereabouts:
        teller.come(("li",))
    return _settle(teller, Way.COURIER, "li")


def _settle(teller: Teller, way: Way, courier_id: str = "") -> bool:
    if not _is_late_enough(teller):
        return False
    for case in teller.open_cases(teller.order_id):
        if case.status in _WAITING:
            with suppress(Conflict):
                teller.town.settle(case.id, way, courier_id)
                return True
    return teller.town.now >= teller.lost_at + LATER


def _next_is_lost(teller: Teller) -> bool:
    town, carrier = teller.town, teller.town.carrier(teller.order_id)
    if carrier in {"", "bo"}:
        return False
    is_after_pickup = HOLDERS[teller.variant.holder] is Custodian.COURIER
    if is_after_pickup and not _holds(teller, carrier):
        return False
    town.withdraw(carrier, ReasonCode.COURIER_ILLNESS)
    town.whereabouts.pop(carrier)
    town.work()
    teller.come(("li",))
    return True


def _holds(teller: Teller, courier_id: str) -> bool:
    return teller.town.holder(teller.order_id).holder_id == courier_id


def _brought_already(teller: Teller) -> bool:
    if not _is_late_enough(teller) or not _holds(teller, "bo"):
        return False
    teller.town.mute.discard("bo")
    # Ended otherwise meanwhile, the report gets a clear answer.
    with suppress(Conflict):
        teller.town.do(late.deliver, "bo", teller.order_id)
    return True


def _taken_up_again(teller: Teller) -> bool:
    cases = teller.town.cases(teller.order_id)
    if not cases or cases[-1].status in CASE_OPEN:
        return False
    # What was delivered stays so.
    with suppress(Conflict, Forbidden):
        teller.town.do(reopen.reopen, cases[-1].id, why="closed by mistake")
    return True


def _lies_at_the_point(teller: Teller) -> bool:
    if not _is_late_enough(teller):
        return False
    if teller.town.order(teller.order_id).status is OrderStatus.AVAILABLE_FOR_PICKUP:
        waits = {case.status for case in teller.open_cases(teller.order_id)}
        return waits == {CaseStatus.HUMAN} and _settle(teller, Way.REFUND)
    if not teller.n_come:
        teller.n_come = 1
        with suppress(Conflict):
            teller.town.choose(teller.order_id, Way.PICKUP_POINT, "point")
        teller.come(("mei",))
    return teller.town.now >= teller.lost_at + _NEVER


TURNED: dict[str, Callable[[Teller], bool]] = {
    "the holder is heard of again": _heard_of_again,
    "a dispatcher decides": _dispatcher_decides,
    "a dispatcher names the courier": _dispatcher_names,
    "the next courier is lost too": _next_is_lost,
    "it was brought already": _brought_already,
    "it is taken up again": _taken_up_again,
    "the point keeps it too long": _lies_at_the_point,
}
