"""This file knows which columns a user's own tables have, and where each goes in a request."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["COURIERS", "ORDERS", "SITES", "Column", "Kind", "Layout", "PlaceColumns"]


class Kind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    CHOICE = "word"
    COUNT = "whole number"
    DEGREES = "degrees"
    YES_NO = "yes or no"
    INSTANT = "date and time"
    CLOCK = "time of day"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        What its header says.
    into : tuple of str
        Where its value goes in the request, field by field.
    kind : Kind
        How a cell is read.
    about : str
        What it means, with its unit.
    aliases : tuple of str
        Other headers that mean the same.
    is_required : bool
        Whether the table must have it.
    """

    name: str
    into: tuple[str, ...]
    kind: Kind
    about: str
    aliases: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class PlaceColumns:
    """The columns that together say where something is.

    Attributes
    ----------
    field : str
        Field of the request that holds the place.
    lon, lat, address : str
        Names of its columns.
    is_required : bool
        Whether every row must have it.
    """

    field: str
    lon: str
    lat: str
    address: str
    is_required: bool

    @property
    def words(self) -> str:
        """How to give the place, for a message."""
        return f"{self.lon} and {self.lat}, or {self.address}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What one table may hold.

    Attributes
    ----------
    what : str
        What its rows are.
    columns : tuple of Column
        Every column that is known.
    places : tuple of PlaceColumns
        Which of them say where something is.
    """

    what: str
    columns: tuple[Column, ...]
    places: tuple[PlaceColumns, ...]

    def column_at(self, path: tuple[str, ...]) -> str:
        """Name of the column that fills a field of the request; its path if none does."""
        for place in self.places:
            if path == (place.field,):
                return place.address
        return next((c.name for c in self.columns if c.into == path), ".".join(path))


def _place(prefix: str, field: str, whose: str, *, chinese: str) -> tuple[Column, ...]:
    """Make the three columns of a place."""
    lon, lat = (field, "lon"), (field, "lat")
    return (
        Column(
            f"{prefix}lon",
            lon,
            Kind.DEGREES,
            f"WGS-84 longitude of {whose}, east positive",
            (f"{prefix}lng", f"{prefix}longitude", f"{chinese}经度"),
        ),
        Column(
            f"{prefix}lat",
            lat,
            Kind.DEGREES,
            f"WGS-84 latitude of {whose}, north positive",
            (f"{prefix}latitude", f"{chinese}纬度"),
        ),
        Column(
            f"{prefix}address",
            (field, "address"),
            Kind.TEXT,
            f"address of {whose}; looked up in the city when there are no degrees",
            (f"{chinese}地址",),
        ),
    )


SITES: Final = Layout(
    "sites",
    (
        Column("id", ("id",), Kind.TEXT, "stable name", ("site_id", "站点编号"), is_required=True),
        Column(
            "kind",
            ("kind",),
            Kind.CHOICE,
            "station, merchant or point",
            ("type", "类型"),
            is_required=True,
        ),
        Column("name", ("name",), Kind.TEXT, "what people call it", ("名称",), is_required=True),
        *_place("", "place", "the site", chinese=""),
        Column(
            "capacity_parcels",
            ("capacity_parcels",),
            Kind.COUNT,
            "parcels a point holds at once; 0 is no bound",
            ("capacity", "容量"),
        ),
        Column("opens", ("opens_s",), Kind.CLOCK, "local time of opening", ("营业开始",)),
        Column("closes", ("closes_s",), Kind.CLOCK, "local time of closing", ("营业结束",)),
    ),
    (PlaceColumns("place", "lon", "lat", "address", is_required=True),),
)

COURIERS: Final = Layout(
    "couriers",
    (
        Column("id", ("id",), Kind.TEXT, "stable id", ("courier_id", "骑手编号"), is_required=True),
        Column("name", ("name",), Kind.TEXT, "what a customer reads", ("姓名",), is_required=True),
        Column(
            "vehicle",
            ("vehicle",),
            Kind.CHOICE,
            "ebike, scooter, van or foot",
            ("车辆",),
            is_required=True,
        ),
        Column(
            "contract",
            ("contract",),
            Kind.CHOICE,
            "asked (gets offers) or assigned (gets routes)",
            ("合同",),
            is_required=True,
        ),
        Column(
            "station_id",
            ("station_id",),
            Kind.TEXT,
            "station whose waves they carry; empty for orders on demand",
            ("station", "站点"),
        ),
        *_place("start_", "start", "the start of the shift; default: the station", chinese="出发"),
        Column(
            "shift_start_at",
            ("shift_start_at",),
            Kind.INSTANT,
            "beginning of the shift",
            ("shift_start", "上班时间"),
            is_required=True,
        ),
        Column(
            "shift_end_at",
            ("shift_end_at",),
            Kind.INSTANT,
            "end of the shift, within a day",
            ("shift_end", "下班时间"),
            is_required=True,
        ),
        Column(
            "capacity_g",
            ("capacity_g",),
            Kind.COUNT,
            "grams carried at once",
            ("载重_g",),
            is_required=True,
        ),
        Column(
            "capacity_ml",
            ("capacity_ml",),
            Kind.COUNT,
            "millilitres carried at once",
            ("容积_ml",),
            is_required=True,
        ),
        Column(
            "orders_before",
            ("orders_before",),
            Kind.COUNT,
            "orders completed before today",
            ("历史单量",),
        ),
    ),
    (PlaceColumns("start", "start_lon", "start_lat", "start_address", is_required=False),),
)

ORDERS: Final = Layout(
    "orders",
    (
        Column(
            "external_id",
            ("external_id",),
            Kind.TEXT,
            "the merchant's own name for it, never used twice",
            ("order_id", "order_no", "订单号", "订单编号"),
            is_required=True,
        ),
        Column(
            "merchant_id",
            ("merchant_id",),
            Kind.TEXT,
            "whose order it is",
            ("merchant", "商家编号"),
            is_required=True,
        ),
        Column(
            "kind",
            ("kind",),
            Kind.CHOICE,
            "parcel, meal or grocery",
            ("type", "类型"),
            is_required=True,
        ),
        Column(
            "station_id",
            ("station_id",),
            Kind.TEXT,
            "station whose wave carries it; a parcel needs one",
            ("station", "站点"),
        ),
        Column(
            "pickup_site_id",
            ("pickup_site_id",),
            Kind.TEXT,
            "merchant's site it is fetched at",
            ("pickup_site", "取货点"),
        ),
        *_place("pickup_", "pickup", "the pickup; default: the site", chinese="取货"),
        *_place("dropoff_", "dropoff", "the customer's door", chinese="收货"),
        Column(
            "pickup_ready_at",
            ("pickup_ready_at",),
            Kind.INSTANT,
            "when it can be collected",
            ("ready_at", "取货时间"),
            is_required=True,
        ),
        Column(
            "dropoff_ready_at",
            ("dropoff_ready_at",),
            Kind.INSTANT,
            "start of the window at the door",
            ("earliest_at", "最早送达"),
            is_required=True,
        ),
        Column(
            "dropoff_deadline_at",
            ("dropoff_deadline_at",),
            Kind.INSTANT,
            "end of the window at the door",
            ("deadline", "deadline_at", "最晚送达"),
            is_required=True,
        ),
        Column("weight_g", ("weight_g",), Kind.COUNT, "grams", ("重量_g",)),
        Column("volume_ml", ("volume_ml",), Kind.COUNT, "millilitres", ("体积_ml",)),
        Column("service_s", ("service_s",), Kind.COUNT, "seconds at the door", ("停留_s",)),
        Column(
            "is_perishable",
            ("is_perishable",),
            Kind.YES_NO,
            "whether waiting spoils it",
            ("perishable", "易腐"),
        ),
        Column(
            "value_cents",
            ("value_cents",),
            Kind.COUNT,
            "value in minor units of the currency",
            ("货值_分",),
        ),
        Column("currency", ("currency",), Kind.TEXT, "ISO 4217, three capitals", ("币种",)),
        Column(
            "customer_id",
            ("customer", "id"),
            Kind.TEXT,
            "stable id of the person at the merchant",
            ("customer", "客户编号"),
            is_required=True,
        ),
        Column(
            "customer_name",
            ("customer", "name"),
            Kind.TEXT,
            "what the courier reads at the door",
            ("客户姓名", "收货人"),
        ),
        Column(
            "customer_locale",
            ("customer", "locale"),
            Kind.CHOICE,
            "zh or en: language of every notice",
            ("locale", "language", "语言"),
        ),
        Column(
            "customer_contact",
            ("customer", "contact"),
            Kind.TEXT,
            "phone in E.164 or mail address",
            ("contact", "phone", "联系方式", "电话"),
        ),
        Column(
            "accepts_pickup_point",
            ("customer", "accepts_pickup_point"),
            Kind.YES_NO,
            "standing consent to a pickup point",
            ("接受自提",),
        ),
    ),
    (
        PlaceColumns("pickup", "pickup_lon", "pickup_lat", "pickup_address", is_required=False),
        PlaceColumns("dropoff", "dropoff_lon", "dropoff_lat", "dropoff_address", is_required=True),
    ),
)
