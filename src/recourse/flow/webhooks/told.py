"""This file knows what a merchant may read of an event: its orders, and nobody's affairs.

Why a courier dropped out is told as one of the public groups, never as the private reason; what
other couriers would have cost, and where they are, is not told at all.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from recourse.model import events as happened
from recourse.model.events import Event, dotted
from recourse.model.reasons import REASONS, ReasonCode

__all__ = ["KINDS", "data_of", "is_told"]

_Plain = Callable[[Any], dict[str, object]]


def _fields(*names: str) -> _Plain:
    """Tell these fields as they are."""
    return lambda event: {name: getattr(event, name) for name in names}


def _group(code: ReasonCode | None) -> str:
    """Public group of a reason; empty where there is none."""
    return REASONS[code].public.value if code is not None else ""


def _moved(event: happened.OrderMoved) -> dict[str, object]:
    return {"was": event.was, "now": event.now, "group": _group(event.code)}


def _ended(event: happened.OrderEnded) -> dict[str, object]:
    return {"status": event.status, "actor": event.actor, "group": _group(event.code)}


def _let_go(event: happened.AssignmentEnded) -> dict[str, object]:
    reason = event.reason
    return {
        "assignment_id": event.assignment_id,
        "courier_id": event.courier_id,
        "status": event.status,
        "actor": reason.actor if reason else "",
        "group": _group(reason.code if reason else None),
    }


def _opened(event: happened.CaseOpened) -> dict[str, object]:
    group = _group(event.cause)
    return {"case_id": event.case_id, "group": group, "promised_by": event.promised_by}


def _decided(event: happened.CaseDecided) -> dict[str, object]:
    return {"case_id": event.case_id, "way": event.decision.option.way}


_TOLD: Mapping[type[Event], _Plain] = MappingProxyType(
    {
        happened.OrderAdmitted: _fields("kind", "station_id", "promise", "value_cents"),
        happened.OrderChanged: _fields("fields"),
        happened.OrderMoved: _moved,
        happened.OrderEnded: _ended,
        happened.PromiseMade: _fields("promise", "case_id"),
        happened.CustodyPassed: _fields(
            "number", "from_custodian", "from_holder_id", "to_custodian", "to_holder_id"
        ),
        happened.AssignmentBegan: _fields("assignment_id", "courier_id", "arrival_at"),
        happened.AssignmentEnded: _let_go,
        happened.ArrivalSlipped: _fields("expected_at", "latest_at"),
        happened.CaseOpened: _opened,
        happened.CaseDecided: _decided,
        happened.CaseClosed: _fields("case_id", "outcome"),
        happened.CustomerChose: _fields(
            "way", "site_id", "slot_at", "slot_end_at", "price_cents", "currency"
        ),
        happened.NoticeSent: _fields("key", "kind", "latest_at", "text", "case_id"),
        happened.RemedyGranted: _fields(
            "remedy_id", "case_id", "kind", "amount_cents", "currency", "rule"
        ),
        happened.EntitlementEnded: _fields("entitlement_id", "state"),
        happened.WebhookSwitchedOff: _fields("endpoint_id", "url", "why"),
    }
)
KINDS: tuple[str, ...] = tuple(dotted(kind) for kind in _TOLD)


def is_told(event: Event) -> bool:
    """Whether a merchant may read of an event at all."""
    return type(event) in _TOLD


def data_of(event: Event) -> dict[str, object]:
    """What a merchant reads of an event.

    Parameters
    ----------
    event : Event
        One that `is_told`.

    Returns
    -------
    dict
        Plain names, values of the model.
    """
    return _TOLD[type(event)](event)
