"""This file knows how a customer's yes to a pickup point is written down."""

from recourse.flow.platform import Platform
from recourse.model.events import ConsentGiven
from recourse.model.redress import Consent

__all__ = ["consent_given", "consent_to"]


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
