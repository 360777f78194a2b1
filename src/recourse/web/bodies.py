"""This file knows what a request may bring, field by field, and turns it into the words."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from recourse.flow.requests import Pings, Wanted
from recourse.model.cases import Way
from recourse.model.couriers import Contract, Courier, CourierState, Vehicle
from recourse.model.orders import Customer, OrderKind
from recourse.model.places import Place, Site, SiteKind
from recourse.model.reasons import ReasonCode
from recourse.model.roads import RoadEvent
from recourse.web.wire import Body, Cents, Id, Instant, Lat, Lon, OptionalId, Text, wrong

__all__ = [
    "AssignmentWithdrawIn",
    "CancelIn",
    "CourierIn",
    "DeclineIn",
    "DeliveredIn",
    "DutyIn",
    "OrderIn",
    "PingsIn",
    "ReachOutIn",
    "ReferenceIn",
    "RoadEventIn",
    "ScanIn",
    "SettleIn",
    "SiteIn",
    "SosIn",
    "StopFailIn",
    "WithdrawIn",
]

_MAX_ROWS = 2_000
_MAX_SERIES = 64
_MAX_POINTS = 2_000
_MAX_ORDERS = 500
_DAY_S = 86_400

Code = Annotated[
    ReasonCode, Field(strict=False, description="Why.", examples=["vehicle_breakdown"])
]
Grams = Annotated[int, Field(ge=1, le=5_000_000)]
Millilitres = Annotated[int, Field(ge=1, le=50_000_000)]


class PlaceIn(Body):
    """A point on the map."""

    lon: Lon = Field(description="WGS-84 degrees, east positive.", examples=[-123.1])
    lat: Lat = Field(description="WGS-84 degrees, north positive.", examples=[49.27])
    address: Text = Field(default="", description="What a person reads.")

    def value(self) -> Place:
        """Return it in our words."""
        return Place(lon=self.lon, lat=self.lat, address=self.address)


class SiteIn(Body):
    """A station, a merchant's door or a pickup point."""

    id: Id = Field(description="Stable name, unique among sites.", examples=["station-1"])
    kind: Annotated[SiteKind, Field(strict=False, description="What the place is for.")]
    name: Text = Field(min_length=1, description="What a person calls it.", examples=["Main St"])
    place: PlaceIn
    capacity_parcels: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=0, description="How many parcels a pickup point holds at once; 0 is no bound."
    )
    opens_s: Annotated[int, Field(ge=0, le=_DAY_S)] = Field(
        default=0, description="Opening, seconds after local midnight."
    )
    closes_s: Annotated[int, Field(ge=0, le=_DAY_S)] = Field(
        default=_DAY_S, description="Closing, seconds after local midnight; after the opening."
    )

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "SiteIn":
        """Refuse hours that run backwards."""
        if self.closes_s <= self.opens_s:
            raise wrong(code="hours", why="closes_s must be later than opens_s")
        return self

    def value(self) -> Site:
        """Return it in our words."""
        return Site(
            id=self.id,
            kind=self.kind,
            name=self.name,
            place=self.place.value(),
            capacity_parcels=self.capacity_parcels,
            opens_s=self.opens_s,
            closes_s=self.closes_s,
        )


