"""This file knows the load: a fleet, merchants and customers of a city, at the front door.

Everything arrives by the clock and not by the answers (an open loop): a cancel counts from the
instant it was due, even if the platform, or this process, is too busy to take it.
"""

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx2

__all__ = ["Load", "Told", "played"]

_WARM_S = 12
_DRAIN_S = 15
_POLLS_EVERY_S = 0.1
_PINGS_EVERY_S = 5.0
_ENDS_AFTER_S = 6.0
_N_MERCHANTS = 24


@dataclass(frozen=True, kw_only=True)
class Load:
    """How much arrives.

    Attributes
    ----------
    rate : float
        Cancels a second; as many orders come in.
    seconds : int
        For how long cancels arrive.
    n_couriers : int
        Size of the fleet.
    centre : tuple of float
        Longitude and latitude of the middle of the city.
    seed : int
        Where arrivals and places are drawn from.
    """

    rate: float
    seconds: int
    n_couriers: int
    centre: tuple[float, float]
    seed: int


@dataclass
class Told:
    """What came of the cancels, in seconds from the instant each was due.

    Attributes
    ----------
    due_s : dict
        When each order was to lose its courier, by the clock of this process.
    offer_s, notice_s, text_s : dict
        When the next offer, the notice and the text about it were there, by order.
    n_requests, n_refused, n_failed : int
        Requests of everybody; those refused because somebody was faster; those not answered.
    n_missing : int
        Cancels that found no order to cancel.
    phones : dict
        Which order a phone is for.
    """

    due_s: dict[str, float] = field(default_factory=dict)
    offer_s: dict[str, float] = field(default_factory=dict)
    notice_s: dict[str, float] = field(default_factory=dict)
    text_s: dict[str, float] = field(default_factory=dict)
    n_requests: int = 0
    n_refused: int = 0
    n_failed: int = 0
    n_missing: int = 0
    phones: dict[str, str] = field(default_factory=dict)


async def played(load: Load, url: str, *, gateway_port: int) -> Told:
    """Play one load against a served platform.

    Parameters
    ----------
    load : Load
        How much arrives.
    url : str
        Where the platform serves.
    gateway_port : int
        Where it finds the gateway for texts.

    Returns
    -------
    Told
        What came of it.
    """
    limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx2.AsyncClient(base_url=url, limits=limits, timeout=30) as client:
        city = _City(load, client)
        server = await asyncio.start_server(city.take_text, "127.0.0.1", gateway_port)
        async with server:
            await city.open()
            around = [asyncio.create_task(one) for one in (city.poll(), city.ping(), city.admit())]
            await asyncio.sleep(_WARM_S)
            await city.cancel()
            await asyncio.sleep(_DRAIN_S)
            city.is_over = True
            for one in around:
                one.cancel()
            await asyncio.gather(*around, *city.errands, return_exceptions=True)
        return city.told


