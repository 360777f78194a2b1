"""This file knows how many cases are played beside each other, and where a stopped run goes on."""

import json
import multiprocessing
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.faults.bases import Fresh, databases
from benchmarks.faults.lives import Cradle, Live
from benchmarks.faults.mortal import EveryPlace, Fate, NoDeath, Once, Twice, kind_of
from benchmarks.faults.player import Player
from benchmarks.faults.rules import watched
from benchmarks.faults.together import Nursery, tell
from benchmarks.faults.variants import Variant, variants
from benchmarks.faults.verdict import End, Faulty, end_of, faults_of
from tests.flow.town import streets

__all__ = ["Journal", "Plan", "Played", "play_all", "play_one", "play_together"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What one case came to.

    Attributes
    ----------
    number : int
        Which case of the plan.
    variant : str
        Its name.
    n_deaths : int
        Workers that were killed.
    points : mapping of str to int
        How many of them at each kind of place.
    faulty : Faulty
        What is wrong; all zeros if nothing.
    rules : tuple of str
        Rules of the case machine that moved a case in its calm run.
    error : str
        What ended the story before its end; empty otherwise.
    """

    number: int
    variant: str
    n_deaths: int
    points: Mapping[str, int]
    faulty: Faulty
    rules: tuple[str, ...] = ()
    error: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.error and self.faulty.is_clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which case has which number.

    First each variant once, its workers killed at every place in turn. Then one death a case: at
    the first place of each variant, at the second of each, and so on; where a variant has no more
    places, two deaths, drawn by the seed.

    Attributes
    ----------
    n_cases : int
        How many.
    seed : int
        Where the dice begin.
    """

    n_cases: int
    seed: int

    def of(self, number: int, n_met: Callable[[Variant], int]) -> tuple[Variant, Fate]:
        """The variant and the fate of one case; `n_met` says how many places a variant has."""
        known = variants()
        variant = known[number % len(known)]
        lap = number // len(known)
        if not lap:
            return variant, EveryPlace()
        if lap <= (n := n_met(variant)):
            return variant, Once(at=lap)
        dice = Random(f"{self.seed}/{number}")
        return variant, Twice(first=dice.randint(1, n), second=dice.randint(1, n))

    def mark(self) -> str:
        """What two runs must share for one to go on where the other stopped."""
        names = "\n".join(variant.name for variant in variants())
        return blake2b(f"{self.seed}\n{names}".encode(), digest_size=8).hexdigest()


class Journal:
    """What was played already, one line a case, so that a stopped run goes on.

    Parameters
    ----------
    path : Path
        Where it is kept.
    mark : str
        Of the plan; what was written under another one is begun anew.
    """

    def __init__(self, path: Path, mark: str) -> None:
        self._path = path
        self.played: dict[int, Played] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        if not lines or json.loads(lines[0]) != {"mark": mark}:
            path.write_text(json.dumps({"mark": mark}) + "\n")
            return
        for line in lines[1:]:
            # The last line may be half a line, if this process was killed as well.
            if line.endswith("}"):
                self._keep(_read(json.loads(line)))

    def add(self, played: Played) -> None:
        """Write one down."""
        self._keep(played)
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(played)) + "\n")

    def _keep(self, played: Played) -> None:
        self.played[played.number] = played


def _read(data: dict[str, Any]) -> Played:
    return Played(**{**data, "faulty": Faulty(**data["faulty"]), "rules": tuple(data["rules"])})


