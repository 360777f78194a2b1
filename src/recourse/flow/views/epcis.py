"""The way of a parcel as GS1 EPCIS 2.0: every change of hands is an event that others can read.

What is written can be read back to the very same custody history, so nothing is lost on the way.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from recourse.flow.platform import Platform
from recourse.flow.views.plain import Data, stamp
from recourse.model.assignments import Custodian, Custody
from recourse.model.errors import NotFound
from recourse.model.events import CustodyPassed, OrderAdmitted, dotted
from recourse.model.places import Place
from recourse.model.ports import EventFilter, Transaction

__all__ = ["custody_of", "epcis"]

_URN = "urn:x-recourse"
_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
# What a change of hands is in the Core Business Vocabulary, by who has it afterwards.
_STEPS = {
    Custodian.MERCHANT: ("holding", "in_progress"),
    Custodian.STATION: ("receiving", "in_progress"),
    Custodian.COURIER: ("transporting", "in_transit"),
    Custodian.POINT: ("storing", "available"),
    Custodian.CUSTOMER: ("accepting", "retail_sold"),
    Custodian.NEIGHBOUR: ("accepting", "retail_sold"),
}


def epcis(tx: Transaction, platform: Platform, order_id: str) -> Data:
    """Write the custody history of an order as an EPCIS 2.0 document.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        Says the time and the zone.
    order_id : str
        Which order.

    Returns
    -------
    dict
        JSON-LD with one ObjectEvent for each time the parcel came into somebody's hands.

    Raises
    ------
    NotFound
        If there is no such order.
    """
    kinds = (dotted(OrderAdmitted), dotted(CustodyPassed))
    found = tx.events(EventFilter(order_id=order_id, kinds=kinds, limit=5_000))
    if not found:
        raise NotFound(kind="order", id=order_id)
    events = [
        _event(one.event, order_id, platform)
        for one in found
        if isinstance(one.event, OrderAdmitted | CustodyPassed)
    ]
    return {
        "@context": [_CONTEXT, {"recourse": f"{_URN}:"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": stamp(platform.now()),
        "epcisBody": {"eventList": events},
    }


def _event(event: OrderAdmitted | CustodyPassed, order_id: str, platform: Platform) -> Data:
    """One change of hands."""
    if isinstance(event, OrderAdmitted):
        number, custodian, holder_id, place = 1, event.custodian, event.holder_id, None
        action, step, state = "ADD", "commissioning", "active"
        source = None
    else:
        number, custodian, holder_id = event.number, event.to_custodian, event.to_holder_id
        place, action = event.place, "OBSERVE"
        step, state = _STEPS[custodian]
        source = _party(event.from_custodian, event.from_holder_id)
    data: Data = {
        "type": "ObjectEvent",
        "eventID": f"{_URN}:custody:{quote(order_id, safe='')}:{number}",
        "eventTime": event.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "eventTimeZoneOffset": _offset(event.at, platform),
        "epcList": [f"{_URN}:order:{quote(order_id, safe='')}"],
        "action": action,
        "bizStep": step,
        "disposition": state,
        "recourse:number": number,
        "destinationList": [
            {"type": "possessing_party", "destination": _party(custodian, holder_id)}
        ],
    }
    if source:
        data["sourceList"] = [{"type": "possessing_party", "source": source}]
    if place is not None:
        data["readPoint"] = {"id": f"geo:{place.lat!r},{place.lon!r}"}
        data["recourse:address"] = place.address
    return data


def _party(custodian: Custodian, holder_id: str) -> str:
    """A holder as a URI."""
    return f"{_URN}:{custodian.value}:{quote(holder_id, safe='')}"


def _offset(at: datetime, platform: Platform) -> str:
    """Offset of local time, as EPCIS has it."""
    ahead = at.astimezone(platform.zone).utcoffset() or timedelta()
    minutes = int(ahead.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def custody_of(document: Data) -> list[Custody]:
    """Read the custody history back from a document.

    Parameters
    ----------
    document : dict
        Written by `epcis`.

    Returns
    -------
    list of Custody
        Every interval, the first one first; the last has no end.
    """
    begun = [_interval(event) for event in document["epcisBody"]["eventList"]]
    ends: list[datetime | None] = [one.from_at for one in begun[1:]]
    return [
        Custody(
            order_id=one.order_id,
            number=one.number,
            custodian=one.custodian,
            holder_id=one.holder_id,
            from_at=one.from_at,
            until_at=until_at,
            place=one.place,
        )
        for one, until_at in zip(begun, [*ends, None], strict=True)
    ]


def _interval(event: dict[str, Any]) -> Custody:
    """Who came to have it by one event, and when."""
    party = event["destinationList"][0]["destination"].removeprefix(f"{_URN}:")
    custodian, _, holder_id = party.partition(":")
    place = None
    if "readPoint" in event:
        lat, _, lon = event["readPoint"]["id"].removeprefix("geo:").partition(",")
        place = Place(lon=float(lon), lat=float(lat), address=event["recourse:address"])
    return Custody(
        order_id=unquote(event["epcList"][0].rpartition(":")[2]),
        number=event["recourse:number"],
        custodian=Custodian(custodian),
        holder_id=unquote(holder_id),
        from_at=datetime.fromisoformat(event["eventTime"]),
        place=place,
    )
