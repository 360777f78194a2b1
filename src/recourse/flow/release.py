"""This file knows how what is under way for an order is let go: duties, questions and stops."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from recourse.flow.meetings import call_off
from recourse.flow.moves import end_assignment
from recourse.flow.platform import Platform
from recourse.flow.routing import route_of, take_out
from recourse.model.assignments import (
    OFFER_MOVES,
    Assignment,
    AssignmentStatus,
    Offer,
    OfferStatus,
)
from recourse.model.events import Event, OfferAnswered
from recourse.model.ports import Record, Transaction
from recourse.model.reasons import Reason, ReasonCode
from recourse.model.routes import Route
from recourse.model.states import check_move

__all__ = ["answer", "end_questions", "release", "take_back"]


def release(
    tx: Transaction,
    platform: Platform,
    order_id: str,
    reason: Reason,
    *,
    why: str,
    routes: Mapping[str, Route] | None = None,
) -> tuple[list[Record], list[Event]]:
    """End every duty and question about an order, and take it out of the routes that had it.

    `routes` are those that the same transaction has changed already.

    Returns
    -------
    tuple of list of record and list of Event
        What changed, and the events that say so.
    """
    known = routes or {}
    values: list[Record] = []
    events: list[Event] = []
    for duty in tx.live_assignments(order_ids=[order_id]):
        ended, event = end_assignment(
            duty, AssignmentStatus.REVOKED, now=platform.now(), reason=reason
        )
        was = known.get(duty.courier_id) or route_of(tx, duty.courier_id, now=platform.now())
        off, told = call_off(tx, platform, was, {order_id})
        route, changed = take_out(tx, platform, duty.courier_id, {order_id}, why=why, route=was)
        values += [ended, *off, route]
        events += [event, *told, *changed]
    asked, told = take_back(tx, platform, order_id, reason)
    return [*values, *asked], [*events, *told]


def take_back(
    tx: Transaction, platform: Platform, order_id: str, reason: Reason
) -> tuple[list[Record], list[Event]]:
    """Return the open questions about an order as revoked: it needs nobody any more.

    An offer is one question: with one of its orders gone, nothing of it is asked any more.

    Returns
    -------
    tuple of list of record and list of Event
        The closed offers with their assignments, and the events that say so.
    """
    values: list[Record] = []
    events: list[Event] = []
    for one in tx.offered_assignments(order_ids=[order_id]):
        offer = tx.offers([one.offer_id])[one.offer_id]
        over, answered = answer(platform, offer, OfferStatus.REVOKED, reason.code)
        asked = tx.offered_assignments(order_ids=offer.order_ids)
        ended, told = end_questions(platform, offer, asked, AssignmentStatus.REVOKED, reason)
        values += [*ended, over]
        events += [*told, answered]
    return values, events


def answer(
    platform: Platform, offer: Offer, to: OfferStatus, code: ReasonCode | None = None
) -> tuple[Offer, Event]:
    """Return the answered offer and the event that says so."""
    check_move(OFFER_MOVES, at=offer.status, to=to)
    answered = OfferAnswered(
        at=platform.now(),
        offer_id=offer.id,
        courier_id=offer.courier_id,
        order_ids=offer.order_ids,
        case_ids=offer.case_ids,
        answer=to,
        code=code,
    )
    return replace(offer, status=to), answered


def end_questions(
    platform: Platform,
    offer: Offer,
    asked: Sequence[Assignment],
    to: AssignmentStatus,
    reason: Reason | None = None,
) -> tuple[list[Record], list[Event]]:
    """Return the assignments in question of one offer as ended."""
    now = platform.now()
    pairs = [
        end_assignment(one, to, now=now, reason=reason) for one in asked if one.offer_id == offer.id
    ]
    return [ended for ended, _ in pairs], [event for _, event in pairs]
