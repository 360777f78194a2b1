"""Workers of several stories live in one process, and one signal ends them all."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from benchmarks.faults.bases import databases
from benchmarks.faults.lives import Cradle, Death, Life, Live
from benchmarks.faults.mortal import Fate, Met, NoDeath, Once
from benchmarks.faults.together import Nursery, Story, tell
from recourse.durable import FaultPoint
from recourse.model.places import SiteKind
from tests.flow.town import MORNING, Town, at


@dataclass
class ByAnother:
    """A fate that nobody told: the process is killed from outside."""

    by: int = signal.SIGKILL

    def dies(self, number: int, met: Met) -> bool:
        """Never by itself."""
        os.kill(os.getpid(), signal.SIGTERM)
        return False


def _life(url: str, fate: Fate, name: str = "w1") -> Life:
    return Life(url=url, now=MORNING, name=name, fate=fate, n_met=0)


@pytest.fixture
def kitchens() -> Iterator[list[str]]:
    """Databases of two towns; in each somebody is to be asked for a meal."""
    with ExitStack() as stack:
        fresh = stack.enter_context(databases(""))
        urls = [stack.enter_context(fresh(number)) for number in range(2)]
        for url in urls:
            town = Town(url)
            town.site("kitchen", SiteKind.MERCHANT, at(2, 2))
            town.on_duty("bo", at(2, 2))
            town.meal("a", at(5, 5))
            town.close()
        yield urls


def _open_offers(url: str) -> int:
    town = Town(url)
    try:
        return len(town.open_offers())
    finally:
        town.close()


@pytest.mark.parametrize("is_apart", [False, True], ids=["forked here", "forked in the nursery"])
def test_who_is_done_has_written_it_and_who_dies_in_the_same_process_has_not(
    kitchens: list[str], is_apart: bool
) -> None:
    nursery = Nursery()
    live = nursery.live if is_apart else Cradle().live
    done, killed = live([_life(kitchens[0], NoDeath()), _life(kitchens[1], Once(at=3))])
    assert done.met is None
    assert done.n_met > 3
    assert killed.met is not None
    assert killed.met[1] is FaultPoint.BEFORE_COMMIT
    assert killed.n_met == 3
    assert [_open_offers(url) for url in kitchens] == [1, 0]
    nursery.close()


def test_a_worker_that_fails_is_told_of_and_the_others_live_on(kitchens: list[str]) -> None:
    nowhere = _life("sqlite:////nowhere/at/all.db", NoDeath())
    failed, done = Cradle().live([nowhere, _life(kitchens[0], NoDeath())])
    assert "unable to open database file" in failed.error
    assert not done.error
    assert done.n_met > 3


def test_a_process_that_ends_in_no_way_fate_knows_is_an_error_of_all_in_it(
    kitchens: list[str],
) -> None:
    lives = [_life(kitchens[0], NoDeath()), _life(kitchens[1], ByAnother())]
    assert [death.error for death in Cradle().live(lives)] == [
        f"the process ended with status {int(signal.SIGTERM)}"
    ] * 2


def _needs(name: str, n_workers: int) -> Story[str]:
    """A story that needs so many workers, one after the other."""

    def story(number: int, live: Live) -> str:
        for i in range(n_workers):
            live(_life(f"{number}", NoDeath(), f"{name}{i}"))
        return name

    return story


def test_stories_wait_for_each_other_and_the_next_begins_when_one_has_ended() -> None:
    groups: list[list[tuple[str, str]]] = []

    def live(lives: Sequence[Life]) -> list[Death]:
        groups.append([(life.url, life.name) for life in lives])
        return [Death(met=None, n_met=0) for _ in lives]

    stories = iter([_needs("a", 1), _needs("b", 3), _needs("c", 0), _needs("d", 1)])
    assert list(tell(stories, n=2, live=live)) == ["a", "c", "d", "b"]
    assert groups == [
        [("0", "a0"), ("1", "b0")],
        [("0", "d0"), ("1", "b1")],
        [("1", "b2")],
    ]


def test_a_story_that_breaks_off_breaks_off_the_telling() -> None:
    def story(number: int, live: Live) -> str:
        raise LookupError(number)

    told = tell(iter([story]), n=1, live=Cradle().live)
    with pytest.raises(LookupError):
        next(told)
