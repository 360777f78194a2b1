"""This file knows how a person is erased: what says who they were goes, what happened stays.

Names, contacts, addresses, notes and the words of notices are emptied where they lie: in the tables
and in the log. The salt of each event goes with its words, so nobody can find out by trying; its
hash and its link stay, so the chain holds. Ids stay: they name nobody who is not named elsewhere.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from recourse.adapters.store import open_store
from recourse.adapters.store.engine import open_engine
from recourse.model.errors import Conflict, Invalid, NotFound
from recourse.model.events import PersonErased
from recourse.model.orders import ORDER_ENDS
from recourse.model.ports import Clock

__all__ = ["Erased", "erase"]

_AWAY = frozenset({"offline", "unavailable"})
_SAYS_NOTHING: dict[str, Any] = {"note": "", "evidence": []}
_NOWHERE = {"lon": 0.0, "lat": 0.0, "address": ""}
Json = dict[str, Any]
_UNNAME_ORDER = (
    "UPDATE orders SET customer = :customer, pickup = :pickup, dropoff = :dropoff,"
    " version = version + 1 WHERE id = :id"
)
_FORGET_DOOR = (
    "UPDATE custody SET place = NULL, version = version + 1 WHERE order_id = :order_id"
    " AND place IS NOT NULL AND (custodian IN ('customer', 'neighbour') OR number - 1 IN"
    " (SELECT number FROM custody WHERE order_id = :order_id AND custodian = 'customer'))"
)
_AT_THEIRS = frozenset({"customer", "neighbour"})
_FORGET_BROWSER = (
    "UPDATE push_subscriptions SET endpoint = '', p256dh = '', auth = '', version = version + 1,"
    " ended_at = coalesce(ended_at, made_at) WHERE order_id = :order_id AND endpoint <> ''"
)
_FORGET_NEIGHBOURS = (
    "UPDATE neighbours SET name = '', door = '', version = version + 1 WHERE order_id = :order_id"
    " AND (name <> '' OR door <> '')"
)
_UNNAME_COURIER = (
    "UPDATE couriers SET name = '', start = :start, version = version + 1"
    " WHERE id = :courier_id AND name <> ''"
)
_FORGET_REASON = "UPDATE assignments SET reason = :reason, version = version + 1 WHERE id = :id"
_FORGET_WHEREABOUTS = (
    "UPDATE progress SET lon = 0, lat = 0, version = version + 1 WHERE courier_id = :courier_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased.

    Attributes
    ----------
    person_id : str
        Who.
    n_orders, n_events, n_notices : int
        How many orders, events and notices said something of them.
    """

    person_id: str
    n_orders: int
    n_events: int
    n_notices: int


def erase(url: str, person_id: str, *, clock: Clock) -> Erased:
    """Erase a person; doing it again changes nothing, and ends what was cut off.

    The log is told first which of its events lose their words, then they lose them, all at once.

    Parameters
    ----------
    url : str
        Address of the database.
    person_id : str
        ``customer:ID`` or ``courier:ID``.
    clock : Clock
        Tells when.

    Returns
    -------
    Erased
        How much.

    Raises
    ------
    Invalid
        If it is neither a customer nor a courier.
    NotFound
        If nobody of that name is known.
    Conflict
        If something of theirs is not over: an order under way, a courier on duty.
    """
    kind, _, id_ = person_id.partition(":")
    if kind not in {"customer", "courier"} or not id_:
        raise Invalid(field="person", why="name them as customer:ID or courier:ID")
    engine = open_engine(url, n_connections=1)
    try:
        with engine.connect() as connection:
            trail = _customer(connection, id_) if kind == "customer" else _courier(connection, id_)
        if trail.numbers:
            with open_store(url, clock=clock) as store, store.begin() as tx:
                numbers = tuple(sorted(trail.numbers))
                told = PersonErased(at=clock.now(), person_id=person_id, numbers=numbers)
                tx.record(events=[told])
        with engine.connect() as connection, _written(connection):
            for sql, values in trail.changes:
                connection.execute(sa.text(sql), values)
    finally:
        engine.dispose()
    return Erased(
        person_id=person_id,
        n_orders=len(trail.order_ids),
        n_events=len(trail.numbers),
        n_notices=trail.n_notices,
    )


