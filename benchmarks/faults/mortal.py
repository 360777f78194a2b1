"""This file knows a worker of flesh: it meets named places, and fate says at which it dies."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any, Protocol

from sqlalchemy import Engine

from recourse.adapters.store.engine import Connections, open_engine
from recourse.adapters.store.store import SqlStore
from recourse.durable import FaultPoint
from recourse.flow.hears import HEARS
from recourse.flow.platform import Params
from recourse.model.commands import Command, Lease
from recourse.model.ports import Clock, Store, Transaction
from recourse.recovery import RecoveryParams
from tests.flow.town import Town

__all__ = [
    "LEASE_S",
    "OFFERED",
    "EveryPlace",
    "Fate",
    "Met",
    "Mortal",
    "NamedIds",
    "NoDeath",
    "Once",
    "Twice",
    "kind_of",
]

LEASE_S = 0.001
"""How long a worker holds what it takes where stories are played, in seconds of their clock.

So a hundred deaths cost a story a tenth of a second, and what it comes to is held against the calm
run to the minute: whoever is late is late in both.
"""
OFFERED = replace(Params(), recovery=RecoveryParams(n_slots=2, has_express=True))
"""Every way out that a customer may choose is offered where stories are played."""
_KIND = re.compile(r"[a-z_]*(:[a-z]+)?")

Met = tuple[str, FaultPoint]
"""A place: the key of the command that is performed, and how far it has come."""


class Fate(Protocol):
    """Says where a worker dies, and by which signal."""

    @property
    def by(self) -> int:
        """The signal: killed for good, or stopped until somebody lets it go on."""
        ...

    def dies(self, number: int, met: Met) -> bool:
        """Whether the worker dies at this place, the `number`-th met by whoever works."""
        ...


class NoDeath:
    """The calm run."""

    by: int = signal.SIGKILL

    def dies(self, number: int, met: Met) -> bool:
        """Never."""
        return False


@dataclass(slots=True)
class Once:
    """Die at one place only, or be stopped there."""

    at: int
    by: int = signal.SIGKILL

    def dies(self, number: int, met: Met) -> bool:
        """At the n-th place."""
        return number == self.at


@dataclass(slots=True)
class Twice:
    """Die at two places: whoever takes over may die as well."""

    first: int
    second: int
    by: int = signal.SIGKILL

    def dies(self, number: int, met: Met) -> bool:
        """At either place."""
        return number in {self.first, self.second}


@dataclass(slots=True)
class EveryPlace:
    """Die at every place there is, once: whoever comes next dies one place further on.

    Some commands come again and again, each under a key of its own, such as a look for a courier:
    of each kind the first few are enough.
    """

    most: int = 2
    died: set[Met] = field(default_factory=set)
    by: int = signal.SIGKILL

    def dies(self, number: int, met: Met) -> bool:
        """Wherever nobody has died yet."""
        if met in self.died:
            return False
        kind = kind_of(met)
        return sum(kind_of(other) == kind for other in self.died) < self.most


@lru_cache(maxsize=4_096)
def kind_of(met: Met) -> tuple[str, str]:
    """What a place is, whichever case and whichever number it has.

    Examples
    --------
    >>> kind_of(("case-w3-1/notice:2", FaultPoint.BEFORE_COMMIT))
    ('case/notice', 'before_commit')
    >>> kind_of(("silence/bo/2026-03-02T08:03:00+00:00", FaultPoint.AFTER_LEASE))
    ('silence/bo', 'after_lease')
    """
    parts = [_KIND.match(part) for part in met[0].split("/")]
    return "/".join(found[0] for found in parts if found and found[0]), met[1].value


class NamedIds:
    """Ids in counting order under the name of who gives them: no two workers give the same."""

    def __init__(self, name: str) -> None:
        self.name, self._numbers = name, count(1)

    def new(self, kind: str) -> str:
        """Return an id such as ``"case-w3-7"``."""
        return f"{kind}-{self.name}-{next(self._numbers)}"


class Mortal(Town):
    """A platform of its own over the same database, whose worker meets places where it may die.

    Made without a name and without a connection, so that it can be made once and forked often: each
    fork is a worker that knows nothing yet and has all of its life before it.

    Parameters
    ----------
    url : str
        Address of the database.
    now : datetime
        What its clock shows first.
    """

    def __init__(self, url: str, *, now: datetime) -> None:
        self._meet: Callable[[Met], None] = lambda _met: None
        self._ids, self._key = NamedIds(""), ""
        super().__init__(
            url, params=OFFERED, now=now, ids=self._ids, lease_s=LEASE_S, opens=self._opens
        )

    def be(self, name: str, *, now: datetime, meet: Callable[[Met], None]) -> None:
        """Become a worker.

        Parameters
        ----------
        name : str
            Of the worker; its ids carry it.
        now : datetime
            What its clock shows.
        meet : callable
            Called with every place it comes to.
        """
        self._ids.name, self._meet = name, meet
        self.clock.set(now)

    def perform(self, tx: Transaction, command: Command) -> None:
        """Perform one command; it is held, and nothing is done."""
        self._key = command.key
        self._come_to(FaultPoint.AFTER_LEASE)
        super().perform(tx, command)

    def _opens(self, url: str, clock: Clock) -> Store:
        engine = open_engine(url, n_connections=1)
        connections = _Watched(engine, 2, lambda: self._come_to(FaultPoint.BEFORE_COMMIT))
        return _MortalStore(connections, clock, come_to=self._come_to)

    def _come_to(self, point: FaultPoint) -> None:
        if self._key:
            self._meet((self._key, point))


class _MortalStore(SqlStore):
    """A real store, with the places around a unit of work where a worker may die."""

    def __init__(
        self, connections: Connections, clock: Clock, *, come_to: Callable[[FaultPoint], None]
    ) -> None:
        super().__init__(connections, clock, hears=HEARS)
        self._come_to = come_to

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A unit of work that may end before it is written, or right after."""
        with super().begin() as tx:
            yield tx
            self._come_to(FaultPoint.BEFORE_RECORD)
        self._come_to(FaultPoint.AFTER_COMMIT)

    def put_back(self, lease: Lease, *, due_at: datetime, error: str, is_parked: bool) -> None:
        """Return a command that failed, and maybe die before it is written down."""
        self._come_to(FaultPoint.BEFORE_PUT_BACK)
        super().put_back(lease, due_at=due_at, error=error, is_parked=is_parked)


