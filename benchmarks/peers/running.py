"""This file knows a day of calls to hostile peers, and what is asked of it afterwards.

The clock is set by hand and goes in steps of ten seconds, the deadline of a call: whatever hangs
costs that much. Every so often the messenger dies in the middle of its calls, after the peer was
called and before anything was written down.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.peers.hostile import Hostile
from benchmarks.races.start import admitted
from recourse.adapters.clock import ManualClock
from recourse.adapters.peers import read_peers
from recourse.app import Application
from recourse.flow import outside, webhooks
from recourse.model.errands import Errand, ErrandKind, ErrandState
from recourse.model.events import LedgerPosted, NoticeSent
from recourse.model.orders import Customer, Order
from recourse.model.ports import Transaction
from recourse.model.redress import Entry, Notice, NoticeKind, Posting, RemedyKind
from recourse.model.webhooks import WebhookMessage, WebhookState
from recourse.outgoing import messenger_of
from tests.doors import open_platform

__all__ = ["PEERS", "Found", "run"]

STEP = timedelta(seconds=10)
MERCHANTS = 64
CALLS_AN_ORDER = 3
_PAID_CENTS = 500
_MOST_STEPS = 400
PEERS = """
[[channel]]
name = "gateway"
over = "gateway"
reach = "phone"
url = "{url}/gateway"
takes_key = true
can_be_asked = true

[[channel]]
name = "mute"
over = "apprise"
url = "json://{host}/mute?to={{mail}}"

