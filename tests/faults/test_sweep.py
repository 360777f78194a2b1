"""Wherever a worker dies, another goes on and comes to the same end; each effect happens once."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from recourse.adapters.ids import CountedIds
from recourse.adapters.store import migrate
from recourse.bonuses import AcceptanceModel, BonusParams
from recourse.durable import Crash, FaultPoint, sweep
from recourse.flow.platform import Params
from recourse.model.bonuses import BonusState
from recourse.model.cases import Way
from recourse.model.commands import Lease
from recourse.model.events import CustodyPassed, LedgerPosted
from recourse.model.places import SiteKind
from recourse.model.ports import Store, Transaction
from recourse.model.reasons import ReasonCode
from tests.flow.town import MORNING, Town, at

LEASE_S = 1
Meet = Callable[[FaultPoint], None]
Step = Callable[[Town], object]


class Mortal:
    """A real store, with the places around it where a worker may die.

    Only the worker dies: `meet` is armed while it works. A caller who is cut off asks again with
    the key of the request, which the doors are tested for.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.meet: Meet | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self._store, name)

    def begin(self) -> AbstractContextManager[Transaction]:
        """A unit of work that may end before it is written, or right after."""
        return self._begin()

    @contextmanager
    def _begin(self) -> Iterator[Transaction]:
        with self._store.begin() as tx:
            yield tx
            self._come_to(FaultPoint.BEFORE_RECORD)
        self._come_to(FaultPoint.AFTER_COMMIT)

    def lease(
        self, *, now: datetime, worker: str, limit: int, lease_s: float, outgoing: bool = False
    ) -> list[Lease]:
        """Take what is due, and maybe die with it in hand."""
        taken = self._store.lease(
            now=now, worker=worker, limit=limit, lease_s=lease_s, outgoing=outgoing
        )
        if taken:
            self._come_to(FaultPoint.AFTER_LEASE)
        return taken

    def _come_to(self, point: FaultPoint) -> None:
        if self.meet is not None:
            self.meet(point)


@dataclass
class Scenario:
    """A story told step by step, that can be gone on with after a death."""

    steps: Sequence[Step]
    folder: Path
    params: Params | None = None
    town: Town = field(init=False)
    mortal: Mortal = field(init=False)
    ids: CountedIds = field(init=False)
    n_done: int = 0
    n_runs: int = 0

    def begin(self) -> None:
        """Open a fresh town."""
        self.n_runs += 1
        self.n_done = 0
        self.ids = CountedIds()
        self._url = f"sqlite:///{self.folder / f'{self.n_runs}.db'}"
        migrate(self._url)
        self._open(None)
        self.town.site("kitchen", SiteKind.MERCHANT, at(2, 2))
        self.town.site("point", SiteKind.POINT, at(4, 4))

    def _open(self, before: Town | None) -> None:
        def wrap(store: Store) -> Store:
            self.mortal = Mortal(store)
            return self.mortal

        now = before.now if before else MORNING
        self.town = Town(
            self._url, params=self.params, wrap=wrap, ids=self.ids, lease_s=LEASE_S, now=now
        )
        if before:
            self.town.whereabouts = before.whereabouts

    def play(self, meet: Meet | None = None) -> None:
        """Tell what is left of the story; the worker works after every step."""
        while self.n_done < len(self.steps):
            step = self.steps[self.n_done]
            self.n_done += 1
            step(self.town)
            self._work(meet)

    def resume(self) -> None:
        """Go on with another worker, when the lease of the dead one has run out."""
        dead = self.town
        dead.close()
        self._open(dead)
        self.town.wait(LEASE_S + 1)
        self.play()

    def _work(self, meet: Meet | None) -> None:
        self.mortal.meet = meet
        try:
            self.town.work()
        finally:
            self.mortal.meet = None

    def end(self) -> dict[str, Any]:
        """What it came to; times are left out, because a death costs a lease."""
        town = self.town
        town.check()
        order = town.read(lambda tx: tx.order_by_external("m-1", "a"))
        assert order is not None
        case = town.case(order.id)
        came_to = {
            "status": order.status,
            "outcome": case.outcome,
            "duties": [(duty.courier_id, duty.status) for duty in town.duties(order.id)],
            "hands": [passed.to_holder_id for passed in town.happened(CustodyPassed)],
            "paid": sorted(_effect(posted.key) for posted in town.happened(LedgerPosted)),
            "told": sorted(_effect(notice.key) for notice in town.notices(order.id)),
            "n_decisions": case.n_decisions,
            "bonuses": self._bonuses(town, order.id),
        }
        town.close()
        return came_to

    def _bonuses(self, town: Town, order_id: str) -> list[BonusState]:
        """How the bonuses of an order ended; what is not given back is what the budget says."""
        ids = [duty.id for duty in town.duties(order_id)]
        found = town.read(lambda tx: tx.bonuses(ids))
        budgets = town.read(lambda tx: tx.budgets({one.budget_id for one in found.values()}))
        kept = [one for one in found.values() if one.state is not BonusState.RELEASED]
        assert sum(one.used for one in budgets.values()) == sum(one.amount_cents for one in kept)
        return [found[id_].state for id_ in ids if id_ in found]