@dataclass(slots=True)
class _Trail:
    """Where somebody is spoken of, and what is to be written there."""

    order_ids: list[str]
    numbers: list[int]
    changes: list[tuple[str, Json]]
    n_notices: int = 0


def _customer(connection: sa.Connection, customer_id: str) -> _Trail:
    """Trail of a customer: their orders, what they were told, where they live."""
    trail = _Trail([], [], [])
    for row in _rows(connection, "SELECT id, kind, status, customer, pickup, dropoff FROM orders"):
        customer = _parsed(row["customer"])
        if customer["id"] != customer_id:
            continue
        if row["status"] not in ORDER_ENDS:
            raise Conflict(rule="order_under_way", detail=f"{row['id']} is {row['status']}")
        trail.order_ids.append(row["id"])
        nobody = {**customer, "name": "", "contact": "", "note": "", "device": ""}
        # What is sent back is fetched at the customer's door, and brought to the merchant's.
        door = "pickup" if row["kind"] == "return" else "dropoff"
        places = {name: _parsed(row[name]) for name in ("pickup", "dropoff")}
        if {"note": "", "device": "", **customer} != nobody or places[door] != _NOWHERE:
            places[door] = _NOWHERE
            trail.changes.append(
                (
                    _UNNAME_ORDER,
                    {
                        "customer": json.dumps(nobody),
                        **{name: json.dumps(place) for name, place in places.items()},
                        "id": row["id"],
                    },
                )
            )
    if not trail.order_ids:
        raise NotFound(kind="customer", id=customer_id)
    for order_id in trail.order_ids:
        _forget_order(connection, trail, order_id)
    return trail


def _forget_order(connection: sa.Connection, trail: _Trail, order_id: str) -> None:
    """What the log, the notices and the stored answers say of one order's customer."""
    mine = {"order_id": order_id}
    sql = "SELECT number, name, data, salt FROM events WHERE order_id = :order_id"
    for row in _rows(connection, f"{sql} AND salt IS NOT NULL", mine):
        data = _parsed(row["data"])
        if row["name"] == "notice.sent":
            _blank(trail, row["number"], {**data, "text": ""})
        elif row["name"] == "custody.passed" and _AT_THEIRS & {
            data["from_custodian"],
            data["to_custodian"],
        }:
            _blank(trail, row["number"], {**data, "place": None})
    told = _rows(
        connection, "SELECT key FROM notices WHERE order_id = :order_id AND text <> ''", mine
    )
    trail.n_notices += len(told)
    trail.changes += [
        ("UPDATE notices SET text = '' WHERE order_id = :order_id AND text <> ''", mine),
        (
            _FORGET_DOOR,
            mine,
        ),
        ("UPDATE replies SET body = '' WHERE body LIKE :like", {"like": f'%"{order_id}"%'}),
        (_FORGET_BROWSER, mine),
        (_FORGET_NEIGHBOURS, mine),
    ]


def _courier(connection: sa.Connection, courier_id: str) -> _Trail:
    """Trail of a courier: their name, their words, where they were."""
    mine: Json = {"courier_id": courier_id}
    found = _rows(connection, "SELECT name, state FROM couriers WHERE id = :courier_id", mine)
    if not found:
        raise NotFound(kind="courier", id=courier_id)
    if found[0]["state"] not in _AWAY:
        raise Conflict(rule="courier_on_duty", detail=f"{courier_id} is {found[0]['state']}")
    held = "SELECT order_id FROM custody WHERE holder_id = :courier_id AND custodian = 'courier'"
    for row in _rows(connection, f"{held} AND until_at IS NULL", mine):
        raise Conflict(rule="courier_holds_a_parcel", detail=f"{courier_id} has {row['order_id']}")
    trail = _Trail([], [], [])
    sql = "SELECT number, name, data FROM events WHERE courier_id = :courier_id"
    for row in _rows(connection, f"{sql} AND salt IS NOT NULL", mine):
        if (left := _without_courier(row["name"], _parsed(row["data"]))) is not None:
            _blank(trail, row["number"], left)
    _unname(connection, trail, courier_id, found[0]["name"])
    _forget_reasons(connection, trail, courier_id)
    trail.changes += [
        (
            _UNNAME_COURIER,
            {**mine, "start": json.dumps(_NOWHERE)},
        ),
        (
            _FORGET_WHEREABOUTS,
            mine,
        ),
        ("UPDATE replies SET body = '' WHERE body LIKE :like", {"like": f'%"{courier_id}"%'}),
    ]
    return trail


