"""This file knows in which thread a unit of work runs.

In process (tests, a simulated day) it runs where it is called: no switch of threads, no waiting.
Served, it must not hold up the event loop, since a plan may take a second and the live stream must
go on. So the loop only reads and writes sockets, and the work goes to a lane: writes to one thread,
because the resident world has one owner and the embedded database one writer, and two writers
would only make each other read again; reads to a few threads of their own, so that a console
never waits for a plan.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

__all__ = ["Inline", "Lanes", "Runner"]

T = TypeVar("T")


class Runner(Protocol):
    """Where work is done."""

    async def write(self, work: Callable[[], T]) -> T:
        """Do work that changes something."""
        ...

    async def read(self, work: Callable[[], T]) -> T:
        """Do work that only looks."""
        ...

    def close(self) -> None:
        """Finish what was begun and take nothing more."""
        ...


class Inline:
    """Work is done at once, where it is called."""

    async def write(self, work: Callable[[], T]) -> T:
        """Do work that changes something."""
        return work()

    async def read(self, work: Callable[[], T]) -> T:
        """Do work that only looks."""
        return work()

    def close(self) -> None:
        """Do nothing: nothing is open."""


class Lanes:
    """One thread writes, a few read, and the event loop waits for none of them.

    Parameters
    ----------
    n_readers : int, optional
        How many threads read.
    """

    def __init__(self, *, n_readers: int = 3) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="recourse-write")
        self._readers = ThreadPoolExecutor(n_readers, thread_name_prefix="recourse-read")

    async def write(self, work: Callable[[], T]) -> T:
        """Do work that changes something, one after the other."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def read(self, work: Callable[[], T]) -> T:
        """Do work that only looks, a few at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Put work into the writing lane from another thread, such as that of due commands."""
        return self._writer.submit(work)

    def close(self) -> None:
        """Finish what was begun and take nothing more."""
        self._writer.shutdown()
        self._readers.shutdown()
