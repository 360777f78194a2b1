"""This file knows one small order, courier and case, at noon in a city by the sea.

Examples in the documentation and tests begin from these values and change what matters to them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from recourse.model.assignments import Assignment, AssignmentStatus, Custodian, Custody
from recourse.model.cases import Case, CaseStatus, Disruption
from recourse.model.couriers import Contract, Courier, CourierState, Progress, Vehicle
from recourse.model.errands import Errand, ErrandKind, ErrandState
from recourse.model.orders import Customer, Order, OrderKind, OrderStatus, Promise
from recourse.model.places import Place
from recourse.model.reasons import Actor, Attribution, Reason, ReasonCode, Stage
from recourse.model.routes import Stop, StopKind

__all__ = [
    "DOOR",
    "NOON",
    "PROMISE",
    "SHELF",
    "ZONE",
    "assignment_of",
    "case_of",
    "courier_of",
    "disruption_of",
    "errand_of",
    "in_hand",
    "on_shelf",
    "order_of",
    "progress_of",
    "reason_of",
    "stop_of",
]

NOON = datetime(2026, 3, 2, 20, tzinfo=UTC)
"""Noon of a Monday in Vancouver."""
ZONE = "America/Vancouver"
DOOR = Place(lon=-123.10, lat=49.26, address="1 Door St")
SHELF = Place(lon=-123.12, lat=49.25, address="Station")
PROMISE = Promise(earliest_at=NOON, latest_at=NOON + timedelta(hours=1), told_at=NOON)


def order_of(order_id: str = "o-1", **facts: Any) -> Order:  # noqa: ANN401 - any field
    """Make an assigned parcel, promised within an hour of noon.

    Parameters
    ----------
    order_id : str
        Its id.
    **facts : object
        Fields that differ.

    Returns
    -------
    Order
        The order.
    """
    usual: dict[str, Any] = {
        "id": order_id,
        "external_id": f"x-{order_id}",
        "merchant_id": "m-1",
        "kind": OrderKind.PARCEL,
        "status": OrderStatus.ASSIGNED,
        "station_id": "s-1",
        "pickup": SHELF,
        "dropoff": DOOR,
        "pickup_ready_at": NOON,
        "promise": PROMISE,
        "first_promise": PROMISE,
        "customer": Customer(id="c-7", name="Wang"),
        "created_at": NOON - timedelta(hours=4),
        "value_cents": 4_000,
    }
    return Order(**(usual | facts))


def courier_of(courier_id: str = "k-1", **facts: Any) -> Courier:  # noqa: ANN401 - any field
    """Make a courier who has been on duty since nine.

    Parameters
    ----------
    courier_id : str
        Their id.
    **facts : object
        Fields that differ.

    Returns
    -------
    Courier
        The courier.
    """
    usual: dict[str, Any] = {
        "id": courier_id,
        "name": courier_id,
        "vehicle": Vehicle.EBIKE,
        "contract": Contract.ASSIGNED,
        "station_id": "s-1",
        "start": SHELF,
        "shift_start_at": NOON - timedelta(hours=3),
        "shift_end_at": NOON + timedelta(hours=5),
        "capacity_g": 30_000,
        "capacity_ml": 90_000,
        "state": CourierState.ACTIVE,
        "state_since_at": NOON - timedelta(hours=3),
        "duty_since_at": NOON - timedelta(hours=3),
        "orders_before": 200,
    }
    return Courier(**(usual | facts))


def progress_of(courier_id: str = "k-1", **facts: Any) -> Progress:  # noqa: ANN401 - any field
    """Make the whereabouts of a courier who was seen at the station a minute ago.

    Parameters
    ----------
    courier_id : str
        Whose.
    **facts : object
        Fields that differ.

    Returns
    -------
    Progress
        The whereabouts.
    """
    usual: dict[str, Any] = {
        "courier_id": courier_id,
        "lon": SHELF.lon,
        "lat": SHELF.lat,
        "pinged_at": NOON - timedelta(minutes=1),
    }
    return Progress(**(usual | facts))


def assignment_of(
    order_id: str = "o-1",
    courier_id: str = "k-1",
    **facts: Any,  # noqa: ANN401 - any field
) -> Assignment:
    """Make a live assignment that began an hour ago.

    Parameters
    ----------
    order_id, courier_id : str
        What, and who carries it.
    **facts : object
        Fields that differ.

    Returns
    -------
    Assignment
        The assignment.
    """
    usual: dict[str, Any] = {
        "id": f"a-{order_id}-{courier_id}",
        "order_id": order_id,
        "courier_id": courier_id,
        "status": AssignmentStatus.ACTIVE,
        "began_at": NOON - timedelta(hours=1),
    }
    return Assignment(**(usual | facts))


def on_shelf(order_id: str = "o-1") -> Custody:
    """Make a parcel lie at its station.

    Parameters
    ----------
    order_id : str
        Whose parcel.

    Returns
    -------
    Custody
        The first interval, open.
    """
    return Custody(
        order_id=order_id,
        number=1,
        custodian=Custodian.STATION,
        holder_id="s-1",
        from_at=NOON,
        place=SHELF,
    )


def in_hand(order_id: str = "o-1", courier_id: str = "k-1") -> Custody:
    """Put a parcel into a courier's hands.

    Parameters
    ----------
    order_id, courier_id : str
        Whose parcel, and who holds it.

    Returns
    -------
    Custody
        The second interval, open.
    """
    return Custody(
        order_id=order_id,
        number=2,
        custodian=Custodian.COURIER,
        holder_id=courier_id,
        from_at=NOON,
    )


def stop_of(stop_id: str, *order_ids: str, **facts: Any) -> Stop:  # noqa: ANN401 - any field
    """Make a dropoff planned for half past twelve.

    Parameters
    ----------
    stop_id : str
        Its id.
    *order_ids : str
        For which orders.
    **facts : object
        Fields that differ.

    Returns
    -------
    Stop
        The stop.
    """
    usual: dict[str, Any] = {
        "id": stop_id,
        "kind": StopKind.DROPOFF,
        "order_ids": order_ids,
        "place": DOOR,
        "earliest_at": NOON,
        "latest_at": PROMISE.latest_at,
        "arrival_at": NOON + timedelta(minutes=30),
    }
    return Stop(**(usual | facts))


def reason_of(code: ReasonCode = ReasonCode.VEHICLE_BREAKDOWN) -> Reason:
    """Make the reason a courier gives before pickup.

    Parameters
    ----------
    code : ReasonCode
        What happened.

    Returns
    -------
    Reason
        Nobody's fault.
    """
    return Reason(
        actor=Actor.COURIER,
        stage=Stage.TO_PICKUP,
        code=code,
        custodian="station",
        attribution=Attribution.NONE,
        is_retryable=True,
    )


def disruption_of(**facts: Any) -> Disruption:  # noqa: ANN401 - any field
    """Make a breakdown of courier k-1 before pickup, which orphans order o-1.

    Parameters
    ----------
    **facts : object
        Fields that differ.

    Returns
    -------
    Disruption
        The disruption.
    """
    cause = facts.get("cause", ReasonCode.VEHICLE_BREAKDOWN)
    usual: dict[str, Any] = {
        "id": "d-1",
        "courier_id": "k-1",
        "cause": cause,
        "reason": reason_of(cause),
        "at": NOON,
        "place": SHELF,
        "orphaned": ("o-1",),
        "held": (),
        "ends_duty": True,
        "can_hand_over": True,
    }
    return Disruption(**(usual | facts))


def case_of(**facts: Any) -> Case:  # noqa: ANN401 - any field
    """Make the case of order o-1, deciding for the first time.

    Parameters
    ----------
    **facts : object
        Fields that differ.

    Returns
    -------
    Case
        The case.
    """
    usual: dict[str, Any] = {
        "id": "case-7",
        "disruption_id": "d-1",
        "order_id": "o-1",
        "from_courier_id": "k-1",
        "status": CaseStatus.DECIDING,
        "cause": ReasonCode.VEHICLE_BREAKDOWN,
        "opened_at": NOON,
        "promised_by": PROMISE.latest_at,
        "excluded": ("k-1",),
        "n_decisions": 1,
    }
    return Case(**(usual | facts))


def errand_of(**facts: Any) -> Errand:  # noqa: ANN401 - any field
    """Make a text message about a lost courier, due at noon.

    Parameters
    ----------
    **facts : object
        Fields that differ.

    Returns
    -------
    Errand
        The errand.
    """
    rank = facts.get("rank", 1)
    usual: dict[str, Any] = {
        "id": f"case-1/notice:{rank}@sms",
        "kind": ErrandKind.NOTICE,
        "peer": "sms",
        "about": f"case-1/notice:{rank}",
        "what": "courier_lost",
        "order_id": "o-1",
        "person_id": "customer:c-1",
        "rank": 1,
        "state": ErrandState.WAITING,
        "made_at": NOON,
        "due_at": NOON,
        "give_up_at": NOON + timedelta(hours=1),
    }
    return Errand(**{**usual, **facts})