def _effect(key: str) -> str:
    """Which effect of the case a key names; the dead may have used up a number for the case."""
    return key.partition("/")[2]


def _drop(code: ReasonCode) -> Step:
    return lambda town: town.withdraw("bo", code)


BO_CARRIES_IT: tuple[Step, ...] = (
    lambda town: town.on_duty("bo", at(2, 2)),
    lambda town: town.meal("a", at(5, 5)),
    lambda town: town.accept("bo"),
)
MEI_TAKES_OVER: tuple[Step, ...] = (
    lambda town: town.accept("mei"),
    lambda town: town.finish("mei"),
)
STORIES: dict[str, tuple[Step, ...]] = {
    "dropped before pickup": (
        *BO_CARRIES_IT,
        lambda town: town.on_duty("mei", at(6, 6)),
        _drop(ReasonCode.COURIER_TOO_FAR),
        *MEI_TAKES_OVER,
    ),
    "broken down with the parcel in hand": (
        *BO_CARRIES_IT,
        lambda town: town.visit("bo"),
        lambda town: town.on_duty("mei", at(6, 6)),
        _drop(ReasonCode.VEHICLE_BREAKDOWN),
        *MEI_TAKES_OVER,
    ),
    "money back": (
        *BO_CARRIES_IT,
        _drop(ReasonCode.COURIER_EMERGENCY),
        lambda town: town.choose("order-1", Way.REFUND),
    ),
}


# Couriers who hardly come without it: every question carries extra pay.
GIVING = Params(
    bonuses=BonusParams(
        day_cents=5_000, n_stages=2, model=AcceptanceModel(intercept=-3.0, per_100_cents=1.0)
    )
)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("params", [None, GIVING], ids=["fixed", "staged"])
def test_a_worker_may_die_anywhere_and_the_story_ends_the_same(
    story: str, params: Params | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(STORIES[story], Path(folder), params=params)
        scenario.begin()
        scenario.play()
        calm = scenario.end()
        assert calm["outcome"]
        assert len(calm["bonuses"]) == (len(calm["duties"]) if params else 0)
        assert calm["paid"].count("bonus") == calm["bonuses"].count(BonusState.PAID)
        met: set[FaultPoint] = set()

        def run(meet: Meet) -> None:
            scenario.begin()
            scenario.play(meet)

        for number, point in sweep(run, limit=400):
            if point is not None:
                met.add(point)
                scenario.resume()
            assert scenario.end() == calm, f"death {number}, {point}"
        assert met == {FaultPoint.AFTER_LEASE, FaultPoint.BEFORE_RECORD, FaultPoint.AFTER_COMMIT}


def test_no_handler_of_ordinary_errors_catches_a_death() -> None:
    assert not issubclass(Crash, Exception)