def _without_courier(name: str, data: Json) -> Json | None:
    """An event without what it says of its courier; None if it says nothing."""
    left: Json = _wordless(data)
    if name in {"courier.withdrew", "courier.went_silent", "courier.came_to_light"}:
        left = {**left, "place": None}
    if name == "disruption.recognised":
        left = {**left, "disruption": {**left["disruption"], "place": None}}
    return left if left != data else None


def _wordless(value: Any) -> Any:  # noqa: ANN401 - parsed JSON
    """Plain data without what people wrote."""
    if isinstance(value, dict):
        return {
            name: _SAYS_NOTHING[name] if name in _SAYS_NOTHING else _wordless(item)
            for name, item in value.items()
        }
    return [_wordless(item) for item in value] if isinstance(value, list) else value


def _forget_reasons(connection: sa.Connection, trail: _Trail, courier_id: str) -> None:
    """What a courier wrote when a duty ended."""
    sql = "SELECT id, reason FROM assignments WHERE courier_id = :courier_id"
    for row in _rows(connection, f"{sql} AND reason IS NOT NULL", {"courier_id": courier_id}):
        reason = _parsed(row["reason"])
        if (left := _wordless(reason)) != reason:
            trail.changes.append((_FORGET_REASON, {"reason": json.dumps(left), "id": row["id"]}))


def _unname(connection: sa.Connection, trail: _Trail, courier_id: str, name: str) -> None:
    """Notices that name the courier, of every order they had."""
    if not name:
        return
    mine = {"courier_id": courier_id}
    had = "SELECT DISTINCT order_id FROM assignments WHERE courier_id = :courier_id"
    trail.order_ids += [row["order_id"] for row in _rows(connection, had, mine)]
    for order_id in trail.order_ids:
        told = "SELECT key, text FROM notices WHERE order_id = :order_id AND text <> ''"
        for row in _rows(connection, told, {"order_id": order_id}):
            if name in row["text"] or name.split(" ", maxsplit=1)[0] in row["text"]:
                trail.n_notices += 1
                key = {"key": row["key"]}
                trail.changes.append(("UPDATE notices SET text = '' WHERE key = :key", key))
                _blank_notice(connection, trail, order_id, row["key"])


def _blank_notice(connection: sa.Connection, trail: _Trail, order_id: str, key: str) -> None:
    """The event that says the same as a notice."""
    sql = "SELECT number, data FROM events WHERE order_id = :order_id AND name = 'notice.sent'"
    for row in _rows(connection, f"{sql} AND salt IS NOT NULL", {"order_id": order_id}):
        data = _parsed(row["data"])
        if data["key"] == key:
            _blank(trail, row["number"], {**data, "text": ""})


def _blank(trail: _Trail, number: int, data: Json) -> None:
    """Note that an event loses its words and its salt."""
    trail.numbers.append(number)
    trail.changes.append(
        (
            "UPDATE events SET data = :data, salt = NULL WHERE number = :number",
            {"data": json.dumps(data, ensure_ascii=False), "number": number},
        )
    )


def _rows(connection: sa.Connection, sql: str, values: Json | None = None) -> list[Any]:
    """Rows of a query, by the names of their columns."""
    return list(connection.execute(sa.text(sql), values or {}).mappings())


def _parsed(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Parsed JSON, whether the driver has parsed it or not."""
    return json.loads(value) if isinstance(value, str) else value


@contextmanager
def _written(connection: sa.Connection) -> Iterator[None]:
    """One transaction over a connection that begins none by itself."""
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
