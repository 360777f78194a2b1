"""This file knows how stories are told beside each other, so that their workers share a process.

Each story has a thread, of which one runs at a time. When every story waits for a worker, these
live and die together in a process that another process forks: one that has neither threads nor
connections, and writes to hardly any of the memory its forks share.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

from benchmarks.faults.heap import settle
from benchmarks.faults.lives import Cradle, Death, Life, Live

__all__ = ["Nursery", "Story", "tell"]

T = TypeVar("T")
Story = Callable[[int, Live], T]
"""Is told with a number that no other has meanwhile, and with what lets its workers live."""


class Nursery:
    """A process that forks workers when it is told to, as warm as the one it was forked from."""

    def __init__(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_nurse, args=(self._pipe, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def live(self, lives: Sequence[Life]) -> list[Death]:
        """Let workers live in one process, and wait until all of them are done or killed."""
        self._pipe.send(lives)
        ended: list[Death] = self._pipe.recv()
        return ended

    def close(self) -> None:
        """Let it go."""
        self._pipe.close()
        self._process.join()


def _nurse(theirs: Connection, ours: Connection) -> None:
    """Be the nursery until nobody is at the other end."""
    # An end left open here would keep it from hearing that the other is closed.
    theirs.close()
    settle()
    cradle = Cradle()
    while True:
        try:
            lives = ours.recv()
        except EOFError:
            return
        ours.send(cradle.live(lives))


class _Teller(Generic[T]):
    """Tells one story in a thread, and waits wherever it needs a worker."""

    def __init__(self, story: Story[T], number: int) -> None:
        self._story, self._number = story, number
        self._said: SimpleQueue[Life | tuple[T] | BaseException] = SimpleQueue()
        self._heard: SimpleQueue[Death] = SimpleQueue()
        Thread(target=self._tell, daemon=True).start()

    def go_on(self, death: Death | None) -> Life | tuple[T]:
        """Go on after the end of a worker; return the next one, or in a tuple what it came to."""
        if death is not None:
            self._heard.put(death)
        said = self._said.get()
        if isinstance(said, BaseException):
            raise said
        return said

    def _tell(self) -> None:
        try:
            self._said.put((self._story(self._number, self._live),))
        except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
            self._said.put(error)

    def _live(self, life: Life) -> Death:
        self._said.put(life)
        return self._heard.get()


def tell(
    stories: Iterator[Story[T]], *, n: int, live: Callable[[Sequence[Life]], list[Death]]
) -> Iterator[T]:
    """Tell stories beside each other; when all wait for a worker, let these live together.

    Parameters
    ----------
    stories : iterator of callable
        What is told; the next one is begun when one has ended.
    n : int
        So many beside each other.
    live : callable
        Lets workers live in one process.

    Yields
    ------
    object
        What each story came to, as it ends.
    """
    tellers: dict[int, _Teller[T]] = {}
    deaths: dict[int, Death] = {}
    while True:
        wanted: dict[int, Life] = {}
        for number in range(n):
            while number not in wanted:
                if number not in tellers:
                    if (story := next(stories, None)) is None:
                        break
                    tellers[number] = _Teller(story, number)
                said = tellers[number].go_on(deaths.pop(number, None))
                if isinstance(said, Life):
                    wanted[number] = said
                else:
                    del tellers[number]
                    yield said[0]
        if not wanted:
            return
        deaths = dict(zip(wanted, live(list(wanted.values())), strict=True))
