"""This file knows how workers live and die: several in one process, and one signal ends them all.

Each works on a database of its own. Whoever has come to the place where it is to die waits there,
in the midst of its transaction, until the others have come to theirs or are done. So one fork,
which costs more than all that a worker does, is the life of many.
"""

import gc
import os
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Event, Thread
from typing import NoReturn

from benchmarks.faults.mortal import Fate, Met, Mortal

__all__ = ["Cradle", "Death", "Life", "Live"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What is given to a worker when it comes to life.

    Attributes
    ----------
    url : str
        Address of the database it works on.
    now : datetime
        What its clock shows.
    name : str
        Its name; its ids carry it.
    fate : Fate
        Where it dies.
    n_met : int
        Places met before it.
    """

    url: str
    now: datetime
    name: str
    fate: Fate
    n_met: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How a worker ended.

    Attributes
    ----------
    met : tuple or None
        Where it was killed; None if it went home with its work done.
    n_met : int
        How many places it came to, those before it included.
    stopped_id : int
        Its process, if it was only stopped; 0 otherwise.
    error : str
        What ended it in any other way; empty otherwise.
    """

    met: Met | None
    n_met: int
    stopped_id: int = 0
    error: str = ""


Live = Callable[[Life], Death]
"""Lets a worker live until it is done or dies."""


class Cradle:
    """Forks workers from this process, which must have no connection to their databases open.

    What becomes a worker is made once and forked often: here it does nothing.
    """

    def __init__(self) -> None:
        self._mortals: dict[str, Mortal] = {}

    def live_alone(self, life: Life) -> Death:
        """Let one worker live in a process of its own."""
        return self.live([life])[0]

    def live(self, lives: Sequence[Life]) -> list[Death]:
        """Let workers live in one process, and wait until all of them are done or killed.

        Parameters
        ----------
        lives : sequence of Life
            No two on one database.

        Returns
        -------
        list of Death
            How each ended.
        """
        mortals = [self._mortal(life) for life in lives]
        ours, theirs = Pipe(duplex=False)
        process_id = os.fork()
        if not process_id:
            ours.close()
            _be_workers(theirs, mortals, lives)
        theirs.close()
        try:
            ended: list[Death] = ours.recv()
        except EOFError:
            ended = []
        ours.close()
        status = os.waitpid(process_id, os.WUNTRACED)[1]
        return _as_it_was(ended, lives, process_id, status)

    def _mortal(self, life: Life) -> Mortal:
        if life.url not in self._mortals:
            self._mortals[life.url] = Mortal(life.url, now=life.now)
        return self._mortals[life.url]


def _as_it_was(
    ended: list[Death], lives: Sequence[Life], process_id: int, status: int
) -> list[Death]:
    """What the workers said of themselves, if their process ended as they said."""
    dead = [life.fate.by for life, end in zip(lives, ended, strict=False) if end.met]
    if ended and not dead and os.WIFEXITED(status) and not os.WEXITSTATUS(status):
        return ended
    if dead and os.WIFSIGNALED(status) and {os.WTERMSIG(status)} == set(dead):
        return ended
    if dead and os.WIFSTOPPED(status) and {os.WSTOPSIG(status)} == set(dead):
        return [
            Death(met=end.met, n_met=end.n_met, stopped_id=process_id if end.met else 0)
            for end in ended
        ]
    error = f"the process ended with status {status}"
    return [Death(met=None, n_met=life.n_met, error=error) for life in lives]


class _Worker:
    """One worker in its thread; only one thread runs at a time."""

    def __init__(self, mortal: Mortal, life: Life) -> None:
        self._mortal, self._life, self._n_met = mortal, life, life.n_met
        self._told: SimpleQueue[Death] = SimpleQueue()
        self._goes_on = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def live(self) -> Death:
        """Work until nothing is due, or until the place where fate says that it dies."""
        self._thread.start()
        return self._told.get()

    def go_on(self) -> None:
        """Go on from a stop, and end."""
        self._goes_on.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._mortal.be(self._life.name, now=self._life.now, meet=self._meet)
            self._mortal.work()
        except BaseException:  # noqa: BLE001 - whatever it was, whoever tells the story must hear
            error = traceback.format_exc()
            self._told.put(Death(met=None, n_met=self._n_met, error=error))
        else:
            self._told.put(Death(met=None, n_met=self._n_met))

    def _meet(self, met: Met) -> None:
        self._n_met += 1
        if self._life.fate.dies(self._n_met, met):
            self._told.put(Death(met=met, n_met=self._n_met))
            self._goes_on.wait()


def _be_workers(into: Connection, mortals: Sequence[Mortal], lives: Sequence[Life]) -> NoReturn:
    """Work until nothing is due; die by the real signal if fate says so of anybody."""
    try:
        # A collection would touch, and so copy, all it shares with the process it was forked from.
        gc.disable()
        workers = [_Worker(*both) for both in zip(mortals, lives, strict=True)]
        ended = [worker.live() for worker in workers]
        into.send(ended)
        dead = [life.fate.by for life, end in zip(lives, ended, strict=True) if end.met]
        if dead:
            os.kill(os.getpid(), signal.Signals(dead[0]))
            for worker in workers:
                worker.go_on()
        os._exit(0)
    finally:
        os._exit(1)
