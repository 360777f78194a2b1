"""Recover: open a case for every lost order, decide them together, see each through."""

from dataclasses import replace
from datetime import datetime
from typing import cast

from recourse import recovery
from recourse.flow.bonuses import Purse
from recourse.flow.consents import consent_given, consent_to, kept_wish, stands
from recourse.flow.force import put_into_force
from recourse.flow.offered import as_offered, has_slots, places_after
from recourse.flow.offers import staked_offer
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.flow.scene import scene_of
from recourse.flow.supply import dropped_before, had_before
from recourse.flow.views.choices import point_trouble
from recourse.model.assignments import Custodian, Custody
from recourse.model.cases import CASE_OPEN, Case, CaseStatus, Way
from recourse.model.commands import Command
from recourse.model.errors import Conflict, Invalid, NotFound
from recourse.model.events import (
    CustomerChose,
    DisruptionRecognised,
    Event,
)
from recourse.model.places import SiteKind
from recourse.model.ports import Record, Transaction
from recourse.recovery.signals import DispatcherChose, TimerRang

__all__ = ["choose", "decide", "hear_disruption", "offer", "ring", "settle"]


def hear_disruption(tx: Transaction, platform: Platform, event: Event) -> None:
    """Open a case for every order that a disruption took from its courier."""
    disruption = cast("DisruptionRecognised", event).disruption
    lost = (*disruption.held, *disruption.orphaned)
    known = {case.order_id: case for case in tx.open_cases(order_ids=lost)}
    found, custody = tx.orders(lost), tx.custody(lost)
    values: list[Record] = []
    events: list[Event] = []
    commands: list[Command] = []
    # Between the loss and its hearing an order may have ended, by its customer or at its door.
    for order_id in (one for one in lost if found[one].ended_at is None):
        existing = known.get(order_id)
        params = platform.params.recovery
        not_again = dropped_before if disruption.courier_id else had_before
        step = recovery.open_case(
            disruption,
            found[order_id],
            case_id=existing.id if existing else platform.ids.new("case"),
            now=platform.now(),
            params=rules_of(tx, platform, existing).recovery if existing else params,
            existing=existing,
            held_by=_held_by(custody[order_id]),
            excluded=not_again(tx, found[order_id]),
            policy=platform.policy,
        )
        values.append(step.case)
        events += step.events
        commands += step.commands
    tx.record(values, events=events, commands=commands)


def _held_by(custody: Custody) -> str:
    """The courier who holds a parcel; empty if it lies somewhere."""
    return custody.holder_id if custody.custodian is Custodian.COURIER else ""


def decide(tx: Transaction, platform: Platform, command: Command) -> None:
    """Decide every waiting case of a disruption; an overtaken command does nothing."""
    case = tx.cases([command.case_id])[command.case_id]
    if case.status is not CaseStatus.DECIDING or not _is_current(case, command):
        return
    cases = [
        one
        for one in tx.open_cases(disruption_id=case.disruption_id)
        # Cases of another policy are decided by theirs, each has a command of its own.
        if one.status is CaseStatus.DECIDING and one.policy == case.policy
    ]
    wish = recovery.Wish.from_payload(command.payload)
    wishes = {one.id: kept for one in cases if (kept := kept_wish(tx, one))}
    # Who brings one order straight has no other: it is decided by the command of its own case.
    wish = wish or next((w for id_, w in wishes.items() if id_ == case.id and _is_alone(w)), None)
    if wish is not None:
        cases, wishes = [case], {case.id: wish}
    else:
        cases = [one for one in cases if one.id not in wishes or not _is_alone(wishes[one.id])]
    scene = scene_of(tx, platform, cases, wishes=wishes)
    decided = recovery.decide(
        cases,
        scene=scene,
        world=platform.catch_up(tx),
        now=platform.now(),
        params=rules_of(tx, platform, case).recovery,
        plan_params=platform.params.repair,
        new_id=lambda: platform.ids.new("stop"),
    )
    put_into_force(tx, platform, cases, decided, scene)


def _is_alone(wish: recovery.Wish) -> bool:
    """Whether a wish is for a courier who has nothing else to do."""
    return wish.way is Way.EXPRESS


def _is_current(case: Case, command: Command) -> bool:
    """Whether a decide command asks for the decision that is due."""
    return command.key.endswith(f":{case.n_decisions}")


def offer(tx: Transaction, platform: Platform, command: Command) -> None:
    """Ask the courier a decision chose, for those of its cases that still wait for the answer."""
    offer_id = str(command.payload["offer_id"])
    case_ids = [str(one) for one in cast("list[str]", command.payload["case_ids"])]
    cases = [
        case
        for case in tx.cases(case_ids).values()
        if case.status is CaseStatus.OFFERING and case.offer_id == offer_id
    ]
    asked = {one.order_id for one in tx.offered_assignments(order_ids=[c.order_id for c in cases])}
    # One question at a time: the answer to the other one, or the case's own timer, decides anew.
    cases = [case for case in cases if case.order_id not in asked]
    if not cases:
        return
    found = tx.orders([case.order_id for case in cases])
    courier_id, ends_at = str(command.payload["courier_id"]), command.payload.get("ends_at")
    values, events, commands = staked_offer(
        tx.couriers([courier_id])[courier_id],
        [found[case.order_id] for case in cases],
        purse=Purse(tx, platform),
        offer_id=offer_id,
        offer_s=rules_of(tx, platform, cases[0]).recovery.offer_s,
        ends_at=datetime.fromisoformat(str(ends_at)) if ends_at else None,
        fixed_cents=cast("int", command.payload["bonus_cents"]),
        case_ids=[case.id for case in cases],
    )
    tx.record(values, events=events, commands=commands)


