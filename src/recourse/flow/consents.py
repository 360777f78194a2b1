"""This file knows what a customer chose, and how a yes to a pickup point is written down."""

from datetime import datetime

from recourse.flow.platform import Platform
from recourse.model.cases import Case, CaseStatus, Way
from recourse.model.events import ConsentGiven, CustomerChose, dotted
from recourse.model.ports import EventFilter, Transaction
from recourse.model.redress import Consent
from recourse.recovery import Wish

__all__ = ["consent_given", "consent_to", "kept_wish", "stands"]

_KEPT = frozenset({Way.PICKUP_POINT.value, Way.EXPRESS.value})


def last_choice(tx: Transaction, case: Case) -> CustomerChose | None:
    """Return what the customer chose last since the courier was lost; None if nothing."""
    wanted = EventFilter(order_id=case.order_id, kinds=(dotted(CustomerChose),))
    chosen = [one.event for one in tx.events(wanted) if one.event.at >= case.opened_at]
    last = chosen[-1] if chosen else None
    return last if isinstance(last, CustomerChose) else None


def kept_wish(tx: Transaction, case: Case) -> Wish | None:
    """Return the point or the direct ride a customer chose, for a decision to be made again."""
    if case.n_decisions <= 1 or (last := last_choice(tx, case)) is None:
        return None
    if last.way not in _KEPT:
        return None
    return Wish(way=Way(last.way), site_id=last.site_id, by="customer")


def stands(
    tx: Transaction, case: Case, *, way: Way, site_id: str, slot_at: datetime | None = None
) -> bool:
    """Whether this very choice was made already and is still followed."""
    last = last_choice(tx, case)
    if last is None or (last.way, last.site_id) != (way.value, site_id):
        return False
    if last.slot_at != slot_at:
        return False
    is_decided_so = case.decision is not None and case.decision.option.way is way
    return case.status is CaseStatus.DECIDING or way is Way.PICKUP_POINT or is_decided_so


def consent_to(platform: Platform, order_id: str, *, site_id: str, source: str) -> Consent:
    """Return a new consent of an order's customer to one pickup point."""
    return Consent(
        id=platform.ids.new("consent"),
        order_id=order_id,
        site_id=site_id,
        given_at=platform.now(),
        source=source,
    )


def consent_given(consent: Consent) -> ConsentGiven:
    """Return the event that says so."""
    return ConsentGiven(
        at=consent.given_at,
        consent_id=consent.id,
        order_id=consent.order_id,
        site_id=consent.site_id,
        source=consent.source,
    )
