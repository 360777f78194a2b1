"""The day at a glance, and what changed since the last look."""

from recourse.flow.platform import Platform
from recourse.flow.views.cases import cases_view
from recourse.flow.views.plain import Data, plain, stamp
from recourse.model.events import (
    AssignmentEnded,
    CaseClosed,
    CaseDecided,
    CaseOpened,
    CourierWentSilent,
    CourierWithdrew,
    NoticeSent,
    OrderEnded,
    RemedyGranted,
    RiskRose,
    RoadEventBegan,
    WavePlanned,
    dotted,
)
from recourse.model.places import SiteKind
from recourse.model.ports import EventFilter, Transaction

__all__ = ["snapshot", "tick"]

_NEWS = tuple(
    dotted(kind)
    for kind in (
        AssignmentEnded,
        CaseClosed,
        CaseDecided,
        CaseOpened,
        CourierWentSilent,
        CourierWithdrew,
        NoticeSent,
        OrderEnded,
        RemedyGranted,
        RiskRose,
        RoadEventBegan,
        WavePlanned,
    )
)


def snapshot(tx: Transaction, platform: Platform) -> Data:
    """Everything the console shows when it opens."""
    return {
        "at": stamp(platform.now()),
        "zone": platform.zone.key,
        "is_simulated": platform.is_simulated,
        "couriers": _couriers(tx),
        "sites": [
            {"id": s.id, "kind": s.kind.value, "name": s.name, "place": plain(s.place)}
            for s in tx.sites().values()
            if s.kind is not SiteKind.MERCHANT
        ],
        "cases": cases_view(tx),
        "counters": _counters(tx),
        "references": platform.references,
        "parked": len(platform.store.parked()),
        "next": platform.store.last_number(),
    }


def tick(tx: Transaction, platform: Platform, *, after: int) -> Data:
    """What moved and what happened since an event number."""
    news = tx.events(EventFilter(after=after, kinds=_NEWS, limit=200))
    return {
        "at": stamp(platform.now()),
        "couriers": [
            [c["id"], c["lon"], c["lat"], c["state"], c["n_stops"]] for c in _couriers(tx)
        ],
        "counters": _counters(tx),
        "cases": cases_view(tx),
        "events": [
            {
                "number": one.number,
                "name": dotted(type(one.event)),
                "at": stamp(one.event.at),
                "data": plain(one.event),
            }
            for one in news
        ],
        "next": news[-1].number if news else after,
    }


def _couriers(tx: Transaction) -> list[Data]:
    """Every courier with position, state and the number of stops left."""
    progress, routes = tx.progress(), tx.routes()
    rows = []
    for courier in tx.couriers().values():
        seen, route = progress.get(courier.id), routes.get(courier.id)
        rows.append(
            {
                "id": courier.id,
                "name": courier.name,
                "vehicle": courier.vehicle.value,
                "state": courier.state.value,
                "station_id": courier.station_id,
                "lon": seen.lon if seen else courier.start.lon,
                "lat": seen.lat if seen else courier.start.lat,
                "n_stops": len(route.stops) if route else 0,
                "delay_s": seen.delay_s if seen else 0,
                "p_drop": round(seen.p_drop, 4) if seen else 0.0,
            }
        )
    return rows


def _counters(tx: Transaction) -> Data:
    """The day's figures so far."""
    return {name: dict(found) for name, found in tx.counts().items()}
