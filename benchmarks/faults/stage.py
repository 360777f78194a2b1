"""This file knows the town a story is played in: its workers are processes, and they are killed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from benchmarks.faults.lives import Life, Live
from benchmarks.faults.mortal import (
    LEASE_S,
    OFFERED,
    EveryPlace,
    Fate,
    Met,
    Mortal,
    NamedIds,
    NoDeath,
)
from tests.flow.town import PING_S, Town

__all__ = ["Killed", "Stage", "stage_for"]


@dataclass
class Killed:
    """What happened to the workers of one story.

    Attributes
    ----------
    fate : Fate
        Where they die.
    deaths : list of tuple
        Where they died.
    n_met : int
        How many places they came to.
    stopped : list of int
        Processes that were only stopped.
    """

    fate: Fate
    deaths: list[Met] = field(default_factory=list)
    n_met: int = 0
    stopped: list[int] = field(default_factory=list)


class Stage(Town):
    """A town whose worker lives in another process, and is killed by a signal."""

    def __init__(self, url: str, killed: Killed, live: Live) -> None:
        super().__init__(url, params=OFFERED, ids=NamedIds("p"), lease_s=LEASE_S)
        self.killed, self._numbers, self._live = killed, count(1), live
        self.mute: set[str] = set()

    def work(self) -> int:
        """Let one worker after the other perform what is due, until one is done with it."""
        if not self._is_due():
            return 0
        # Where a worker dies nobody else is connected: whoever comes next finds the log as it was
        # left. And a fork may not find a connection that is open in two processes then.
        self.store.close()
        while True:
            life = Life(
                url=self.url,
                now=self.now,
                name=f"w{next(self._numbers)}",
                fate=self.killed.fate,
                n_met=self.killed.n_met,
            )
            ended = self._live(life)
            if ended.error:
                message = f"{life.name} ended otherwise: {ended.error}"
                raise RuntimeError(message)
            self.killed.n_met = ended.n_met
            if ended.met is None:
                return 1
            self.killed.deaths.append(ended.met)
            if ended.stopped_id:
                self.killed.stopped.append(ended.stopped_id)
            if isinstance(self.killed.fate, EveryPlace):
                self.killed.fate.died.add(ended.met)
            # What it held is taken by the next one when its lease has run out.
            self.clock.set(self.now + timedelta(seconds=LEASE_S))

    def _is_due(self) -> bool:
        due_at = self.store.next_due_at()
        return due_at is not None and due_at <= self.now

    def wait(self, seconds: float, *, silent: Collection[str] = ()) -> None:
        """Let time pass; while nobody is on the road, from one due time to the next."""
        end = self.now + timedelta(seconds=seconds)
        self.work()
        pings_at = self.now + timedelta(seconds=PING_S)
        while self.now < end:
            heard = set(self.whereabouts) - self.mute - set(silent)
            tick = min(pings_at, end) if heard else end
            due = self.store.next_due_at()
            self.clock.set(max(self.now, min(tick, due)) if due else max(self.now, tick))
            # Also if a death has cost the very instant: who is on the road is never silent.
            if self.now >= tick:
                self.ping(*heard)
                pings_at = self.now + timedelta(seconds=PING_S)
            self.work()


class _Calm(Stage):
    """The same town with a worker that never dies, in this process."""

    def __init__(self, url: str, killed: Killed, live: Live) -> None:
        super().__init__(url, killed, live)
        self.mortal = Mortal(url, now=self.now)

    def work(self) -> int:
        """Perform everything that is due, and what follows from it."""
        if not self._is_due():
            return 0
        self.mortal.be("w", now=self.now, meet=self._meet)
        return self.mortal.work()

    def _meet(self, met: Met) -> None:
        self.killed.n_met += 1
        self.killed.deaths.append(met)

    def close(self) -> None:
        """Let go of both stores."""
        self.mortal.close()
        super().close()


def stage_for(url: str, killed: Killed, live: Live) -> Stage:
    """Return the town for a story: calm, or with workers that die.

    Parameters
    ----------
    url : str
        Address of a migrated, empty database.
    killed : Killed
        Where workers die; what happened to them is written there.
    live : callable
        Lets a worker live until it is done or dies.

    Returns
    -------
    Stage
        The town.
    """
    return (_Calm if isinstance(killed.fate, NoDeath) else Stage)(url, killed, live)