class _Watched(Connections):
    """Connections that tell when everything is written and the commit is next."""

    def __init__(self, engine: Engine, n: int, before_commit: Callable[[], None]) -> None:
        super().__init__(engine, n)
        self._before_commit = before_commit

    def lend(self) -> Any:  # noqa: ANN401 - what stands for a connection of either driver
        """Lend a connection that watches what is said to it."""
        return _Through(super().lend(), self._before_commit)

    def take_back(self, connection: Any) -> None:  # noqa: ANN401
        """Take back what was lent."""
        super().take_back(connection.inner)


class _Through:
    """A connection that hands everything on."""

    def __init__(self, inner: Any, before_commit: Callable[[], None]) -> None:  # noqa: ANN401
        self.inner, self._before_commit = inner, before_commit

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.inner, name)

    def cursor(self) -> "_Cursor":
        """A cursor that says when the commit is next."""
        return _Cursor(self.inner.cursor(), self._before_commit)


class _Cursor:
    """A cursor that hands everything on."""

    def __init__(self, inner: Any, before_commit: Callable[[], None]) -> None:  # noqa: ANN401
        self._inner, self._before_commit = inner, before_commit

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._inner, name)

    def execute(self, sql: str, *given: Any) -> Any:  # noqa: ANN401
        """Say something to the database."""
        if sql == "COMMIT":
            self._before_commit()
        return self._inner.execute(sql, *given)
