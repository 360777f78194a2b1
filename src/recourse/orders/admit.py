"""This file knows when a request may become an order, and what the order then promises."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from recourse.model.assignments import Custodian, Custody
from recourse.model.errors import Invalid
from recourse.model.orders import Customer, Order, OrderKind, OrderStatus, Promise
from recourse.model.places import Place, Site

__all__ = ["AdmitParams", "Wanted", "admit", "first_custody", "opens_at"]

_SAME_DAY = timedelta(hours=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a merchant asks for: the request before anybody has promised anything.

    Attributes
    ----------
    external_id, merchant_id : str
        The merchant's own name for it, and the merchant.
    kind : OrderKind
        What is carried.
    dropoff : Place
        Where it goes.
    pickup_ready_at, dropoff_ready_at, dropoff_deadline_at : datetime
        When it can be collected; the window at the door. Aware instants.
    customer : Customer
        The person it goes to.
    pickup : Place or None
        Where it is collected; None for the place of its site.
    station_id, pickup_site_id : str
        Station whose wave carries it, or the merchant's door it is fetched from.
    weight_g, volume_ml, service_s : int
        Grams, millilitres, seconds at the door.
    is_perishable : bool
        Whether waiting spoils it.
    value_cents : int
        Value of the goods in minor units of `currency`.
    currency : str
        ISO 4217.
    """

    external_id: str
    merchant_id: str
    kind: OrderKind
    dropoff: Place
    pickup_ready_at: datetime
    dropoff_ready_at: datetime
    dropoff_deadline_at: datetime
    customer: Customer
    pickup: Place | None = None
    station_id: str = ""
    pickup_site_id: str = ""
    weight_g: int = 1_000
    volume_ml: int = 5_000
    service_s: int = 120
    is_perishable: bool = False
    value_cents: int = 0
    currency: str = "CNY"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitParams:
    """What may be asked for.

    Attributes
    ----------
    horizon_s : int
        How far ahead a window may end, in seconds (assumed: two weeks).
    max_weight_g, max_volume_ml : int
        The heaviest and largest parcel we carry (assumed: what one van takes).
    max_service_s : int
        Longest stay at a door, in seconds (assumed).
    max_name_chars : int
        Longest id a merchant may choose (assumed).
    """

    horizon_s: int = 14 * 86_400
    max_weight_g: int = 1_000_000
    max_volume_ml: int = 10_000_000
    max_service_s: int = 3_600
    max_name_chars: int = 200


def admit(
    wanted: Wanted,
    *,
    order_id: str,
    now: datetime,
    params: AdmitParams,
    site: Site | None = None,
) -> Order:
    """Turn a request into an order, or say which field is wrong and why.

    The window asked for becomes the first promise; it is told at `now`.

    Parameters
    ----------
    wanted : Wanted
        The request.
    order_id : str
        Id for the new order.
    now : datetime
        The present instant.
    params : AdmitParams
        What may be asked for.
    site : Site or None
        The station or merchant's door named in the request; its place is the default pickup.

    Returns
    -------
    Order
        The order in status ``created``, version 0.

    Raises
    ------
    Invalid
        If a field of the request is wrong; the error names the first one found.

    Examples
    --------
    >>> from recourse.model.examples import DOOR, NOON, SHELF
    >>> from recourse.model.orders import Customer, OrderKind
    >>> wanted = Wanted(
    ...     external_id="A-17",
    ...     merchant_id="m-1",
    ...     kind=OrderKind.MEAL,
    ...     pickup=SHELF,
    ...     dropoff=DOOR,
    ...     pickup_ready_at=NOON,
    ...     dropoff_ready_at=NOON,
    ...     dropoff_deadline_at=NOON + timedelta(minutes=40),
    ...     customer=Customer(id="c-7"),
    ... )
    >>> order = admit(wanted, order_id="o-1", now=NOON, params=AdmitParams())
    >>> order.status.value, order.promise.number
    ('created', 1)
    """
    pickup = wanted.pickup or (site.place if site else None)
    if pickup is None:
        raise Invalid(field="pickup", why="neither a place nor a known site is given")
    _check_names(wanted, params)
    _check_place("pickup", pickup)
    _check_place("dropoff", wanted.dropoff)
    _check_window(wanted, now, params)
    _check_size(wanted, params)
    promise = Promise(
        earliest_at=wanted.dropoff_ready_at, latest_at=wanted.dropoff_deadline_at, told_at=now
    )
    return Order(
        id=order_id,
        external_id=wanted.external_id,
        merchant_id=wanted.merchant_id,
        kind=wanted.kind,
        status=OrderStatus.CREATED,
        station_id=wanted.station_id,
        pickup=pickup,
        dropoff=wanted.dropoff,
        pickup_ready_at=wanted.pickup_ready_at,
        promise=promise,
        first_promise=promise,
        customer=wanted.customer,
        created_at=now,
        weight_g=wanted.weight_g,
        volume_ml=wanted.volume_ml,
        service_s=wanted.service_s,
        is_perishable=wanted.is_perishable,
        value_cents=wanted.value_cents,
        currency=wanted.currency,
    )


