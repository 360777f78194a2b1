"""This file knows why things go wrong: who acted, at which stage, and whose fault it is by default.

Attribution is computed from the table and may be overturned by evidence; the party that presses the
button is never believed for pressing it. The idea that a code already says who pays is ONDC's
(``reasonCode`` table of its public log-validation utility).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

__all__ = [
    "REASONS",
    "Actor",
    "Attribution",
    "PublicGroup",
    "Reason",
    "ReasonCode",
    "ReasonRow",
    "Stage",
]


class Actor(StrEnum):
    """Who did it."""

    COURIER = "courier"
    CUSTOMER = "customer"
    MERCHANT = "merchant"
    PLATFORM = "platform"
    CARRIER = "carrier"
    AUTHORITY = "authority"


class Stage(StrEnum):
    """How far the assignment had come."""

    BEFORE_ACCEPT = "before_accept"
    TO_PICKUP = "to_pickup"
    AT_PICKUP = "at_pickup"
    IN_CUSTODY = "in_custody"
    AT_DROPOFF = "at_dropoff"


class Attribution(StrEnum):
    """Whom a reason counts against."""

    NONE = "none"
    COURIER = "courier"
    CUSTOMER = "customer"
    MERCHANT = "merchant"
    PLATFORM = "platform"
    HOLDER = "holder"


class PublicGroup(StrEnum):
    """What a customer may read about the cause: never a person's health or affairs."""

    VEHICLE = "vehicle"
    ROAD_AND_WEATHER = "road_and_weather"
    COURIER_CANNOT_CONTINUE = "courier_cannot_continue"
    DEMAND = "demand"
    OUR_MISTAKE = "our_mistake"


class ReasonCode(StrEnum):
    """Why an assignment, a stop or an order did not go as planned."""

    COURIER_ILLNESS = "courier_illness"
    COURIER_ACCIDENT = "courier_accident"
    COURIER_EMERGENCY = "courier_emergency"
    COURIER_FATIGUE_LIMIT = "courier_fatigue_limit"
    VEHICLE_BREAKDOWN = "vehicle_breakdown"
    DEVICE_OR_APP_FAILURE = "device_or_app_failure"
    SIGNAL_LOST = "signal_lost"
    COURIER_NO_SHOW = "courier_no_show"
    COURIER_NOT_RESPONDING = "courier_not_responding"
    COURIER_DECLINED_ECONOMICS = "courier_declined_economics"
    COURIER_TOO_FAR = "courier_too_far"
    COURIER_OVERLOADED = "courier_overloaded"
    COURIER_SHIFT_ENDING = "courier_shift_ending"
    COURIER_PRESSURED_MERCHANT_CANCEL = "courier_pressured_merchant_cancel"
    NO_SUPPLY = "no_supply"
    WRONG_VEHICLE_TYPE = "wrong_vehicle_type"
    PACKAGE_TOO_LARGE = "package_too_large"
    MERCHANT_NOT_READY = "merchant_not_ready"
    MERCHANT_CLOSED = "merchant_closed"
    MERCHANT_UNREACHABLE = "merchant_unreachable"
    ITEM_UNAVAILABLE = "item_unavailable"
    INCORRECT_PACKAGE = "incorrect_package"
    ADDRESS_ERROR = "address_error"
    OUT_OF_SERVICE_AREA = "out_of_service_area"
    ACCESS_DENIED = "access_denied"
    CUSTOMER_UNREACHABLE = "customer_unreachable"
    CUSTOMER_REFUSED = "customer_refused"
    CUSTOMER_CHANGED_REQUEST = "customer_changed_request"
    CUSTOMER_CANCELED = "customer_canceled"
    MERCHANT_CANCELED = "merchant_canceled"
    IDENTITY_OR_AGE_FAILED = "identity_or_age_failed"
    PACKAGE_DAMAGED = "package_damaged"
    PACKAGE_LOST = "package_lost"
    TEMPERATURE_BREACH = "temperature_breach"
    WEATHER = "weather"
    ROAD_CLOSED = "road_closed"
    FORCE_MAJEURE = "force_majeure"
    DUPLICATE = "duplicate"
    FRAUD = "fraud"
    TEST = "test"
    SYSTEM_ERROR = "system_error"
    SLA_EXPIRED = "sla_expired"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """What a reason code means before any evidence is looked at.

    Attributes
    ----------
    attribution : Attribution
        Whom it counts against by default.
    is_retryable : bool
        Whether another courier may be asked at once.
    ends_duty : bool
        Whether the courier cannot carry anything further today.
    can_hand_over : bool
        Whether the courier can still wait at the place and pass parcels on.
    public : PublicGroup
        What a customer reads.
    """

    attribution: Attribution
    is_retryable: bool
    ends_duty: bool
    can_hand_over: bool
    public: PublicGroup


def _row(
    attribution: Attribution,
    public: PublicGroup,
    *,
    retry: bool = True,
    ends: bool = False,
    hands: bool = True,
) -> ReasonRow:
    """Row of the table; the defaults are the ordinary case."""
    return ReasonRow(attribution, retry, ends, hands, public)


_A, _P = Attribution, PublicGroup
_CANNOT = _P.COURIER_CANNOT_CONTINUE
_MISTAKE = _P.OUR_MISTAKE

