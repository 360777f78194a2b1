"""Watch: shortly before a promise ends, tell the customer if it will not be kept."""

from datetime import datetime, timedelta
from typing import cast

from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.orders import ORDER_ENDS, Order, OrderStatus
from recourse.model.ports import Transaction
from recourse.model.redress import NoticeKind
from recourse.model.routes import StopStatus

__all__ = ["is_worth_telling", "may_be_late", "watch", "watch_timer"]

# Much can be put right before that; a notice that speaks of trouble too early is one too many.
_LEAD = timedelta(minutes=20)
# From then on an arrival is known to within a minute or two; before it, only one far too late is.
_NEAR = timedelta(minutes=8)
_LAST_LOOK = timedelta(seconds=75)
_LOOKS = (_LEAD, _NEAR, _LAST_LOOK)
_THERE = ORDER_ENDS | {OrderStatus.AVAILABLE_FOR_PICKUP}
# An arrival that close to the end of the promise is as likely late as not.
_MARGIN = timedelta(minutes=1)
_FAR_TOO_LATE = timedelta(minutes=5)
# One notice for every so many minutes that the expected arrival moves.
_STEP_S = 1_800


def is_worth_telling(expected_at: datetime, latest_at: datetime, *, now: datetime) -> bool:
    """Whether a customer is told now that an arrival is expected after the promise ends.

    Returns
    -------
    bool
        False while there is time to see whether it comes in time after all.
    """
    left = latest_at - now
    if left > _LEAD:
        return False
    return expected_at > latest_at + (_FAR_TOO_LATE if left > _NEAR else -_MARGIN)


def watch_timer(order: Order, *, look: int = 0) -> Command:
    """Return the timer that looks at an order before its promise ends; `look` counts from 0."""
    return Command(
        key=f"watch/{order.id}" + (f"/{look}" if look else ""),
        name="watch",
        due_at=max(order.created_at, order.promise.latest_at - _LOOKS[look]),
        payload={"look": look},
        order_id=order.id,
    )


def may_be_late(platform: Platform, order_id: str, *, expected_at: datetime) -> Command:
    """Return the command that tells a customer of a delay before the promise breaks."""
    return Command(
        key=f"late/{order_id}/{int(expected_at.timestamp()) // _STEP_S}",
        name="notice",
        due_at=platform.now(),
        payload={
            "kind": NoticeKind.MAY_BE_LATE.value,
            "expected_at": expected_at.isoformat(),
        },
        order_id=order_id,
    )


def watch(tx: Transaction, platform: Platform, command: Command) -> None:
    """Tell the customer if the promise is about to break; a case tells its own.

    The first look speaks of an arrival that is far too late, the second one of any; the last one, a
    moment before the end, of everything that is not at the door, or not handed over in time.
    """
    order = tx.orders([command.order_id])[command.order_id]
    if order.status in _THERE or order.promise.number > 1:
        return
    if tx.open_cases(order_ids=[order.id]):
        return
    look = _look_of(command)
    latest_at = order.promise.latest_at
    expected_at = _expected_at(tx, platform, order)
    is_last = look == len(_LOOKS) - 1
    if order.status is OrderStatus.DROPOFF_ARRIVED:
        is_told = expected_at > latest_at
    else:
        is_told = is_last or is_worth_telling(expected_at, latest_at, now=platform.now())
    if is_told:
        late_at = max(expected_at, latest_at)
        tx.record(commands=[may_be_late(platform, order.id, expected_at=late_at)])
    elif not is_last:
        tx.record(commands=[watch_timer(order, look=look + 1)])


def _look_of(command: Command) -> int:
    """Which look a timer stands for; those stored by older versions knew two of them."""
    usual = len(_LOOKS) - 1 if command.payload.get("is_last") else 0
    return cast("int", command.payload.get("look", usual))


def _expected_at(tx: Transaction, platform: Platform, order: Order) -> datetime:
    """When the order will be at the door by its route; after the promise if nobody has it.

    Once the courier stands there it is when the parcel will have been handed over.

    Returns
    -------
    datetime
        No earlier than now.
    """
    nobody_at = order.promise.latest_at + timedelta(seconds=_STEP_S)
    duties = tx.live_assignments(order_ids=[order.id])
    if not duties:
        return nobody_at
    courier_id = duties[0].courier_id
    seen = tx.progress([courier_id]).get(courier_id)
    delay = timedelta(seconds=max(seen.delay_s, 0) if seen else 0)
    stops = tx.routes([courier_id])[courier_id].stops
    mine = [stop for stop in stops if order.id in stop.order_ids]
    if not mine:
        return nobody_at
    door = mine[-1]
    if door.status is StopStatus.STARTED:
        delay = timedelta(seconds=door.service_s)
    return max(door.arrival_at + delay, platform.now())
