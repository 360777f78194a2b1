"""This file knows the zombie: a worker that is stopped, replaced, and comes back late."""

import argparse
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b

import sqlalchemy as sa

from benchmarks.faults.bases import databases
from benchmarks.faults.lives import Cradle
from benchmarks.faults.mortal import NoDeath, Once
from benchmarks.faults.player import Player
from benchmarks.faults.variants import Variant
from benchmarks.faults.verdict import End, end_of, faults_of
from benchmarks.report import Result
from recourse.adapters.store.engine import open_engine
from recourse.adapters.store.schema import METADATA
from recourse.durable import FaultPoint
from recourse.model.reasons import ReasonCode

__all__ = ["wake", "wake_all"]

_VARIANTS = (
    Variant(holder="merchant", cause=ReasonCode.COURIER_TOO_FAR),
    Variant(holder="parcel in hand", cause=ReasonCode.VEHICLE_BREAKDOWN),
)
_HOLDING = {FaultPoint.AFTER_LEASE, FaultPoint.BEFORE_RECORD}
"""Where a worker holds a command and nothing of it is written: another takes it meanwhile."""


@dataclass
class _Story:
    """One story with a worker that was stopped in it."""

    player: Player
    calm: End
    url: str


def wake(given: argparse.Namespace) -> Result:
    """Stop a worker at every place of two stories, and let it come back after a minute."""
    result = Result(
        name="faults-zombie",
        seeds=(given.seed,),
        budget=f"a worker stopped for {given.stopped_s:g} s wherever it holds a command",
    )
    wake_all(result, stopped_s=given.stopped_s, only=None)
    return result


def wake_all(result: Result, *, stopped_s: float, only: int | None, server: str = "") -> None:
    """Stop workers, let others finish, let the stopped ones go on, and see that they write nothing.

    Parameters
    ----------
    result : Result
        Where it is written down.
    stopped_s : float
        Seconds each is stopped at least.
    only : int or None
        At most so many places of each story; all for None.
    server : str
        Address of a PostgreSQL server; empty for SQLite.
    """
    began_s = time.monotonic()
    n_wrote = n_faulty = 0
    with ExitStack() as stack:
        stories = [one for v in _VARIANTS for one in _stories(stack, v, only, server)]
        time.sleep(max(0.0, began_s + stopped_s - time.monotonic()))
        for story in stories:
            before = _digest(story.url)
            for process_id in story.player.killed.stopped:
                os.kill(process_id, signal.SIGCONT)
                os.waitpid(process_id, 0)
            n_wrote += _digest(story.url) != before
            n_faulty += not faults_of(end_of(story.player), story.calm).is_clean
            story.player.town.close()
    result.figures["zombies"] = len(stories)
    result.at_least("workers that were stopped and came back", len(stories), 2)
    result.at_most("stories in which one of them wrote anything", n_wrote, 0)
    result.at_most("stories that ended otherwise than the calm run", n_faulty, 0)


def _stories(stack: ExitStack, variant: Variant, only: int | None, server: str) -> Iterator[_Story]:
    """Each story of a variant in which one worker is stopped at one place."""
    with databases(server) as fresh, fresh(0) as url:
        player = Player(url, variant, NoDeath(), Cradle().live_alone)
        player.play()
        calm, met = end_of(player), list(player.killed.deaths)
        player.town.close()
    places = [number for number, (_, point) in enumerate(met, 1) if point in _HOLDING]
    for number in places[:only]:
        fresh = stack.enter_context(databases(server))
        url = stack.enter_context(fresh(0))
        player = Player(url, variant, Once(at=number, by=signal.SIGSTOP), Cradle().live_alone)
        player.play()
        yield _Story(player, calm, url)


def _digest(url: str) -> str:
    """What the database says, as one number."""
    engine, digest = open_engine(url, n_connections=1), blake2b(digest_size=16)
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            rows = connection.execute(sa.select(table)).all()
            digest.update(repr((table.name, sorted(map(repr, rows)))).encode())
    engine.dispose()
    return digest.hexdigest()