def ring(tx: Transaction, platform: Platform, command: Command) -> None:
    """Let a case hear one of its timers."""
    case = tx.cases([command.case_id])[command.case_id]
    rang = TimerRang(
        at=platform.now(),
        case_id=case.id,
        name=str(command.payload["timer"]),
        number=cast("int", command.payload["number"]),
    )
    _advance(tx, platform, case, rang)


def _advance(tx: Transaction, platform: Platform, case: Case, event: Event) -> Case:
    """Take a case one step and record it, if it moved."""
    params = rules_of(tx, platform, case).recovery
    step = recovery.advance(case, event, now=platform.now(), params=params)
    if step.case is not case:
        tx.record([step.case], events=step.events, commands=step.commands, dropped=step.dropped)
    return step.case


def choose(
    tx: Transaction,
    platform: Platform,
    order_id: str,
    *,
    way: Way,
    site_id: str = "",
    slot_at: datetime | None = None,
    price_cents: int = 0,
) -> Case:
    """Take a customer's choice, with the consent it means; the same choice again changes nothing.

    A slot is picked by when it begins, and a direct ride by the price that was shown for it.

    Returns
    -------
    Case
        The case, deciding with the wish.

    Raises
    ------
    Invalid
        If a pickup point is chosen without naming one we know.
    Conflict
        If there is nothing to choose any more, the point is closed or full, the slot is gone, or
        nobody is free for a direct ride at that price: the answer says how it stands.
    """
    case = next(iter(tx.open_cases(order_ids=[order_id])), None)
    latest = case or next(reversed(tx.cases_of(order_id)), None)
    if latest is not None and stands(tx, latest, way=way, site_id=site_id, slot_at=slot_at):
        return latest
    if case is None:
        raise Conflict(rule="nothing_to_choose", detail="the delivery is on its way as promised")
    _must_be_possible(tx, case, way)
    values: list[Record] = []
    chose = CustomerChose(at=platform.now(), order_id=order_id, way=way.value, site_id=site_id)
    chose = as_offered(tx, platform, case, chose, slot_at=slot_at, price_cents=price_cents)
    events: list[Event] = [chose]
    if has_slots(tx, platform, case):
        values += places_after(tx, platform, chose)
    if way is Way.PICKUP_POINT:
        _must_have_room(tx, platform, site_id)
        if all(one.site_id != site_id for one in tx.consents(order_id)):
            consent = consent_to(platform, order_id, site_id=site_id, source="choice")
            values.append(consent)
            events.append(consent_given(consent))
    order = tx.orders([order_id])[order_id]
    if order.not_before_at is not None:
        # Whatever is chosen now, the slot that was picked before holds no longer.
        values.append(replace(order, not_before_at=None))
    params = rules_of(tx, platform, case).recovery
    step = recovery.advance(case, chose, now=platform.now(), params=params)
    if step.case is case:
        how = "a courier is being asked: try again in a minute"
        if case.status is not CaseStatus.OFFERING:
            how = f"it is {case.status.value} already; call us"
        raise Conflict(rule="too_late_to_choose", detail=how)
    tx.record(
        [*values, step.case],
        events=[*events, *step.events],
        commands=step.commands,
        dropped=step.dropped,
    )
    return step.case


def settle(
    tx: Transaction, platform: Platform, case_id: str, *, way: Way, courier_id: str = ""
) -> Case:
    """Take a dispatcher's word on a case.

    Returns
    -------
    Case
        The case, deciding with the word.

    Raises
    ------
    NotFound
        If there is no such case.
    Conflict
        If the case does not wait for anybody's word.
    """
    case = tx.cases([case_id]).get(case_id)
    if case is None:
        raise NotFound(kind="case", id=case_id)
    if case.status not in CASE_OPEN:
        raise Conflict(rule="case_closed", detail=f"it closed as {case.outcome}")
    _must_be_possible(tx, case, way)
    word = DispatcherChose(at=platform.now(), case_id=case_id, way=way, courier_id=courier_id)
    after = _advance(tx, platform, case, word)
    if after is case:
        raise Conflict(
            rule="case_not_waiting", detail=f"it is {case.status.value}: somebody acts on it"
        )
    return after


def _must_have_room(tx: Transaction, platform: Platform, site_id: str) -> None:
    """Refuse a pickup point that we do not know, that is closed, or that is full."""
    site = tx.sites([site_id]).get(site_id)
    if site is None or site.kind is not SiteKind.POINT:
        raise Invalid(field="site_id", why="name one of the points that were proposed")
    trouble = point_trouble(platform, site, n_stored=tx.stored().get(site_id, 0))
    if trouble:
        raise Conflict(rule=f"point_is_{trouble}", detail=f"{site.name} is {trouble}; choose again")


def _must_be_possible(tx: Transaction, case: Case, way: Way) -> None:
    """Refuse what cannot be done from where the parcel is."""
    held = tx.custody([case.order_id])[case.order_id]
    if held.custodian is Custodian.POINT and way is not Way.REFUND:
        raise Conflict(
            rule="lies_at_point",
            detail="it lies at the pickup point: it is fetched there, or the money goes back",
        )