class CustomerIn(Body):
    """The person an order goes to."""

    id: Id = Field(description="Stable id of the person at the merchant.", examples=["c-7"])
    name: Text = Field(default="", description="What the courier reads at the door.")
    locale: Literal["zh", "en"] = Field(default="en", description="Language of every notice.")
    contact: Annotated[str, Field(max_length=254, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        default="", description="Phone in E.164 or mail address; empty for in-app only."
    )
    accepts_pickup_point: bool = Field(
        default=False, description="Standing consent to a pickup point."
    )
    note: Text = Field(default="", description="What the courier should know at the door.")
    device: OptionalId = Field(
        default="", description="What you call the device it was ordered on; to limit abuse."
    )

    def value(self) -> Customer:
        """Return it in our words."""
        return Customer(
            id=self.id,
            name=self.name,
            locale=self.locale,
            contact=self.contact,
            accepts_pickup_point=self.accepts_pickup_point,
            note=self.note,
            device=self.device,
        )


class OrderIn(Body):
    """What a merchant wants delivered."""

    external_id: Annotated[
        str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
    ] = Field(
        description="The merchant's own name for it; the same one again is the same order.",
        examples=["2026-0001"],
    )
    merchant_id: Id = Field(description="Which merchant.", examples=["m-1"])
    kind: Annotated[OrderKind, Field(strict=False, description="What is carried.")]
    station_id: OptionalId = Field(default="", description="Station whose wave carries a parcel.")
    pickup: PlaceIn | None = Field(default=None, description="Default: the site's place.")
    pickup_site_id: OptionalId = Field(default="", description="Merchant's site it is fetched at.")
    dropoff: PlaceIn
    pickup_ready_at: Instant = Field(description="When it can be collected.")
    dropoff_ready_at: Instant = Field(description="Start of the window wanted.")
    dropoff_deadline_at: Instant = Field(description="End of the window wanted.")
    weight_g: Grams = 1_000
    volume_ml: Millilitres = 5_000
    service_s: Annotated[int, Field(ge=0, le=7_200, description="Seconds at the door.")] = 120
    is_perishable: bool = Field(default=False, description="Whether waiting spoils it.")
    value_cents: Cents = Field(default=0, description="Value in minor units of `currency`.")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.")] = "CNY"
    customer: CustomerIn

    def value(self) -> Wanted:
        """Return it in our words."""
        return Wanted(
            external_id=self.external_id,
            merchant_id=self.merchant_id,
            kind=self.kind,
            station_id=self.station_id,
            pickup=self.pickup.value() if self.pickup else None,
            pickup_site_id=self.pickup_site_id,
            dropoff=self.dropoff.value(),
            pickup_ready_at=self.pickup_ready_at,
            dropoff_ready_at=self.dropoff_ready_at,
            dropoff_deadline_at=self.dropoff_deadline_at,
            weight_g=self.weight_g,
            volume_ml=self.volume_ml,
            service_s=self.service_s,
            is_perishable=self.is_perishable,
            value_cents=self.value_cents,
            currency=self.currency,
            customer=self.customer.value(),
        )


class CancelIn(Body):
    """Who takes an order back, and why; a courier cannot."""

    actor: Literal["customer", "merchant"]
    code: Code


class CourierIn(Body):
    """A person who carries."""

    id: Id = Field(description="Stable id.", examples=["k-1"])
    name: Text = Field(min_length=1, description="What a customer reads.", examples=["Mei"])
    vehicle: Annotated[Vehicle, Field(strict=False, description="How they move.")]
    contract: Annotated[Contract, Field(strict=False, description="Asked or told.")]
    station_id: OptionalId = Field(default="", description="Station whose waves they carry.")
    start: PlaceIn
    shift_start_at: Instant
    shift_end_at: Instant
    capacity_g: Grams = Field(description="What the vehicle takes at once, grams.")
    capacity_ml: Millilitres = Field(description="What it takes at once, millilitres.")
    orders_before: Annotated[int, Field(ge=0, le=10_000_000)] = Field(
        default=0, description="Orders completed before today."
    )

    @model_validator(mode="after")
    def _is_one_shift(self) -> "CourierIn":
        """Refuse a shift that runs backwards or for more than a day."""
        length = self.shift_end_at - self.shift_start_at
        if not timedelta(0) < length <= timedelta(days=1):
            raise wrong(code="shift", why="a shift ends after it starts, within a day")
        return self

    def value(self, now: datetime) -> Courier:
        """Return a courier who is off duty since now, in our words."""
        return Courier(
            id=self.id,
            name=self.name,
            vehicle=self.vehicle,
            contract=self.contract,
            station_id=self.station_id,
            start=self.start.value(),
            shift_start_at=self.shift_start_at,
            shift_end_at=self.shift_end_at,
            capacity_g=self.capacity_g,
            capacity_ml=self.capacity_ml,
            state=CourierState.OFFLINE,
            state_since_at=now,
            orders_before=self.orders_before,
        )


class DutyIn(Body):
    """Whether a courier begins or ends duty."""

    on: bool


class PingsIn(Body):
    """Positions as columns of one length: row i says where a courier was at an instant."""

    courier_ids: Annotated[list[Id], Field(min_length=1, max_length=_MAX_ROWS)]
    lons: Annotated[list[Lon], Field(max_length=_MAX_ROWS)]
    lats: Annotated[list[Lat], Field(max_length=_MAX_ROWS)]
    pinged_ats: Annotated[list[Instant], Field(max_length=_MAX_ROWS)]

    @model_validator(mode="after")
    def _has_equal_columns(self) -> "PingsIn":
        """Refuse columns of different lengths."""
        n_rows = len(self.courier_ids)
        if not n_rows == len(self.lons) == len(self.lats) == len(self.pinged_ats):
            raise wrong(code="columns", why="the four columns must have the same length")
        return self

    def value(self) -> Pings:
        """Return them in our words."""
        return Pings.of(self.courier_ids, self.lons, self.lats, self.pinged_ats)


class DeclineIn(Body):
    """Why a courier says no."""

    code: Code = ReasonCode.COURIER_DECLINED_ECONOMICS


class DeliveredIn(Body):
    """What was brought to its customer while nothing could be reported."""

    order_id: Id = Field(description="Whose parcel.", examples=["order-17"])


class WithdrawIn(Body):
    """What a courier drops, and why."""

    code: Code
    order_ids: Annotated[list[Id], Field(max_length=_MAX_ORDERS)] = Field(
        default=[], description="What is dropped; empty for everything."
    )
    note: Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")] = ""
    place: PlaceIn | None = Field(default=None, description="Where the courier is.")


class AssignmentWithdrawIn(Body):
    """Why a courier drops one order."""

    code: Code


class SosIn(Body):
    """Where help is needed."""

    place: PlaceIn | None = None


class ScanIn(Body):
    """What was scanned at a stop."""

    scanned: Annotated[list[Id], Field(max_length=_MAX_ORDERS)] | None = Field(
        default=None, description="Orders whose parcels were scanned; left out for all."
    )
    neighbour_id: OptionalId = Field(
        default="", description="The neighbour with whom the one parcel was left, if it was."
    )


class StopFailIn(Body):
    """Why a stop could not be done."""

    code: Code


class ReachOutIn(Body):
    """How a courier reaches out from a stop."""

    how: Literal["message", "call", "bell"] = Field(
        description="What the courier does besides the notice that the platform sends."
    )


class SettleIn(Body):
    """What a dispatcher decides."""

    way: Annotated[Way, Field(strict=False)]
    courier_id: OptionalId = Field(default="", description="Who carries it, where somebody does.")


class WhatIfIn(Body):
    """What a dispatcher asks about; with nothing named, every way out is looked at."""

    way: Annotated[Way | None, Field(strict=False)] = None
    courier_id: OptionalId = Field(default="", description="Who would carry it.")
    site_id: OptionalId = Field(default="", description="Which pickup point it would go to.")


class ReopenIn(Body):
    """Why a case is taken up again."""

    why: Text = Field(min_length=1, description="What the mistake was; kept with the case.")


class RoadEventIn(Body):
    """A closure or slow-down of the roads in a circle."""

    lon: Lon
    lat: Lat
    radius_m: Annotated[int, Field(ge=1, le=50_000, description="Metres.")]
    factor: Annotated[float, Field(ge=0, le=1, description="Speed is multiplied by it; 0 closes.")]
    until_at: Instant
    source: Text = Field(min_length=1, description="Who says so.", examples=["dispatcher"])

    def value(self, *, id: str, now: datetime) -> RoadEvent:  # noqa: A002 - the word of the model
        """Return it in our words, beginning now."""
        return RoadEvent(
            id=id,
            lon=self.lon,
            lat=self.lat,
            radius_m=self.radius_m,
            factor=self.factor,
            from_at=now,
            until_at=self.until_at,
            source=self.source,
        )


class ReferenceIn(Body):
    """A reference day beside which the live counters are shown."""

    times: Annotated[list[Instant], Field(max_length=_MAX_POINTS)]
    series: Annotated[
        dict[Id, Annotated[list[float | None], Field(max_length=_MAX_POINTS)]],
        Field(max_length=_MAX_SERIES),
    ] = Field(
        description="One list a counter, each as long as `times`; null where nothing is known."
    )

    @model_validator(mode="after")
    def _has_equal_series(self) -> "ReferenceIn":
        """Refuse series of another length than the times."""
        if any(len(numbers) != len(self.times) for numbers in self.series.values()):
            raise wrong(code="series", why="every series must be as long as times")
        return self
