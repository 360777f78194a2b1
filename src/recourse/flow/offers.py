"""Offers: ask a courier, and take the answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recourse import planning
from recourse.flow.bonuses import Purse, give_back, promise
from recourse.flow.demands import demands_of
from recourse.flow.meetings import arrange
from recourse.flow.moves import move_courier
from recourse.flow.platform import Platform
from recourse.flow.recording import record
from recourse.flow.release import answer, end_questions
from recourse.flow.routing import changed
from recourse.model.assignments import (
    ASSIGNMENT_MOVES,
    Assignment,
    AssignmentStatus,
    Offer,
    OfferStatus,
)
from recourse.model.commands import Command
from recourse.model.couriers import Courier, CourierState
from recourse.model.errors import CannotPlan, Conflict, NotFound
from recourse.model.events import (
    AssignmentBegan,
    AssignmentOffered,
    Event,
    OfferMade,
)
from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import Record, Transaction
from recourse.model.reasons import ReasonCode
from recourse.model.routes import Route
from recourse.model.states import check_move
from recourse.orders import move_order
from recourse.planning import PlanParams

__all__ = ["accept", "decline", "expire", "make_offer", "new_offer", "revoke", "staked_offer"]


def new_offer(
    platform: Platform,
    courier_id: str,
    order_ids: Sequence[str],
    *,
    offer_s: int,
    offer_id: str = "",
    bonus_cents: int = 0,
    overtime_s: int = 0,
    case_ids: Sequence[str] = (),
) -> tuple[Offer, list[Record], list[Event], list[Command]]:
    """Return a new open offer with its assignments in question, its events and its expiry timer.

    Returns
    -------
    tuple of Offer, list of Record, list of Event and list of Command
        The offer, and what is to be recorded of it; `bonus_cents` goes with each of its orders.
    """
    now = platform.now()
    offer = Offer(
        id=offer_id or platform.ids.new("offer"),
        courier_id=courier_id,
        order_ids=tuple(order_ids),
        status=OfferStatus.OPEN,
        made_at=now,
        deadline_at=now + timedelta(seconds=offer_s),
        pay_cents=platform.params.dispatch.pay_cents * len(order_ids),
        bonus_cents=bonus_cents * len(order_ids),
        case_ids=tuple(case_ids),
    )
    made = OfferMade(
        at=now,
        offer_id=offer.id,
        courier_id=courier_id,
        order_ids=offer.order_ids,
        deadline_at=offer.deadline_at,
        pay_cents=offer.pay_cents,
        bonus_cents=offer.bonus_cents,
        overtime_s=overtime_s,
    )
    values: list[Record] = [offer]
    events: list[Event] = [made]
    for order_id in order_ids:
        asked = Assignment(
            id=platform.ids.new("assignment"),
            order_id=order_id,
            courier_id=courier_id,
            status=AssignmentStatus.OFFERED,
            began_at=now,
            offer_id=offer.id,
            bonus_cents=bonus_cents,
        )
        values.append(asked)
        events.append(
            AssignmentOffered(
                at=now,
                assignment_id=asked.id,
                order_id=order_id,
                courier_id=courier_id,
                offer_id=offer.id,
            )
        )
    expiry = Command(
        key=f"offer/{offer.id}/expiry",
        name="expire",
        due_at=offer.deadline_at,
        payload={"offer_id": offer.id},
        courier_id=courier_id,
    )
    return offer, values, events, [expiry]


def make_offer(
    tx: Transaction,
    courier: Courier,
    wanted: Sequence[Order],
    *,
    route: Route,
    purse: Purse,
) -> None:
    """Ask a courier, who would ride like `route`, to carry orders for the first time."""
    values, events, commands = staked_offer(
        courier,
        wanted,
        purse=purse,
        offer_s=purse.platform.params.dispatch.offer_s,
        ends_at=route.ends_at,
    )
    record(tx, purse.platform, values, events=events, commands=commands)


def staked_offer(
    courier: Courier,
    wanted: Sequence[Order],
    *,
    purse: Purse,
    offer_s: int,
    ends_at: datetime | None,
    offer_id: str = "",
    fixed_cents: int = 0,
    case_ids: Sequence[str] = (),
) -> tuple[list[Record], list[Event], list[Command]]:
    """Return a new open offer with the bonus of its stage.

    Returns
    -------
    tuple of list of Record, list of Event and list of Command
        To be recorded. Where nobody set a budget `fixed_cents` go with each of its orders. The
        courier is told how far past their shift they would be at `ends_at`, when all is done.
    """
    stake = purse.stake(courier.id, wanted)
    over_s = 0.0 if ends_at is None else (ends_at - courier.shift_end_at).total_seconds()
    _, values, events, commands = new_offer(
        purse.platform,
        courier.id,
        [order.id for order in wanted],
        offer_s=offer_s,
        offer_id=offer_id,
        bonus_cents=fixed_cents if stake is None else stake.each_cents,
        overtime_s=max(0, int(over_s)),
        case_ids=case_ids,
    )
    if stake is not None:
        asked = [one for one in values if isinstance(one, Assignment)]
        taken, told = purse.take(stake, {order.id: order for order in wanted}, asked)
        values, events = [*values, *taken], [*events, *told]
    return values, events, commands


def _params_of(platform: Platform, offer: Offer) -> PlanParams:
    """The prices at which it was decided whom to ask: others would find it another place."""
    repair = platform.params.repair
    if offer.case_ids:
        return repair
    # What was asked may run past the shift, and the shift runs on until somebody says yes.
    return replace(platform.params.first, overtime_s=repair.overtime_s)


def _open(tx: Transaction, offer_id: str) -> Offer:
    """Return an offer that must be open."""
    offer = tx.offers([offer_id]).get(offer_id)
    if offer is None:
        raise NotFound(kind="offer", id=offer_id)
    if offer.status is not OfferStatus.OPEN:
        raise Conflict(rule="offer_not_open", detail=f"it is {offer.status.value}")
    return offer


def accept(tx: Transaction, platform: Platform, offer_id: str) -> tuple[Offer, Route]:
    """Take a yes: the orders join the route, and the courier is accountable for them.

    Returns
    -------
    tuple of Offer and Route
        The answered offer, and the route with its orders.

    Raises
    ------
    Conflict
        If the offer is no longer open.
    CannotPlan
        If the courier's state changed so that it can no longer be carried at all.
    """
    offer = _open(tx, offer_id)
    now = platform.now()
    found = tx.orders(offer.order_ids)
    demands = demands_of(tx, platform, [found[order_id] for order_id in offer.order_ids])
    placement = planning.place_met(
        platform.catch_up(tx),
        demands,
        now=now,
        params=_params_of(platform, offer),
        courier_ids=[offer.courier_id],
        max_late_s=platform.params.dispatch.max_late_s * 4,
        ids=lambda: platform.ids.new("stop"),
    )
    if placement.unplaced:
        lost = placement.rejections[placement.unplaced[0]]
        raise CannotPlan(
            constraint=lost[0].loss.value if lost else "no_route",
            order_id=placement.unplaced[0],
            courier_id=offer.courier_id,
        )
    mine = {offer.courier_id: placement.insertions[-1].route}
    routes: dict[str, Route] = {}
    events: list[Event] = []
    for courier_id, planned in arrange(tx, platform, mine).items():
        why = "offer accepted" if courier_id == offer.courier_id else "meeting"
        routes[courier_id], told = changed(platform, planned, planned.stops, why=why)
        events += told
    arrival_at = {i.order_id: i.arrival_at for i in placement.insertions}
    features = platform.features_of(tx, offer.courier_id)
    accepted, answered = answer(platform, offer, OfferStatus.ACCEPTED)
    open_now = tx.offered_assignments(order_ids=offer.order_ids)
    mine_asked = [one for one in open_now if one.offer_id == offer.id]
    values: list[Record] = [accepted, *promise(tx, offer, mine_asked)]
    for asked in mine_asked:
        check_move(ASSIGNMENT_MOVES, at=asked.status, to=AssignmentStatus.ACTIVE)
        values.append(replace(asked, status=AssignmentStatus.ACTIVE, accepted_at=now))
        began = AssignmentBegan(
            at=now,
            assignment_id=asked.id,
            order_id=asked.order_id,
            courier_id=asked.courier_id,
            offer_id=offer.id,
            arrival_at=arrival_at[asked.order_id],
            features=features,
        )
        moved, more = move_order(found[asked.order_id], OrderStatus.ASSIGNED, now=now)
        values.append(moved)
        events += [began, *more]
    courier = tx.couriers([offer.courier_id])[offer.courier_id]
    if courier.state is CourierState.IDLE and routes[courier.id].stops:
        under_way, told = move_courier(courier, CourierState.ACTIVE, now=now)
        values.append(under_way)
        events += told
    record(
        tx,
        platform,
        [*values, *routes.values()],
        events=[*events, answered],
        dropped=[f"offer/{offer.id}/expiry"],
    )
    return accepted, routes[offer.courier_id]


def decline(tx: Transaction, platform: Platform, offer_id: str, *, code: ReasonCode) -> Offer:
    """Take a no, with its reason.

    Returns
    -------
    Offer
        The answered offer.

    Raises
    ------
    Conflict
        If the offer is no longer open.
    """
    offer = _open(tx, offer_id)
    return _close(tx, platform, offer, OfferStatus.DECLINED, AssignmentStatus.DECLINED, code)


def revoke(
    tx: Transaction, platform: Platform, courier_id: str
) -> tuple[list[Record], list[Event], list[Command]]:
    """Return a courier's open offers as revoked: who is out is asked nothing more.

    Returns
    -------
    tuple of list of record, list of Event and list of Command
        What changed, the events that say so, and the look for somebody else where no case looks.
    """
    values: list[Record] = []
    events: list[Event] = []
    commands: list[Command] = []
    asked = tx.offered_assignments(courier_id=courier_id)
    for offer in tx.open_offers([courier_id]):
        over, answered = answer(platform, offer, OfferStatus.REVOKED)
        ended, told = end_questions(platform, offer, asked, AssignmentStatus.REVOKED)
        values += [over, *ended]
        events += [answered, *told]
        commands += _look_further(platform, offer)
    return values, events, commands


def expire(tx: Transaction, platform: Platform, command: Command) -> None:
    """Close an offer whose deadline has passed; one already answered is left alone."""
    offer_id = str(command.payload["offer_id"])
    offer = tx.offers([offer_id])[offer_id]
    if offer.status is OfferStatus.OPEN:
        _close(tx, platform, offer, OfferStatus.EXPIRED, AssignmentStatus.OFFER_EXPIRED, None)


def _close(
    tx: Transaction,
    platform: Platform,
    offer: Offer,
    to: OfferStatus,
    status: AssignmentStatus,
    code: ReasonCode | None,
) -> Offer:
    """End an offer that was not accepted, and look further where no case does."""
    over, answered = answer(platform, offer, to, code)
    values: list[Record] = [over]
    events: list[Event] = [answered]
    asked = tx.offered_assignments(order_ids=offer.order_ids)
    ended, told = end_questions(platform, offer, asked, status)
    given_back, also_told = give_back(tx, platform, offer, asked)
    values += [*ended, *given_back]
    events += [*told, *also_told]
    record(
        tx,
        platform,
        values,
        events=events,
        commands=_look_further(platform, offer),
        dropped=[f"offer/{offer.id}/expiry"],
    )
    return over


def _look_further(platform: Platform, offer: Offer) -> list[Command]:
    """Return the look for somebody else after a first question; a case looks itself."""
    if offer.case_ids:
        return []
    now = platform.now()
    if len(offer.order_ids) > 1:
        # What one courier was asked for together is best carried together by the next.
        return [
            Command(
                key=f"spread/{offer.id}:1",
                name="spread",
                due_at=now,
                payload={"order_ids": list(offer.order_ids), "name": offer.id, "number": 1},
            )
        ]
    (order_id,) = offer.order_ids
    return [
        Command(
            key=f"dispatch/{order_id}/after-{offer.id}",
            name="dispatch",
            due_at=now,
            payload={"number": 1},
            order_id=order_id,
        )
    ]