REASONS: Mapping[ReasonCode, ReasonRow] = MappingProxyType(
    {
        ReasonCode.COURIER_ILLNESS: _row(_A.NONE, _CANNOT, ends=True),
        ReasonCode.COURIER_ACCIDENT: _row(_A.NONE, _CANNOT, ends=True),
        ReasonCode.COURIER_EMERGENCY: _row(_A.NONE, _CANNOT, ends=True),
        ReasonCode.COURIER_FATIGUE_LIMIT: _row(_A.PLATFORM, _CANNOT, ends=True),
        ReasonCode.VEHICLE_BREAKDOWN: _row(_A.NONE, _P.VEHICLE, ends=True),
        ReasonCode.DEVICE_OR_APP_FAILURE: _row(_A.PLATFORM, _MISTAKE, ends=True),
        ReasonCode.SIGNAL_LOST: _row(_A.PLATFORM, _MISTAKE, ends=True, hands=False),
        ReasonCode.COURIER_NO_SHOW: _row(_A.COURIER, _CANNOT, ends=True, hands=False),
        ReasonCode.COURIER_NOT_RESPONDING: _row(_A.COURIER, _CANNOT, ends=True, hands=False),
        ReasonCode.COURIER_DECLINED_ECONOMICS: _row(_A.PLATFORM, _CANNOT),
        ReasonCode.COURIER_TOO_FAR: _row(_A.PLATFORM, _CANNOT),
        ReasonCode.COURIER_OVERLOADED: _row(_A.PLATFORM, _CANNOT),
        ReasonCode.COURIER_SHIFT_ENDING: _row(_A.PLATFORM, _CANNOT, ends=True),
        ReasonCode.COURIER_PRESSURED_MERCHANT_CANCEL: _row(_A.COURIER, _CANNOT),
        ReasonCode.NO_SUPPLY: _row(_A.PLATFORM, _P.DEMAND),
        ReasonCode.WRONG_VEHICLE_TYPE: _row(_A.MERCHANT, _P.VEHICLE),
        ReasonCode.PACKAGE_TOO_LARGE: _row(_A.MERCHANT, _P.VEHICLE),
        ReasonCode.MERCHANT_NOT_READY: _row(_A.MERCHANT, _P.DEMAND),
        ReasonCode.MERCHANT_CLOSED: _row(_A.MERCHANT, _P.DEMAND, retry=False),
        ReasonCode.MERCHANT_UNREACHABLE: _row(_A.MERCHANT, _P.DEMAND, retry=False),
        ReasonCode.ITEM_UNAVAILABLE: _row(_A.MERCHANT, _P.DEMAND, retry=False),
        ReasonCode.INCORRECT_PACKAGE: _row(_A.MERCHANT, _MISTAKE, retry=False),
        ReasonCode.ADDRESS_ERROR: _row(_A.CUSTOMER, _MISTAKE, retry=False),
        ReasonCode.OUT_OF_SERVICE_AREA: _row(_A.CUSTOMER, _MISTAKE, retry=False),
        ReasonCode.ACCESS_DENIED: _row(_A.CUSTOMER, _MISTAKE, retry=False),
        ReasonCode.CUSTOMER_UNREACHABLE: _row(_A.CUSTOMER, _MISTAKE, retry=False),
        ReasonCode.CUSTOMER_REFUSED: _row(_A.CUSTOMER, _MISTAKE, retry=False),
        ReasonCode.CUSTOMER_CHANGED_REQUEST: _row(_A.CUSTOMER, _MISTAKE, retry=False),
        ReasonCode.CUSTOMER_CANCELED: _row(_A.CUSTOMER, _MISTAKE, retry=False),
        ReasonCode.MERCHANT_CANCELED: _row(_A.MERCHANT, _MISTAKE, retry=False),
        ReasonCode.IDENTITY_OR_AGE_FAILED: _row(_A.CUSTOMER, _MISTAKE, retry=False),
        ReasonCode.PACKAGE_DAMAGED: _row(_A.HOLDER, _MISTAKE),
        ReasonCode.PACKAGE_LOST: _row(_A.HOLDER, _MISTAKE),
        ReasonCode.TEMPERATURE_BREACH: _row(_A.HOLDER, _MISTAKE),
        ReasonCode.WEATHER: _row(_A.NONE, _P.ROAD_AND_WEATHER),
        ReasonCode.ROAD_CLOSED: _row(_A.NONE, _P.ROAD_AND_WEATHER),
        ReasonCode.FORCE_MAJEURE: _row(_A.NONE, _P.ROAD_AND_WEATHER),
        ReasonCode.DUPLICATE: _row(_A.PLATFORM, _MISTAKE, retry=False),
        ReasonCode.FRAUD: _row(_A.PLATFORM, _MISTAKE, retry=False),
        ReasonCode.TEST: _row(_A.PLATFORM, _MISTAKE, retry=False),
        ReasonCode.SYSTEM_ERROR: _row(_A.PLATFORM, _MISTAKE),
        ReasonCode.SLA_EXPIRED: _row(_A.PLATFORM, _P.DEMAND),
        ReasonCode.OTHER: _row(_A.PLATFORM, _CANNOT),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something ended or changed, as it was judged at the time.

    Attributes
    ----------
    actor : Actor
        Who acted; not the same as who is at fault.
    stage : Stage
        How far the assignment had come.
    code : ReasonCode
        What happened.
    custodian : str
        Kind of holder of the parcel at that moment, e.g. ``"courier"``.
    attribution : Attribution
        Whom it counts against; from the table unless evidence says otherwise.
    is_retryable : bool
        Whether another courier may be asked at once.
    evidence : tuple of str
        What supports the judgement, each a short fact.
    """

    actor: Actor
    stage: Stage
    code: ReasonCode
    custodian: str
    attribution: Attribution
    is_retryable: bool
    evidence: tuple[str, ...] = ()