class _City:
    """Merchants, couriers and customers, each at the front door."""

    def __init__(self, load: Load, client: httpx2.AsyncClient) -> None:
        self._load, self._client, self._dice = load, client, Random(load.seed)
        self.told = Told()
        self.is_over = False
        self.errands: set[asyncio.Task[None]] = set()
        self._carried: deque[tuple[str, str]] = deque()
        self._n_orders = 0
        self._where = {f"k-{i}": self._place() for i in range(load.n_couriers)}

    # -- getting ready ------------------------------------------------------------------

    async def open(self) -> None:
        """Open shops and come on duty."""
        for i in range(_N_MERCHANTS):
            shop = {"id": f"shop-{i}", "kind": "merchant", "name": f"Shop {i}"}
            await self._call("POST", "/v1/sites", {**shop, "place": self._place()})
        now = _now()
        for name, place in self._where.items():
            courier = {
                "id": name,
                "name": f"Courier {name}",
                "vehicle": "ebike",
                "contract": "asked",
                "start": place,
                "shift_start_at": now.isoformat(),
                "shift_end_at": (now + timedelta(hours=9)).isoformat(),
                "capacity_g": 30_000,
                "capacity_ml": 120_000,
            }
            await self._call("POST", "/v1/couriers", courier)
            await self._call("POST", f"/v1/couriers/{name}/duty", {"on": True})

    def _place(self) -> dict[str, float]:
        """Somewhere within a mile or so of the middle of the city."""
        lon, lat = self._load.centre
        return {
            "lon": round(lon + self._dice.uniform(-0.015, 0.015), 6),
            "lat": round(lat + self._dice.uniform(-0.01, 0.01), 6),
        }

    # -- what goes on all the time ------------------------------------------------------

    async def ping(self) -> None:
        """Say where everybody is, as a gateway of phones does."""
        while not self.is_over:
            now = _now().isoformat()
            body = {
                "courier_ids": list(self._where),
                "lons": [place["lon"] for place in self._where.values()],
                "lats": [place["lat"] for place in self._where.values()],
                "pinged_ats": [now] * len(self._where),
            }
            await self._call("POST", "/v1/pings", body)
            await asyncio.sleep(_PINGS_EVERY_S)

    async def poll(self) -> None:
        """Read what phones and customers are told, and say yes to every offer."""
        after = 0
        while not self.is_over:
            found = await self._call("GET", f"/v1/messages?after={after}&limit=500")
            at_s = time.monotonic()
            for message in (found or {}).get("messages", []):
                self._hear(message, at_s)
            after = (found or {}).get("next", after)
            await asyncio.sleep(_POLLS_EVERY_S)

    def _hear(self, message: dict[str, Any], at_s: float) -> None:
        """Note when it was there, and answer."""
        told, data = self.told, message["data"]
        if message["kind"] == "offer":
            for order_id in data["order_ids"]:
                if order_id in told.due_s:
                    told.offer_s.setdefault(order_id, at_s)
            self._do(self._accept(message["to"].removeprefix("courier:"), data))
        elif message["kind"] == "notice" and data["kind"] == "courier_lost":
            told.notice_s.setdefault(message["to"].removeprefix("customer:"), at_s)

    async def _accept(self, courier_id: str, data: dict[str, Any]) -> None:
        """Think for a moment, say yes, and carry it."""
        await asyncio.sleep(self._dice.uniform(0.2, 0.8))
        if await self._call("POST", f"/v1/offers/{data['offer_id']}/accept") is None:
            return
        for order_id in data["order_ids"]:
            if order_id in self.told.due_s:
                self._do(self._end(order_id))
            else:
                self._carried.append((order_id, courier_id))

    async def _end(self, order_id: str) -> None:
        """Let an order that was put right leave the city."""
        await asyncio.sleep(_ENDS_AFTER_S)
        body = {"actor": "customer", "code": "customer_canceled"}
        await self._call("POST", f"/v1/orders/{order_id}/cancel", body)

    async def admit(self) -> None:
        """Let orders come in: somewhat more than are canceled, from before the first cancel on."""
        due_s = time.monotonic()
        while not self.is_over:
            self._do(self._order())
            due_s += self._dice.expovariate(1.1 * self._load.rate)
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    async def _order(self) -> None:
        """One meal, wanted within two hours."""
        self._n_orders = number = self._n_orders + 1
        now, name = _now(), f"meal-{number}"
        body = {
            "external_id": name,
            "merchant_id": "m-1",
            "kind": "meal",
            "pickup_site_id": f"shop-{number % _N_MERCHANTS}",
            "dropoff": self._place(),
            "pickup_ready_at": now.isoformat(),
            "dropoff_ready_at": now.isoformat(),
            "dropoff_deadline_at": (now + timedelta(hours=2)).isoformat(),
            "value_cents": 3_000,
            "customer": {"id": name, "contact": f"+1604{number:07}", "locale": "en"},
        }
        made = await self._call("POST", "/v1/orders", body)
        if made:
            self.told.phones[f"+1604{number:07}"] = made["id"]

    # -- what is measured -----------------------------------------------------------------

    async def cancel(self) -> None:
        """Let couriers drop out, by the clock."""
        due_s = time.monotonic()
        end_s = due_s + self._load.seconds
        while (due_s := due_s + self._dice.expovariate(self._load.rate)) < end_s:
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            if not self._carried:
                self.told.n_missing += 1
                continue
            order_id, courier_id = self._carried.popleft()
            self.told.due_s[order_id] = due_s
            body: dict[str, object] = {
                "code": "courier_declined_economics",
                "order_ids": [order_id],
            }
            self._do(self._drop(courier_id, body))

    async def _drop(self, courier_id: str, body: dict[str, object]) -> None:
        await self._call("POST", f"/v1/couriers/{courier_id}/withdraw", body)

    async def take_text(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be the gateway for texts: take one, say so."""
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        said = json.loads(await reader.readexactly(length))
        if said["kind"] == "courier_lost":
            order_id = self.told.phones[said["to"]]
            self.told.text_s.setdefault(order_id, time.monotonic())
        content = b'{"state": "done"}'
        head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(content)
        writer.write(head + content)
        await writer.drain()
        writer.close()

    # -- the front door -------------------------------------------------------------------

    def _do(self, what: Any) -> None:  # noqa: ANN401 - a coroutine
        """Do something beside everything else."""
        errand = asyncio.create_task(what)
        self.errands.add(errand)
        errand.add_done_callback(self.errands.discard)

    async def _call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Call once; None when it was refused or not answered."""
        self.told.n_requests += 1
        try:
            # Every request is a new one: nothing here is sent twice.
            key = {"idempotency-key": f"call-{self.told.n_requests}"} if method == "POST" else {}
            answer = await self._client.request(method, path, json=body, headers=key)
        except httpx2.HTTPError:
            self.told.n_failed += 1
            return None
        if answer.status_code >= 500:
            self.told.n_failed += 1
            return None
        if answer.status_code >= 400:
            self.told.n_refused += 1
            return None
        return answer.json() if answer.content else {}


def _now() -> datetime:
    return datetime.now(UTC)