def first_custody(order: Order, *, pickup_site_id: str = "", now: datetime) -> Custody:
    """Who holds the parcel of a new order: its station, or the merchant it is fetched from.

    Parameters
    ----------
    order : Order
        A newly admitted order.
    pickup_site_id : str
        The merchant's door, if it is a known site; the merchant itself otherwise.
    now : datetime
        The present instant.

    Returns
    -------
    Custody
        The first interval, open.

    Examples
    --------
    >>> from recourse.model.examples import NOON, order_of
    >>> first_custody(order_of(), now=NOON).holder_id
    's-1'
    """
    at_station = bool(order.station_id)
    return Custody(
        order_id=order.id,
        number=1,
        custodian=Custodian.STATION if at_station else Custodian.MERCHANT,
        holder_id=order.station_id or pickup_site_id or order.merchant_id,
        from_at=now,
        place=order.pickup,
    )


def opens_at(order: Order) -> datetime:
    """When an order may be brought, by what its customer was told.

    Who was told a later time today still takes it as early as was promised at first; who was told
    another day does not wait for us today, and who picked a slot not before it.

    Parameters
    ----------
    order : Order
        Which order.

    Returns
    -------
    datetime
        The earliest instant at the door.

    Examples
    --------
    >>> from recourse.model.examples import order_of
    >>> order = order_of()
    >>> opens_at(order) == order.first_promise.earliest_at
    True
    """
    if order.not_before_at is not None:
        return order.not_before_at
    is_today = order.promise.earliest_at - order.first_promise.latest_at < _SAME_DAY
    return order.first_promise.earliest_at if is_today else order.promise.earliest_at


def _require(is_right: bool, field: str, why: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Refuse a field that is not right."""
    if not is_right:
        raise Invalid(field=field, why=why)


def _check_names(wanted: Wanted, params: AdmitParams) -> None:
    """Check that ids, station, currency and language can be used."""
    for field in ("external_id", "merchant_id"):
        given = getattr(wanted, field)
        _require(
            0 < len(given) <= params.max_name_chars,
            field,
            f"must have 1 to {params.max_name_chars} characters",
        )
    if wanted.kind is OrderKind.PARCEL:
        _require(bool(wanted.station_id), "station_id", "a parcel leaves with a station's wave")
    code = wanted.currency
    _require(
        len(code) == 3 and code.isascii() and code.isalpha() and code.isupper(),  # noqa: PLR2004 - ISO 4217
        "currency",
        "must be three capital letters as in ISO 4217",
    )
    _require(wanted.customer.locale in {"zh", "en"}, "customer.locale", "must be zh or en")
    _require(bool(wanted.customer.id), "customer.id", "must not be empty")


def _check_place(field: str, place: Place) -> None:
    """Check that a place lies on the earth, in degrees."""
    _require(
        math.isfinite(place.lon) and -180 <= place.lon <= 180,  # noqa: PLR2004 - degrees
        f"{field}.lon",
        "must lie between -180 and 180 degrees",
    )
    _require(
        math.isfinite(place.lat) and -90 <= place.lat <= 90,  # noqa: PLR2004 - degrees
        f"{field}.lat",
        "must lie between -90 and 90 degrees",
    )


def _check_window(wanted: Wanted, now: datetime, params: AdmitParams) -> None:
    """Check that the times are aware, in order, ahead of us and not too far off."""
    for field in ("pickup_ready_at", "dropoff_ready_at", "dropoff_deadline_at"):
        _require(getattr(wanted, field).tzinfo is not None, field, "must name its offset from UTC")
    ends_at = wanted.dropoff_deadline_at
    _require(ends_at > now, "dropoff_deadline_at", "lies in the past")
    _require(
        wanted.dropoff_ready_at < ends_at, "dropoff_deadline_at", "must be after dropoff_ready_at"
    )
    _require(wanted.pickup_ready_at < ends_at, "pickup_ready_at", "must be before the deadline")
    _require(
        ends_at <= now + timedelta(seconds=params.horizon_s),
        "dropoff_deadline_at",
        f"lies more than {params.horizon_s // 86_400} days ahead",
    )


def _check_size(wanted: Wanted, params: AdmitParams) -> None:
    """Check weight, volume, time at the door and value."""
    for field, least, most in (
        ("weight_g", 1, params.max_weight_g),
        ("volume_ml", 1, params.max_volume_ml),
        ("service_s", 0, params.max_service_s),
    ):
        _require(
            least <= getattr(wanted, field) <= most, field, f"must lie between {least} and {most}"
        )
    _require(wanted.value_cents >= 0, "value_cents", "must not be negative")