[payouts]
url = "{url}/payouts"
"""


class Killed(BaseException):
    """As if the process had been killed."""


@dataclass
class Found:
    """What a day of calls came to.

    Attributes
    ----------
    n_calls : int
        Things to be done outside.
    n_deaths : int
        How often the messenger died.
    states : Counter
        Ends, by peer.
    doubled : Counter
        Effects beyond the first, by peer.
    wrong : Counter
        Ends that say something else than the peer did.
    late_s : dict of str to list of float
        Virtual seconds from asked for to settled, of every one, by peer.
    cents : tuple of int
        Paid by the ledger, and moved by the peer.
    """

    n_calls: int = 0
    n_deaths: int = 0
    states: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    late_s: dict[str, list[float]] = field(default_factory=dict)
    cents: tuple[int, int] = (0, 0)


def run(
    folder: Path,
    url: str,
    peers: Hostile,
    *,
    n_orders: int,
    orders_a_step: int,
    deadline_s: float,
    dies_every: int = 499,
) -> Found:
    """Let a platform do everything it has to do outside, and look what came of it.

    Parameters
    ----------
    folder : Path
        For the file of peers.
    url : str
        Address of the database.
    peers : Hostile
        Whom it calls.
    n_orders : int
        How many orders; each has a payout, a text and a webhook.
    orders_a_step : int
        How many come in ten virtual seconds.
    deadline_s : float
        Seconds of the wall after which a call is given up; virtually it is ten.
    dies_every : int, optional
        After so many calls the messenger dies in the middle of one.

    Returns
    -------
    Found
        What it came to.
    """
    file = folder / "peers.toml"
    host = peers.url.removeprefix("http://")
    file.write_text(PEERS.format(url=peers.url, host=host))
    application, clock = open_platform(folder, url, peers_file=file, has_local_webhooks=True)
    try:
        day = _Day(application, clock, peers, file, deadline_s)
        day.dies_every = dies_every
        day.listen()
        for first in range(0, n_orders, orders_a_step):
            day.add(range(first, min(first + orders_a_step, n_orders)))
            day.step()
        for _ in range(_MOST_STEPS):
            if application.platform.store.next_due_at(outgoing=True) is None:
                break
            day.step()
        return day.look(n_orders)
    finally:
        application.close()


class _Day:
    """A platform, its clock, and whoever calls outside for it."""

    def __init__(
        self,
        application: Application,
        clock: ManualClock,
        peers: Hostile,
        file: Path,
        deadline_s: float,
    ) -> None:
        self.platform, self.clock, self.peers = application.platform, clock, peers
        self.found = Found()
        self._n_performed, self.dies_every = 0, 499
        read = read_peers(file, secret=self.platform.secret, is_local=True)
        self.messenger = messenger_of(
            self.platform, read, is_local=True, deadline_s=deadline_s, wrap=self._mortal
        )

    def _mortal(self, perform: Any) -> Any:  # noqa: ANN401 - whatever a trade performs
        """Call, and now and then die before anything can be written down."""

        async def call(wanted: Any) -> Any:  # noqa: ANN401
            self._n_performed += 1
            is_last = self._n_performed % self.dies_every == 0
            reached = await perform(wanted)
            if is_last:
                raise Killed
            return reached

        return call

    def listen(self) -> None:
        """Register one endpoint a merchant."""
        with self.platform.store.begin() as tx:
            for i in range(MERCHANTS):
                webhooks.register(
                    tx,
                    self.platform,
                    merchant_id=f"m-{i}",
                    url=f"{self.peers.url}/hooks/{i}",
                    kinds=("order.admitted",),
                )

    def add(self, numbers: range) -> None:
        """Let orders come in, each with a debt and something to tell."""
        with self.platform.store.begin() as tx:
            for i in numbers:
                self._add(tx, i)
        self.found.n_calls += CALLS_AN_ORDER * len(numbers)

    def _add(self, tx: Transaction, i: int) -> None:
        """One order, its debt, its notice."""
        now, contact = self.clock.now(), f"+1604555{i:04}" if i % 2 else f"c{i}@example.com"
        order, held, told = admitted(i)
        order = replace(
            order,
            merchant_id=f"m-{i % MERCHANTS}",
            customer=Customer(id=f"c-{i}", contact=contact),
        )
        entry = Entry(
            key=f"{order.id}/owed",
            at=now,
            currency="CNY",
            postings=(
                Posting(account="expense:remedy", amount_cents=_PAID_CENTS),
                Posting(account=f"customer:c-{i}", amount_cents=-_PAID_CENTS),
            ),
        )
        posted = LedgerPosted(
            at=now, key=entry.key, currency=entry.currency, postings=entry.postings
        )
        notice, sent = _notice(order, now)
        paid = outside.pay_out(
            self.platform,
            entry,
            person_id=f"customer:c-{i}",
            what=RemedyKind.REFUND,
            rank=1,
            order_id=order.id,
        )
        handed = outside.hand_on(
            tx, self.platform, notice, order, promised_by=order.promise.latest_at
        )
        tx.record(
            [order, held, entry, notice, *paid[0], *handed[0]],
            events=[told, posted, sent],
            commands=[*paid[2], *handed[2]],
        )

    def step(self) -> None:
        """Do what is due, then let ten seconds pass."""
        while True:
            try:
                if not self.messenger.work():
                    break
            except Killed:
                self.found.n_deaths += 1
        self.clock.set(self.clock.now() + STEP)

    def look(self, n_orders: int) -> Found:
        """Compare what is written down with what the peers did."""
        found, peers = self.found, self.peers
        with self.platform.store.begin() as tx:
            errands = list(_pages(tx, n_orders))
            keys = [f"o-{i}/owed/paid" for i in range(n_orders)]
            paid = tx.entries(keys)
            hooks = [
                message
                for endpoint_id in tx.webhook_endpoints()
                for message in tx.webhook_messages_to(endpoint_id, after=0, limit=1_000_000)
            ]
        for errand in errands:
            self._look_at(errand)
        for message in hooks:
            self._look_at_hook(message)
        by_person = Counter(person for person, _ in peers.money.values())
        found.doubled["payouts"] = sum(n - 1 for n in by_person.values())
        found.doubled["texts"] = sum(n - 1 for n in peers.texts.values())
        events = Counter((path, *about) for (path, _), about in peers.taken.items())
        found.doubled["webhooks"] = sum(n - 1 for n in events.values())
        moved_cents = sum(cents for _, cents in peers.money.values())
        booked_cents = sum(
            line.amount_cents
            for entry in paid.values()
            for line in entry.postings
            if line.account.startswith("customer:")
        )
        found.cents = (booked_cents, moved_cents)
        return found

    def _look_at(self, errand: Errand) -> None:
        """Hold one errand against what its peer did."""
        found, peers = self.found, self.peers
        found.states[f"{errand.peer}: {errand.state}"] += 1
        if errand.kind is ErrandKind.PAYOUT:
            is_done = errand.id in peers.money
        else:
            is_done = peers.texts[_said(errand.order_id)] > 0
        if errand.state is ErrandState.DONE and not is_done:
            found.wrong["said done, was not"] += 1
        if errand.state is ErrandState.REFUSED and is_done:
            found.wrong["said refused, was done"] += 1
        if errand.state is ErrandState.UNKNOWN and errand.peer != "mute":
            found.wrong["unknown although it can be asked"] += 1
        self._settled(errand.peer, errand.made_at, errand.ended_at)

    def _look_at_hook(self, message: WebhookMessage) -> None:
        """Hold one message against what its receiver took in."""
        self.found.states[f"webhooks: {message.state}"] += 1
        if message.state is not WebhookState.TAKEN:
            self.found.wrong["webhook that nobody took"] += 1
        self._settled("webhooks", message.made_at, message.ended_at)

    def _settled(self, peer: str, made_at: datetime, ended_at: datetime | None) -> None:
        """Note how long it took until something was known."""
        if ended_at is None:
            self.found.wrong["never settled"] += 1
        else:
            # The step it was settled in may have lasted to its end.
            late_s = (ended_at - made_at + STEP).total_seconds()
            self.found.late_s.setdefault(peer, []).append(late_s)


def _said(order_id: str) -> str:
    return f"About {order_id}."


def _notice(order: Order, now: datetime) -> tuple[Notice, NoticeSent]:
    """Something to tell about an order."""
    key, text = f"{order.id}/notice:1", _said(order.id)
    notice = Notice(
        key=key,
        order_id=order.id,
        kind=NoticeKind.COURIER_LOST,
        locale="en",
        text=text,
        sent_at=now,
    )
    sent = NoticeSent(
        at=now, key=key, order_id=order.id, kind=notice.kind, latest_at=None, text=text
    )
    return notice, sent


def _pages(tx: Transaction, n_orders: int) -> Iterator[Errand]:
    """Every errand of every order."""
    for i in range(n_orders):
        yield from tx.errands_of(f"o-{i}")
