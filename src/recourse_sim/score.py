"""This file knows what a day was worth: counted from the truth and from what the platform recorded.

Nothing here trusts a figure that the platform computed. Losses of couriers come from the
simulator's own truth, deliveries from the hands parcels were put into; from the platform come only
facts of its log (who was assigned when, what the customer was told), each with its time.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from recourse_sim.hazards import Cause
from recourse_sim.hours import Day
from recourse_sim.truth import Truth

__all__ = ["ENTERED", "Duty", "Loss", "OrderFile", "losses_of", "open_files", "perceived_cancel"]

ACCOUNTABLE_WITHIN_S = 1_800
"""A customer who has no new accountable promise so long after the loss perceives a cancel."""

ENTERED = (
    *("assignment.began", "assignment.ended", "case.decided", "case.opened"),
    *("notice.sent", "offer.made", "order.ended", "promise.made"),
)
"""The facts that are entered into the files of orders; a log is mostly others."""

# The log keeps microseconds, the simulator floats: what one request caused is one moment.
_SAME_MOMENT_S = 1.0
_NO_SERVICE = frozenset({"canceled", "failed", "expired", "lost", "returned"})
_GIVEN_UP = frozenset({"next_day", "refunded"})
_TAKEN_AWAY = frozenset({"withdrawn", "revoked", "lapsed"})


@dataclass(slots=True)
class Duty:
    """One courier's time of being accountable for one order.

    Attributes
    ----------
    courier_id : str
        Who.
    began_s, ended_s : float
        From when to when, seconds after local midnight.
    arrival_s : float
        When the customer should have it, as it was planned.
    status : str
        How it ended; empty while it lasts.
    """

    courier_id: str
    began_s: float
    arrival_s: float
    ended_s: float = inf
    status: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """The moment at which an order had nobody who would bring it.

    Attributes
    ----------
    courier_id : str
        Who was lost.
    at_s : float
        When, seconds after local midnight.
    cause : str
        Why, as it truly was; ``"taken_away"`` when the platform took the order off a courier.
    """

    courier_id: str
    at_s: float
    cause: str


@dataclass(slots=True)
class OrderFile:
    """Everything about one order, in seconds after local midnight.

    Attributes
    ----------
    order_id : str
        Which.
    latest_s : float
        End of the first promise; it never changes.
    duties : list of Duty
        Who was accountable when.
    promises : list of (float, float)
        New windows: when told, and their ends.
    notices : list of (float, str, float)
        What the customer was told: when, kind, and the end of the window it names (or infinite).
    offers : list of (float, str)
        Whom it was offered to, and when.
    ways : list of str
        Ways out that were decided, in order.
    ended : tuple of (float, str, str) or None
        When it ended, how, and by whom.
    case_s : float
        When a case was first opened; infinite without one.
    done_s : float
        When the customer had it, or it lay at a point they had agreed to; infinite if never.
    """

    order_id: str
    latest_s: float = inf
    duties: list[Duty] = field(default_factory=list)
    promises: list[tuple[float, float]] = field(default_factory=list)
    notices: list[tuple[float, str, float]] = field(default_factory=list)
    offers: list[tuple[float, str]] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    ended: tuple[float, str, str] | None = None
    case_s: float = inf
    done_s: float = inf

    @property
    def is_on_time(self) -> bool:
        """Whether the first promise was kept."""
        return self.done_s <= self.latest_s


def open_files(events: Iterable[dict[str, Any]], truth: Truth, day: Day) -> dict[str, OrderFile]:
    """Sort the platform's log by order.

    Parameters
    ----------
    events : iterable of dict
        The log as the API gives it, in order.
    truth : Truth
        Deliveries come from here.
    day : Day
        Calendar.

    Returns
    -------
    dict of str to OrderFile
        One for every order that was posted.
    """
    files = {
        order_id: OrderFile(order_id, plan.latest_s) for order_id, plan in truth.orders.items()
    }
    duties: dict[str, Duty] = {}
    for event in events:
        _enter(event, files, duties, day)
    for order_id, one in files.items():
        one.done_s = min(truth.delivered_s.get(order_id, inf), truth.at_point_s.get(order_id, inf))
    return files


def _enter(  # noqa: PLR0912 - one branch for each kind of event
    event: dict[str, Any], files: dict[str, OrderFile], duties: dict[str, Duty], day: Day
) -> None:
    """Enter one event into the file of its order."""
    data, name = event["data"], event["name"]
    if name == "offer.made":
        for order_id in data["order_ids"]:
            if order_id in files:
                files[order_id].offers.append((day.seconds(event["at"]), data["courier_id"]))
        return
    one = files.get(data.get("order_id") or "")
    if one is None:
        return
    at_s = day.seconds(event["at"])
    match name:
        case "assignment.began":
            duty = Duty(data["courier_id"], at_s, day.seconds(data["arrival_at"]))
            duties[data["assignment_id"]] = duty
            one.duties.append(duty)
        case "assignment.ended":
            ended = duties.get(data["assignment_id"])
            if ended is not None:
                ended.ended_s, ended.status = at_s, data["status"]
        case "promise.made":
            one.promises.append((at_s, day.seconds(data["promise"]["latest_at"])))
        case "notice.sent":
            latest = data.get("latest_at")
            one.notices.append((at_s, data["kind"], day.seconds(latest) if latest else inf))
        case "case.opened":
            one.case_s = min(one.case_s, at_s)
        case "case.decided":
            one.ways.append(data["decision"]["option"]["way"])
        case "order.ended":
            one.ended = (at_s, data["status"], data["actor"])
        case _:
            pass


def losses_of(one: OrderFile, truth: Truth) -> list[Loss]:
    """When an order lost its courier, in order of time.

    A courier is lost to an order when they drop out while accountable for it, or become accountable
    while they are out; when they give up this one order; or when the platform takes it away. Who
    was only silent, and then brought it within its promise, was never lost to it.

    Parameters
    ----------
    one : OrderFile
        Which order.
    truth : Truth
        Who dropped out when.

    Returns
    -------
    list of Loss
        At most one for each duty.
    """
    found = []
    for duty in one.duties:
        until_s = min(duty.ended_s if duty.status == "completed" else inf, one.done_s)
        chances = [
            Loss(duty.courier_id, max(duty.began_s, spell.from_s), spell.cause.value)
            for spell in truth.spells
            if spell.courier_id == duty.courier_id
            and not (spell.cause is Cause.SILENCE and duty.status == "completed" and one.is_on_time)
            and spell.from_s < min(until_s, duty.ended_s)
            and spell.until_s > duty.began_s
        ]
        chances += [
            Loss(duty.courier_id, drop.at_s, drop.cause.value)
            for drop in truth.drops
            if drop.courier_id == duty.courier_id
            and drop.order_id == one.order_id
            and duty.began_s <= drop.at_s <= duty.ended_s + _SAME_MOMENT_S
        ]
        if not chances and duty.status in _TAKEN_AWAY and duty.ended_s < one.done_s:
            chances.append(Loss(duty.courier_id, duty.ended_s, "taken_away"))
        chances = [loss for loss in chances if loss.at_s < until_s]
        if chances:
            found.append(min(chances, key=lambda loss: loss.at_s))
    return sorted(found, key=lambda loss: loss.at_s)


def new_courier_s(one: OrderFile, loss: Loss, truth: Truth) -> float:
    """Seconds from a loss until another courier was accountable; infinite if never."""
    times = [
        max(0.0, duty.began_s - loss.at_s)
        for duty in one.duties
        if duty.began_s >= loss.at_s - _SAME_MOMENT_S
        and not _is_out(truth, duty.courier_id, duty.began_s)
        and not (duty.courier_id == loss.courier_id and duty.began_s <= loss.at_s)
    ]
    return min(times, default=inf)


def _is_out(truth: Truth, courier_id: str, at_s: float) -> bool:
    return any(s.courier_id == courier_id and s.from_s <= at_s < s.until_s for s in truth.spells)


def perceived_cancel(one: OrderFile, losses: list[Loss], truth: Truth) -> tuple[str, float]:
    """Why and when the customer perceived a cancel. Counted once per order.

    Parameters
    ----------
    one : OrderFile
        Which order.
    losses : list of Loss
        When it lost its courier.
    truth : Truth
        Who was out when.

    Returns
    -------
    tuple of str and float
        ``"service"``: the order ended without delivery. ``"window"``: the customer was told, or saw
        on the page, a window or arrival later than the promise. ``"silence"``: for half an hour
        after the loss nobody was accountable. Empty: none of these before the customer had the
        order. And the moment, in seconds after local midnight; infinite for none.
    """
    if one.ended is not None and _is_lost_service(one, has_losses=bool(losses)):
        return "service", one.ended[0]
    later = [at_s for at_s, latest_s in _windows_told(one, losses) if latest_s > one.latest_s]
    if later:
        return "window", min(later)
    for loss in losses:
        new_s = min(new_courier_s(one, loss, truth), one.done_s - loss.at_s)
        promised = (at_s - loss.at_s for at_s, _ in one.promises if at_s >= loss.at_s)
        if min(new_s, min(promised, default=inf)) > ACCOUNTABLE_WITHIN_S:
            return "silence", loss.at_s + ACCOUNTABLE_WITHIN_S
    return "", inf


def _windows_told(one: OrderFile, losses: list[Loss]) -> list[tuple[float, float]]:
    """Windows of which the customer knew before delivery: when, and where they end.

    A new promise counts at any time. A notice that names a later time, and the arrival on the page
    of a courier, count once a courier was lost: before that they speak of traffic, not of a cancel.

    Returns
    -------
    list of tuple
        When the customer knew, and the end of the window.
    """
    first_s = losses[0].at_s if losses else inf
    told = list(one.promises)
    told += [
        (at_s, inf if kind in _GIVEN_UP else latest_s)
        for at_s, kind, latest_s in one.notices
        if kind in _GIVEN_UP or (at_s >= first_s and latest_s < inf)
    ]
    told += [(duty.began_s, duty.arrival_s) for duty in one.duties if duty.began_s >= first_s]
    return [(at_s, latest_s) for at_s, latest_s in told if at_s < one.done_s]


def _is_lost_service(one: OrderFile, *, has_losses: bool) -> bool:
    """Whether the order ended without delivery, and not by the free will of the customer."""
    if one.ended is None or one.done_s < inf:
        return False
    _, status, actor = one.ended
    return status in _NO_SERVICE and (has_losses or actor != "customer")


def causes(losses: dict[str, list[Loss]]) -> dict[str, int]:
    """How many orders were lost by each cause."""
    counts: dict[str, int] = defaultdict(int)
    for found in losses.values():
        for loss in found:
            counts[loss.cause] += 1
    return {
        cause: counts[cause] for cause in (*(c.value for c in Cause), "taken_away") if counts[cause]
    }
