"""Disrupt: a signal becomes a disruption: duties end, orders look for another way, at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from recourse import disruption, tracking
from recourse.flow.meetings import call_off
from recourse.flow.offers import revoke
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.flow.roster import fatigue_timer, find_courier, silence_timer_at
from recourse.model.assignments import Custody
from recourse.model.commands import Command
from recourse.model.couriers import ON_DUTY, Courier, CourierState
from recourse.model.errors import Invalid, NotFound
from recourse.model.events import (
    CourierMoved,
    CourierWentSilent,
    CourierWithdrew,
    DisruptionRecognised,
    Event,
)
from recourse.model.places import Place
from recourse.model.ports import Record, Transaction
from recourse.model.reasons import Actor, ReasonCode

__all__ = ["break_off", "miss_shift", "reach_limit", "withdraw", "withdraw_stop"]


def withdraw(
    tx: Transaction,
    platform: Platform,
    courier_id: str,
    *,
    code: ReasonCode,
    order_ids: tuple[str, ...] = (),
    note: str = "",
    place: Place | None = None,
    actor: str = Actor.COURIER.value,
) -> Courier:
    """Take a courier's word that they drop some or all of their orders; no order ends by it.

    Returns
    -------
    Courier
        As they can be counted on now.

    Raises
    ------
    NotFound
        If the courier does not exist, or does not carry an order that is named.
    """
    courier = find_courier(tx, courier_id)
    carried = {a.order_id for a in tx.live_assignments(courier_id=courier_id)}
    for order_id in order_ids:
        if order_id not in carried:
            raise NotFound(kind="assignment", id=f"{courier_id}/{order_id}")
    signal = CourierWithdrew(
        at=platform.now(),
        courier_id=courier_id,
        code=code,
        actor=actor,
        order_ids=order_ids,
        place=place,
        note=note,
    )
    return break_off(tx, platform, signal, courier=courier)


def break_off(
    tx: Transaction,
    platform: Platform,
    signal: CourierWithdrew | CourierWentSilent,
    *,
    courier: Courier | None = None,
) -> Courier:
    """Act on a signal: the courier's state, the ended duties, the stripped route, one record."""
    now = platform.now()
    courier = courier or find_courier(tx, signal.courier_id)
    after, moved = disruption.courier_after(signal, courier=courier, now=now)
    assignments = tx.live_assignments(courier_id=courier.id)
    order_ids = [a.order_id for a in assignments]
    custody = tx.custody(order_ids)
    kept = _kept(tx, platform, signal, custody) if isinstance(signal, CourierWentSilent) else {}
    broken_by = disruption.recognise(
        signal,
        courier=courier,
        assignments=assignments,
        custody=custody,
        progress=tx.progress([courier.id]).get(courier.id),
        now=now,
        disruption_id=platform.ids.new("disruption"),
        params=platform.params.disruption,
        kept=kept,
    )
    values: list[Record] = []
    events: list[Event] = [signal, *moved]
    route = tx.routes([courier.id])[courier.id]
    stripped = None
    if broken_by is not None:
        broken = disruption.end_assignments(
            broken_by,
            assignments=assignments,
            orders=tx.orders(order_ids),
            custody=custody,
            route=route,
            now=now,
        )
        stripped = broken.route
        values += [*broken.assignments, *broken.orders]
        lost = (*broken_by.orphaned, *broken_by.held)
        off, told = call_off(tx, platform, route, lost)
        values += off
        events += [*broken.events, *told, DisruptionRecognised(at=now, disruption=broken_by)]
    looks: list[Command] = []
    if after is not courier:
        values.append(_off_the_clock(after, courier, platform))
        closed, told, looks = revoke(tx, platform, courier.id)
        values += closed
        events += told
    if after is not courier or stripped is not None:
        # Written even if no stop was lost, so that every reader of routes sees the courier anew.
        values.append(stripped or platform.touch(route))
    timers = [silence_timer_at(courier.id, min(kept.values()), is_once=True)] if kept else []
    record(tx, platform, values, events=events, commands=[*timers, *looks])
    return after


def _kept(
    tx: Transaction,
    platform: Platform,
    signal: CourierWentSilent,
    custody: Mapping[str, Custody],
) -> dict[str, datetime]:
    """What a silent courier keeps for now, and until when; the baselines have no such patience."""
    if platform.params.recovery.policy != "recourse":
        return {}
    until = {
        order.id: disruption.stays_until(
            order,
            is_in_hand=custody[order.id].holder_id == signal.courier_id,
            pinged_at=signal.pinged_at,
            params=platform.params.disruption,
        )
        for order in tx.orders(list(custody)).values()
    }
    return {order_id: at for order_id, at in until.items() if at > signal.at}


def _off_the_clock(after: Courier, before: Courier, platform: Platform) -> Courier:
    """The courier with the hours worked so far, if the duty ended."""
    if after.state in ON_DUTY or before.duty_since_at is None:
        return after
    spell_s = int((platform.now() - before.duty_since_at).total_seconds())
    return replace(after, worked_s=before.worked_s + spell_s, duty_since_at=None)


def withdraw_stop(tx: Transaction, platform: Platform, command: Command) -> None:
    """Make orphans of the orders whose stop could not be done, if the courier still has them."""
    wanted = command.payload["order_ids"]
    if not isinstance(wanted, list):
        raise Invalid(field="order_ids", why="must be a list")
    carried = {a.order_id for a in tx.live_assignments(courier_id=command.courier_id)}
    left = tuple(str(order_id) for order_id in wanted if order_id in carried)
    if left:
        withdraw(
            tx,
            platform,
            command.courier_id,
            code=ReasonCode(str(command.payload["code"])),
            order_ids=left,
            actor=str(command.payload["actor"]),
            note=str(command.payload.get("note", "")),
        )


def miss_shift(tx: Transaction, platform: Platform, command: Command) -> None:
    """Recognise that a courier who should have come has not."""
    courier = find_courier(tx, command.courier_id)
    params = platform.params.disruption
    if disruption.has_missed_shift(courier, now=platform.now(), params=params):
        withdraw(
            tx,
            platform,
            courier.id,
            code=ReasonCode.COURIER_NO_SHOW,
            actor=Actor.PLATFORM.value,
            note="did not come on duty",
        )


def reach_limit(tx: Transaction, platform: Platform, command: Command) -> None:
    """Act on hours worked: propose rest at the first limit, take the load at the last."""
    courier = find_courier(tx, command.courier_id)
    now = platform.now()
    wanted = tracking.duty_state(courier, now=now, params=platform.params.hours)
    if courier.state not in ON_DUTY or wanted is courier.state:
        return
    if wanted is CourierState.REST_REQUIRED:
        withdraw(
            tx,
            platform,
            courier.id,
            code=ReasonCode.COURIER_FATIGUE_LIMIT,
            actor=Actor.PLATFORM.value,
            note="the limit of hours is reached",
        )
        return
    told = CourierMoved(at=now, courier_id=courier.id, was=courier.state, now=wanted)
    warned = replace(courier, state=wanted, state_since_at=now)
    record(tx, platform, [warned], events=[told], commands=fatigue_timer(platform, courier))
