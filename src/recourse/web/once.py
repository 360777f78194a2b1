"""This file knows what once under a key means: the first answer is kept, whatever it was.

The answer of a success lies in the transaction of its effect: either both are there or neither. A
refusal is kept by itself, from the moment the business began to look at the request; what was
refused before that (no key, a wrong field) or lost a race has not begun and leaves the key free.
"""

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from fastapi import Request

from recourse.flow.platform import Platform
from recourse.model.errors import Conflict, RecourseError, Stale
from recourse.model.ports import Reply, Transaction
from recourse.web.problems import Refusal, body_of, content_of
from recourse.web.wire import write

__all__ = ["Answer", "Asked", "Done", "InFlight", "again", "asked_by", "once", "shown"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_TRIES = 5
_PAUSE_S = 0.005
_MAX_KEY_CHARS = 255
# Printable ASCII: a key is compared, logged and stored, and must be the same everywhere.
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_KEPT = timedelta(hours=24)
# With open doors nobody has a name, so every caller is the same one.
_NOBODY = "local"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit of work came to.

    Attributes
    ----------
    status : int
        HTTP status.
    content : bytes
        JSON; empty for 204.
    """

    status: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """An idempotency key, what it stands for, and whose it is; empty for a request without one.

    Attributes
    ----------
    key : str
        As the caller chose it.
    fingerprint : str
        Digest of method, path, query and body; the same key never stands for something else.
    caller : str
        Under whose name answers are kept: two callers may choose the same key.
    """

    key: str
    fingerprint: str
    caller: str


@dataclass(frozen=True, slots=True)
class Done:
    """A unit of work that is done.

    Attributes
    ----------
    answer : Answer
        What it came to.
    is_replay : bool
        Whether it was done before, and this is the answer of then.
    at : datetime
        When it was done.
    """

    answer: Answer
    is_replay: bool
    at: datetime


class InFlight:
    """Requests under a key that are being worked on in this process."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, asked: Asked) -> Iterator[None]:
        """Let one request through at a time under a key.

        Raises
        ------
        Refusal
            If the first one under this key is still being worked on.
        _reused
            If that one asks for something else.
        """
        name = (asked.caller, asked.key)
        if not asked.key:
            yield
            return
        with self._lock:
            held = self._held.get(name)
            if held is None:
                self._held[name] = asked.fingerprint
        if held is not None:
            if held != asked.fingerprint:
                raise _reused()
            detail = "the first request under this key is still being worked on"
            raise Refusal(code="key_in_use", detail=detail, param="Idempotency-Key")
        try:
            yield
        finally:
            with self._lock:
                del self._held[name]


def asked_by(request: Request, body: bytes) -> Asked:
    """Read under which key something is asked, what it is, and by whom.

    Parameters
    ----------
    request : Request
        That was let in.
    body : bytes
        What it brings.

    Returns
    -------
    Asked
        With an empty key if it has none.

    Raises
    ------
    Refusal
        If the key is malformed.
    """
    key = _key_of(request)
    path, query = request.scope["path"], request.scope["query_string"]
    asked = f"{request.method} {path}?".encode("utf-8", "replace") + query + b"\n"
    fingerprint = hashlib.sha256(asked + body).hexdigest() if key else ""
    visitor = getattr(request.state, "visitor", None)
    caller = f"{visitor.role.value}:{visitor.id}" if visitor is not None else _NOBODY
    return Asked(key, fingerprint, caller)


def _key_of(request: Request) -> str:
    """Idempotency key of a request; empty when it has none."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return ""
    if len(keys) > 1 or len(keys[0]) > _MAX_KEY_CHARS or not _KEY.fullmatch(keys[0]):
        detail = f"one key of 1 to {_MAX_KEY_CHARS} printable ASCII characters"
        raise Refusal(code="bad_request", detail=detail, param="Idempotency-Key")
    return keys[0]


class _AtWriting(Exception):
    """A conflict that came up while writing: somebody else was first."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        super().__init__(str(conflict))


def once(
    platform: Platform, asked: Asked, operation: Callable[[Transaction, Platform], Answer]
) -> Done:
    """Do a unit of work in one transaction, or find what it came to before.

    Parameters
    ----------
    platform : Platform
        What is worked on.
    asked : Asked
        Under which key.
    operation : callable
        The work; what it raises is its answer and is kept.

    Returns
    -------
    Done
        The first answer under the key.

    Raises
    ------
    Conflict
        If the operation says that somebody was first; like whatever else it raises it is kept.
    _AtWriting
        If a race was lost: to be tried again.
    """
    is_decided, has_begun = False, False
    try:
        with platform.store.begin() as tx:
            now = platform.now()
            caller, stored = _kept(tx, asked, now)
            if stored is not None:
                return _replay(stored, asked)
            has_begun = True
            answer = operation(tx, platform)
            if asked.key:
                tx.record(reply=_reply(asked, caller, answer, now))
            is_decided = True
    except Conflict as conflict:
        if is_decided or isinstance(conflict, Stale) or conflict.rule == "busy":
            raise _AtWriting(conflict) from conflict
        _keep(platform, asked, conflict)
        raise
    except Exception as error:
        if has_begun:
            _keep(platform, asked, error)
        raise
    return Done(answer, is_replay=False, at=now)


def _keep(platform: Platform, asked: Asked, error: Exception) -> None:
    """Keep a refusal, or a mistake of ours, as the answer under a key."""
    if not asked.key:
        return
    body = body_of(error)
    answer = Answer(int(body["status"]), content_of(body))
    try:
        with platform.store.begin() as tx:
            now = platform.now()
            caller, stored = _kept(tx, asked, now)
            if stored is None:
                tx.record(reply=_reply(asked, caller, answer, now))
    except (RecourseError, OSError):
        # Nothing was done either way: the same request under the same key is decided afresh.
        _log.warning("the refusal under %r could not be kept", asked.key, exc_info=True)


def _reply(asked: Asked, caller: str, answer: Answer, now: datetime) -> Reply:
    """The row that keeps an answer."""
    return Reply(
        caller=caller,
        key=asked.key,
        fingerprint=asked.fingerprint,
        status=answer.status,
        body=answer.content.decode(),
        at=now,
    )


def _kept(tx: Transaction, asked: Asked, now: datetime) -> tuple[str, Reply | None]:
    """Find the answer still kept under a key, or the name under which a new one is stored."""
    if not asked.key:
        return asked.caller, None
    # Answers are only ever added: one that is too old is left, and the next has the next number.
    number, caller = 1, asked.caller
    while (stored := tx.reply(caller, asked.key)) is not None and now - stored.at >= _KEPT:
        number += 1
        caller = f"{asked.caller}/{number}"
    return caller, stored


def _replay(stored: Reply, asked: Asked) -> Done:
    """Give the stored answer, if it is an answer to this very request."""
    if stored.fingerprint != asked.fingerprint:
        raise _reused()
    answer = Answer(stored.status, stored.body.encode())
    return Done(answer, is_replay=True, at=stored.at)


def _reused() -> Refusal:
    """The refusal of a key that stands for something else."""
    detail = "this key was used for a request that differs from this one"
    return Refusal(code="key_reused", detail=detail, param="Idempotency-Key")


def shown(
    platform: Platform,
    asked: Asked,
    done: Done,
    show: Callable[[Transaction, Platform], object],
) -> Answer:
    """Build the answer from the state after the writing, once under a key.

    Parameters
    ----------
    platform : Platform
        What is looked at.
    asked : Asked
        Under which key.
    done : Done
        What was done.
    show : callable
        Looks at the state.

    Returns
    -------
    Answer
        What was shown the first time, for who asks again under the same key.
    """
    # Beside the effect and not in it, because it reads what the effect has written. A crash between
    # the two shows a later state to who asks again, and that one stays.
    name = f"{asked.caller}@{done.at.isoformat()}"
    with platform.store.begin() as tx:
        stored = tx.reply(name, asked.key) if asked.key else None
        if stored is not None:
            return Answer(stored.status, stored.body.encode())
        answer = Answer(done.answer.status, write(show(tx, platform)))
        if asked.key:
            tx.record(reply=_reply(asked, name, answer, done.at))
    return answer


def again(work: Callable[[], T]) -> T:
    """Repeat work that lost a race, a few times; then the last conflict stands.

    Parameters
    ----------
    work : callable
        Opens its own transaction.

    Returns
    -------
    object
        What the work returns.

    Raises
    ------
    Conflict
        If every race was lost.
    """
    # A conflict the operation itself states is an answer; one that comes up at writing is a race,
    # and reading again either finds what the winner did or finds the way free.
    for attempt in range(1, _TRIES):
        try:
            return work()
        except _AtWriting:
            time.sleep(_PAUSE_S * attempt)
    try:
        return work()
    except _AtWriting as late:
        _log.warning("gave up after %d lost races: %s", _TRIES, late)
        raise late.conflict from late
