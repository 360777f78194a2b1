"""This file knows the platform's front door: every request the simulator makes."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from recourse_sim.demand import OrderPlan
from recourse_sim.fleet import CourierPlan
from recourse_sim.hours import Day
from recourse_sim.places import SitePlan
from recourse_sim.transport import Answer, Json, Transport

__all__ = ["Door", "Refused"]

_PAGE = 1000
_REFUSED = 400
_BROKEN = 500


class Refused(Exception):
    """The platform refused a request.

    Parameters
    ----------
    answer : Answer
        Status and problem document.
    method, path : str
        What was asked.
    """

    def __init__(self, answer: Answer, *, method: str, path: str) -> None:
        self.status = answer.status
        self.problem = answer.body if isinstance(answer.body, dict) else {}
        super().__init__(f"{method} {path} -> {answer.status}: {self.problem or answer.body}")

    @property
    def code(self) -> str:
        """Stable code of the problem; empty if there is none."""
        return str(self.problem.get("code", ""))


@dataclass(slots=True)
class Door:
    """Requests in the words of the platform.

    Attributes
    ----------
    transport : Transport
        How they get there.
    day : Day
        Calendar for the times in them.
    newest_message : int
        Highest number of a message that the platform mentioned.
    """

    transport: Transport
    day: Day
    newest_message: int = 0

    def ask(
        self, method: str, path: str, body: Json = None, *, key: str = "", bearer: str = ""
    ) -> Json:
        """Send a request and return the decoded answer.

        Returns
        -------
        object
            Decoded JSON.

        Raises
        ------
        Refused
            If the platform answers with a problem.
        """
        answer = self.transport.call(method, path, body, key=key, bearer=bearer)
        self.newest_message = max(self.newest_message, answer.messages)
        if answer.status >= _REFUSED:
            raise Refused(answer, method=method, path=path)
        return answer.body

    def register_site(self, site: SitePlan) -> None:
        """Make a station, merchant or point known."""
        body = {
            "id": site.id,
            "kind": site.kind.value,
            "name": site.name,
            "place": place_json(site.place.lon, site.place.lat, site.place.address),
            "capacity_parcels": site.capacity_parcels,
        }
        self._once("/v1/sites", body, f"site-{site.id}")

    def register_courier(self, plan: CourierPlan) -> None:
        """Make a courier known."""
        body = {
            "id": plan.id,
            "name": plan.name,
            "vehicle": plan.vehicle.value,
            "contract": plan.contract.value,
            "station_id": plan.station_id,
            "start": place_json(plan.start.lon, plan.start.lat, plan.start.address),
            "shift_start_at": self.day.iso(plan.shift_start_s),
            "shift_end_at": self.day.iso(plan.shift_end_s),
            "capacity_g": plan.capacity_g,
            "capacity_ml": plan.capacity_ml,
            "orders_before": plan.orders_before,
        }
        self._once("/v1/couriers", body, f"courier-{plan.id}")

    def post_order(self, plan: OrderPlan) -> dict[str, Any]:
        """Hand over an order of a merchant; the same one again is answered with the first."""
        body = {
            "external_id": plan.external_id,
            "merchant_id": "shop" if plan.is_parcel else plan.site_id,
            "kind": plan.kind.value,
            ("station_id" if plan.is_parcel else "pickup_site_id"): plan.site_id,
            "dropoff": place_json(plan.dropoff.lon, plan.dropoff.lat, plan.dropoff.address),
            "pickup_ready_at": self.day.iso(plan.ready_s),
            "dropoff_ready_at": self.day.iso(plan.earliest_s),
            "dropoff_deadline_at": self.day.iso(plan.latest_s),
            "weight_g": plan.weight_g,
            "volume_ml": plan.volume_ml,
            "service_s": plan.service_s,
            "is_perishable": plan.is_perishable,
            "value_cents": plan.value_cents,
            "currency": "CNY",
            "customer": {
                "id": f"cu-{plan.external_id}",
                "name": f"Customer {plan.external_id}",
                "locale": plan.locale,
                "accepts_pickup_point": plan.accepts_point,
            },
        }
        # The name alone is no key: another day may have another order of that name.
        key = f"order-{plan.external_id}-{zlib.crc32(to_json(body)):08x}"
        order: dict[str, Any] = self.ask("POST", "/v1/orders", body, key=key)
        return order

    def order(self, order_id: str) -> dict[str, Any]:
        """Order as the platform knows it."""
        found: dict[str, Any] = self.ask("GET", f"/v1/orders/{order_id}")
        return found

    def duty(self, courier_id: str, *, on: bool) -> None:
        """Come on duty or go off."""
        self.ask("POST", f"/v1/couriers/{courier_id}/duty", {"on": on})

    def courier(self, courier_id: str) -> dict[str, Any]:
        """Courier as the platform knows them."""
        found: dict[str, Any] = self.ask("GET", f"/v1/couriers/{courier_id}")
        return found

    def route(self, courier_id: str) -> dict[str, Any]:
        """Route a courier has now."""
        found: dict[str, Any] = self.ask("GET", f"/v1/couriers/{courier_id}/route")
        return found

    def ping(
        self, courier_ids: list[str], lons: list[float], lats: list[float], t_s: float
    ) -> None:
        """Report positions of many phones at once."""
        at = self.day.iso(t_s)
        body = {
            "courier_ids": courier_ids,
            "lons": lons,
            "lats": lats,
            "pinged_ats": [at] * len(lons),
        }
        self.ask("POST", "/v1/pings", body)

    def answer_offer(self, offer_id: str, *, is_accepted: bool, code: str = "") -> dict[str, Any]:
        """Accept or decline an offer."""
        if is_accepted:
            taken: dict[str, Any] = self.ask("POST", f"/v1/offers/{offer_id}/accept")
            return taken
        refused: dict[str, Any] = self.ask("POST", f"/v1/offers/{offer_id}/decline", {"code": code})
        return refused

    def arrive(self, courier_id: str, stop_id: str) -> dict[str, Any]:
        """Report the arrival at a stop; return the fresh route."""
        return self._stop(courier_id, stop_id, "arrive", None)

    def complete(self, courier_id: str, stop_id: str, scanned: Sequence[str]) -> dict[str, Any]:
        """Report a stop done, with what was scanned; return the fresh route."""
        return self._stop(courier_id, stop_id, "complete", {"scanned": list(scanned)})

    def fail(self, courier_id: str, stop_id: str, code: str) -> dict[str, Any]:
        """Report why a stop cannot be done; return the fresh route."""
        return self._stop(courier_id, stop_id, "fail", {"code": code})

    def report_delivery(self, courier_id: str, order_id: str) -> None:
        """Report that a parcel was brought whose stop is no longer on the route."""
        self.ask("POST", f"/v1/couriers/{courier_id}/deliveries", {"order_id": order_id})

    def withdraw(
        self, courier_id: str, code: str, order_ids: Sequence[str], lon_lat: tuple[float, float]
    ) -> None:
        """Give up some orders, or everything."""
        body = {"code": code, "order_ids": list(order_ids), "place": place_json(*lon_lat)}
        self.ask("POST", f"/v1/couriers/{courier_id}/withdraw", body)

    def sos(self, courier_id: str, lon_lat: tuple[float, float]) -> None:
        """Press the emergency button."""
        self.ask("POST", f"/v1/couriers/{courier_id}/sos", {"place": place_json(*lon_lat)})

    def track(self, order_id: str, token: str) -> dict[str, Any]:
        """Page of an order, as its customer sees it."""
        found: dict[str, Any] = self.ask("GET", f"/v1/track/{order_id}", bearer=token)
        return found

    def choose(self, order_id: str, token: str, way: str, site_id: str) -> None:
        """Pick a way out, as the customer."""
        body: dict[str, Any] = {"way": way, "consent": True}
        if site_id:
            body["site_id"] = site_id
        self.ask("POST", f"/v1/track/{order_id}/choice", body, bearer=token)

    def messages(self, after: int) -> tuple[list[dict[str, Any]], int]:
        """What phones and customers received since a number, and the number to go on from."""
        got = self.ask("GET", f"/v1/messages?after={after}&limit={_PAGE}")
        return got["messages"], int(got.get("next") or after)

    def last_message(self) -> int:
        """Number of the newest message there is."""
        after = 0
        while True:
            news, following = self.messages(after)
            if not news:
                return following
            after = following

    def events(self, after: int = 0, *, names: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Log of the platform from a number on; of some kinds only if they are named."""
        found: list[dict[str, Any]] = []
        only = "".join(f"&name={name}" for name in names)
        while True:
            page = self.ask("GET", f"/v1/events?after={after}&limit={_PAGE}{only}")["events"]
            found += page
            if len(page) < _PAGE:
                return found
            after = int(page[-1]["number"])

    def put_reference(self, name: str, times: list[str], series: dict[str, list[float]]) -> None:
        """Show a series beside the live counters."""
        self.ask("PUT", f"/v1/references/{name}", {"times": times, "series": series})

    def _stop(self, courier_id: str, stop_id: str, what: str, body: Json) -> dict[str, Any]:
        answer = self.ask("POST", f"/v1/couriers/{courier_id}/stops/{stop_id}/{what}", body)
        route: dict[str, Any] = answer["route"]
        return route

    def _once(self, path: str, body: dict[str, Any], key: str) -> None:
        """Create something that a resumed day may have created before."""
        try:
            self.ask("POST", path, body, key=key)
        except Refused as refusal:
            if refusal.status >= _BROKEN or refusal.code != "conflict":
                raise


def place_json(lon: float, lat: float, address: str = "") -> dict[str, Any]:
    """Place as the API takes it."""
    return {"lon": round(lon, 6), "lat": round(lat, 6), "address": address}
