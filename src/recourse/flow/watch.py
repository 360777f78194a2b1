"""Watch: shortly before a promise ends, tell the customer if it will not be kept."""

from dataclasses import replace
from datetime import datetime, timedelta

from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.orders import ORDER_ENDS, Order, OrderStatus
from recourse.model.ports import Transaction
from recourse.model.redress import NoticeKind
from recourse.model.routes import StopStatus

__all__ = ["is_about_to_end", "may_be_late", "watch", "watch_timer"]

# Much can be put right before that; a notice that speaks of trouble too early is one too many.
_LEAD = timedelta(minutes=20)
_LAST_LOOK = timedelta(seconds=75)
_THERE = ORDER_ENDS | {OrderStatus.AVAILABLE_FOR_PICKUP}
# An arrival that close to the end of the promise is as likely late as not.
_MARGIN = timedelta(minutes=1)
# One notice for every so many minutes that the expected arrival moves.
_STEP_S = 1_800


def is_about_to_end(latest_at: datetime, *, now: datetime) -> bool:
    """Whether a promise ends so soon that its customer is told of a delay at once."""
    return latest_at - now <= _LEAD


def watch_timer(order: Order) -> Command:
    """Return the timer that looks at an order shortly before its promise ends."""
    return Command(
        key=f"watch/{order.id}",
        name="watch",
        due_at=max(order.created_at, order.promise.latest_at - _LEAD),
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

    The first look asks whether the expected arrival is late; the last one, a moment before the
    end, speaks up for everything that is not at the door, or not handed over there in time.
    """
    order = tx.orders([command.order_id])[command.order_id]
    if order.status in _THERE or order.promise.number > 1:
        return
    if tx.open_cases(order_ids=[order.id]):
        return
    is_last = bool(command.payload.get("is_last"))
    expected_at = _expected_at(tx, platform, order)
    commands = []
    is_at_door = order.status is OrderStatus.DROPOFF_ARRIVED
    margin = timedelta() if is_at_door else _MARGIN
    if (is_last and not is_at_door) or expected_at + margin > order.promise.latest_at:
        late_at = max(expected_at, order.promise.latest_at)
        commands.append(may_be_late(platform, order.id, expected_at=late_at))
    elif not is_last:
        commands.append(
            replace(
                watch_timer(order),
                key=f"watch/{order.id}/last",
                due_at=order.promise.latest_at - _LAST_LOOK,
                payload={"is_last": True},
            )
        )
    tx.record(commands=commands)


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
