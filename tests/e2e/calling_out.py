"""A platform that tells customers and pays them over a peer, and the verbs a test has for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from recourse.adapters.clock import ManualClock
from recourse.app import Application
from recourse.model.ports import Transaction
from tests.doors import Caller, courier, meal, open_platform, site
from tests.outside import Gateway, gateway

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class House:
    """A platform and the peer it calls."""

    application: Application
    clock: ManualClock
    caller: Caller
    peer: Gateway

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        answer = self.caller.call(method, path, body)
        assert answer.status < 400, answer.json
        return answer.json if answer.content else None

    def order(self, name: str, contact: str = "+16045550123") -> str:
        body = meal(name)
        now = self.clock.now()
        body["pickup_ready_at"] = body["dropoff_ready_at"] = now.isoformat()
        body["dropoff_deadline_at"] = (now + timedelta(hours=1)).isoformat()
        body["customer"] |= {"contact": contact, "id": "c-ann"}
        order_id = str(self.call("POST", "/v1/orders", body)["id"])
        self.application.work()
        return order_id

    def carried(self, name: str, **more: str) -> tuple[str, str]:
        """An order that somebody has said yes to."""
        order_id = self.order(name, **more)
        return order_id, self.accept()

    def accept(self) -> str:
        messages = self.call("GET", "/v1/messages?limit=500")["messages"]
        offer = [one for one in messages if one["kind"] == "offer"][-1]
        self.call("POST", f"/v1/offers/{offer['data']['offer_id']}/accept")
        self.application.work()
        return str(offer["to"].removeprefix("courier:"))

    def drop(self, courier_id: str) -> None:
        self.call("POST", f"/v1/couriers/{courier_id}/withdraw", {"code": "courier_illness"})
        self.application.work()

    def give_money_back(self) -> None:
        """Nobody says yes, and a dispatcher pays the order back."""
        self.wait(300)
        (case,) = self.call("GET", "/v1/cases")["cases"]
        self.call("POST", f"/v1/cases/{case['id']}/decide", {"way": "refund"})
        self.application.work()

    def tell(self) -> None:
        """Call whoever is due to be called."""
        while self.application.messenger.work():
            pass

    def wait(self, seconds: float) -> None:
        """Let time pass, doing whatever falls due."""
        end = self.clock.now() + timedelta(seconds=seconds)
        store = self.application.platform.store
        self.tell()
        while (due_at := self.due_at(store.next_due_at(outgoing=True), store.next_due_at())) <= end:
            self.clock.set(max(due_at, self.clock.now()))
            self.application.work()
            self.tell()
        self.clock.set(end)

    @staticmethod
    def due_at(*instants: datetime | None) -> datetime:
        return min((at for at in instants if at is not None), default=_NEVER)

    def errands(self, order_id: str) -> list[dict[str, Any]]:
        return list(self.call("GET", f"/v1/orders/{order_id}/errands")["errands"])

    def sums(self) -> dict[str, int]:
        """What every account came to."""

        def read(tx: Transaction) -> dict[str, int]:
            keys = [r["id"] for r in self.call("GET", "/v1/remedies?limit=500")["remedies"]]
            found = tx.entries([key for one in keys for key in (one, f"{one}/paid")])
            sums: dict[str, int] = {}
            for entry in found.values():
                for line in entry.postings:
                    sums[line.account] = sums.get(line.account, 0) + line.amount_cents
            return sums

        with self.application.platform.store.begin() as tx:
            return read(tx)


@contextmanager
def opened(
    folder: Path,
    url: str,
    peers: str,
    *,
    more: str = "",
    **changes: Any,  # noqa: ANN401 - as the settings have them
) -> Iterator[House]:
    folder.mkdir(exist_ok=True)
    with gateway() as peer:
        file = folder / "peers.toml"
        host = peer.url.removeprefix("http://").partition("/")[0]
        file.write_text(peers.format(url=peer.url, host=host, more=more))
        application, clock = open_platform(folder, url, peers_file=file, **changes)
        caller = Caller(application.asgi)
        house = House(application, clock, caller, peer)
        try:
            house.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
            for name in ("bo", "mei", "li"):
                house.call("POST", "/v1/couriers", courier(name))
                house.call("POST", f"/v1/couriers/{name}/duty", {"on": True})
            yield house
        finally:
            caller.close()
            application.close()