class _Stage:
    """One process that plays cases, with the calm end of each variant once it is known."""

    def __init__(self, plan: Plan, fresh: Fresh) -> None:
        self._plan, self._fresh = plan, fresh
        self._calm: dict[str, tuple[End, int]] = {}
        self._rules: dict[str, tuple[str, ...]] = {}

    def play(self, case: int, number: int, live: Live) -> Played:
        """Play one case and hold it against its calm run; one that breaks off is a finding."""
        try:
            return self._play(case, number, live)
        except Exception:  # noqa: BLE001 - one story that breaks off is not the end of all
            error = traceback.format_exc(limit=-6)
            name = variants()[case % len(variants())].name
            return Played(
                number=case, variant=name, n_deaths=0, points={}, faulty=Faulty(), error=error
            )

    def _play(self, case: int, number: int, live: Live) -> Played:
        variant, fate = self._plan.of(case, lambda one: self._calm_of(one, number, live)[1])
        calm, _ = self._calm_of(variant, number, live)
        end, player = self._tell(variant, fate, number, live)
        points = Counter(kind_of(met)[1] for met in player.killed.deaths)
        return Played(
            number=case,
            variant=variant.name,
            n_deaths=len(player.killed.deaths),
            points=dict(points),
            faulty=faults_of(end, calm),
            rules=self._rules[variant.name],
        )

    def _calm_of(self, variant: Variant, number: int, live: Live) -> tuple[End, int]:
        # Nobody else's story goes on meanwhile: a calm one never waits for a worker.
        if variant.name not in self._calm:
            with watched() as moved:
                end, player = self._tell(variant, NoDeath(), number, live)
            self._rules[variant.name] = tuple(sorted(moved))
            self._calm[variant.name] = end, player.killed.n_met
        return self._calm[variant.name]

    def _tell(self, variant: Variant, fate: Fate, number: int, live: Live) -> tuple[End, Player]:
        with self._fresh(number) as url:
            player = Player(url, variant, fate, live)
            try:
                player.play()
                return end_of(player), player
            finally:
                player.town.close()


def play_one(plan: Plan, number: int, server: str = "") -> Played:
    """Play one case of a plan, its workers forked from this process, each in one of its own.

    Parameters
    ----------
    plan : Plan
        The plan.
    number : int
        Which case.
    server : str
        Address of a PostgreSQL server; empty for SQLite.

    Returns
    -------
    Played
        What it came to.
    """
    with databases(server) as fresh:
        return _Stage(plan, fresh).play(number, 0, Cradle().live_alone)


def play_together(
    plan: Plan, numbers: Sequence[int], *, n_together: int, server: str = ""
) -> Iterator[Played]:
    """Play cases beside each other in this process; workers of all of them share a process.

    Parameters
    ----------
    plan : Plan
        The plan.
    numbers : sequence of int
        Which cases.
    n_together : int
        So many beside each other.
    server : str
        Address of a PostgreSQL server; empty for SQLite.

    Yields
    ------
    Played
        Each as it ends.
    """
    with databases(server) as fresh:
        stage = _Stage(plan, fresh)
        # The first is told alone: what is forked afterwards has done all this before.
        for number in numbers[:1]:
            yield stage.play(number, 0, Cradle().live_alone)
        nursery = Nursery()
        stories = (partial(stage.play, number) for number in numbers[1:])
        yield from tell(stories, n=n_together, live=nursery.live)
        nursery.close()


def play_all(
    plan: Plan, numbers: Sequence[int], *, n_stages: int, n_together: int, server: str = ""
) -> Iterator[Played]:
    """Play cases on several stages beside each other, forked from this warm process.

    Parameters
    ----------
    plan : Plan
        The plan.
    numbers : sequence of int
        Which cases.
    n_stages : int
        Processes beside each other.
    n_together : int
        Cases beside each other in each of them.
    server : str
        Address of a PostgreSQL server; empty for SQLite.

    Yields
    ------
    Played
        Each as it ends.
    """
    streets()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()

    def be_stage(ours: Sequence[int]) -> None:
        for played in play_together(plan, ours, n_together=n_together, server=server):
            queue.put(played)

    # Cases of one variant come to one stage, which knows its calm end.
    shares = [[n for n in numbers if n % len(variants()) % n_stages == i] for i in range(n_stages)]
    stages = [context.Process(target=be_stage, args=(share,)) for share in shares]
    for stage in stages:
        stage.start()
    for _ in numbers:
        yield queue.get()
    for stage in stages:
        stage.join()
