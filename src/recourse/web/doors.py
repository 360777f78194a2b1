"""This file knows how a request becomes one unit of work: once a key, again after a lost race.

The doors open the transaction, so the stored answer to an ``Idempotency-Key`` lies in the same
transaction as the effect: either both are there or neither. A refusal stores nothing; the same
request under the same key is then decided afresh.
"""

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from fastapi import Request, Response

from recourse.flow import views
from recourse.flow.platform import Platform
from recourse.model.assignments import Offer
from recourse.model.couriers import Courier
from recourse.model.errors import Conflict, Stale
from recourse.model.orders import Order
from recourse.model.places import Site
from recourse.model.ports import Record, Reply, Transaction
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from recourse.web.problems import Refusal
from recourse.web.runner import Runner
from recourse.web.tokens import sign, verify
from recourse.web.wire import write

__all__ = ["Answer", "Doors", "doors_of", "perform", "read", "written"]

_log = logging.getLogger(__name__)

T = TypeVar("T")
V = TypeVar("V", Courier, Offer, Order, RoadEvent, Route, Site)

_TRIES = 5
_PAUSE_S = 0.005
_MAX_KEY_CHARS = 255
# Printable ASCII: a key is compared, logged and stored, and must be the same everywhere.
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_KEPT = timedelta(hours=24)
# With open doors nobody has a name, so every caller is the same one.
_NOBODY = "local"
_REPLAYED = {"Idempotency-Replayed": "true"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit of work came to.

    Attributes
    ----------
    status : int
        HTTP status of the success.
    content : bytes
        JSON; empty for 204.
    """

    status: int
    content: bytes


class _Notebook:
    """A transaction that remembers which values were recorded in it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._noted: list[object] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transaction has
        return getattr(self._tx, name)

    def record(self, values: Iterable[Record] = (), **others: Any) -> None:  # noqa: ANN401
        """Keep values for writing, and remember them."""
        kept = list(values)
        self._noted += kept
        self._tx.record(kept, **others)

    def has(self, value: object) -> bool:
        """Whether this very value was recorded."""
        return any(noted is value for noted in self._noted)


def written(tx: Transaction, value: V) -> V:
    """Give a value the version its row has once the unit of work is written.

    Parameters
    ----------
    tx : Transaction
        The one `perform` gave.
    value : dataclass
        What a flow function returned; unchanged if it was only read.

    Returns
    -------
    dataclass
        The value as a reader finds it afterwards.
    """
    if isinstance(tx, _Notebook) and tx.has(value):
        return replace(value, version=value.version + 1)
    return value


class Doors:
    """What every endpoint needs: the platform, the thread to work in, and the customers' secret.

    Parameters
    ----------
    platform : Platform
        What is spoken to.
    runner : Runner
        Where work is done.
    secret : bytes
        Signs the customers' links.
    is_open : bool, optional
        Whether everybody who reaches this machine may use every door.
    is_password : callable, optional
        Whether a password is the one of a digest.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        runner: Runner,
        secret: bytes,
        is_open: bool = True,
        is_password: Callable[[str, str], bool] | None = None,
    ) -> None:
        self.platform, self.runner, self.is_open = platform, runner, is_open
        self.is_password = is_password or (lambda _digest, _password: False)
        self._secret = secret

    def token(self, order_id: str) -> str:
        """Sign the link of an order."""
        return sign(self._secret, order_id)

    def order_id(self, token: str) -> str:
        """Read the order out of a link.

        Returns
        -------
        str
            Its id.

        Raises
        ------
        Refusal
            If we did not sign it.
        """
        order_id = verify(self._secret, token)
        if not order_id:
            raise Refusal(code="not_found", detail="there is no such link", param="token")
        return order_id


def doors_of(request: Request) -> Doors:
    """Doors of the application a request came to."""
    doors: Doors = request.app.state.doors
    return doors


async def read(request: Request, look: Callable[[Transaction, Platform], Any]) -> Response:
    """Answer a question about the state; plain data and values become JSON, bytes are JSON already.

    Parameters
    ----------
    request : Request
        Whose question.
    look : callable
        Reads what is asked for.

    Returns
    -------
    Response
        200 with JSON.
    """
    doors = doors_of(request)

    def work() -> bytes:
        with doors.platform.store.begin() as tx:
            found = look(tx, doors.platform)
            return found if isinstance(found, bytes) else write(found)

    return Response(await doors.runner.read(work), media_type="application/json")


async def perform(
    request: Request,
    operation: Callable[[Transaction, Platform], Answer],
    *,
    show: Callable[[Transaction, Platform], Any] | None = None,
) -> Response:
    """Do what a request asks for in one transaction, once under its idempotency key.

    Parameters
    ----------
    request : Request
        Who asks, and under which key.
    operation : callable
        Calls the flow with the open transaction. It may be called again when a race was lost, so
        it must do nothing outside the transaction.
    show : callable, optional
        Builds the answer from the state after the writing, in a transaction of its own; a replay
        then shows the present state.

    Returns
    -------
    Response
        The answer, or the stored one; with the number of the newest message in its header
        ``Recourse-Messages``.

    Raises
    ------
    Refusal
        If the key is malformed, or was used for another request.
    """
    doors = doors_of(request)
    key = _key_of(request)
    fingerprint = _fingerprint(request, await request.body()) if key else ""
    mine = _Key(key, fingerprint, _caller_of(request))

    def work() -> tuple[Answer, bool, int]:
        answer, is_replay = _again(lambda: _once(doors.platform, mine, operation))
        if show is not None:
            with doors.platform.store.begin() as tx:
                answer = Answer(answer.status, write(show(tx, doors.platform)))
        return answer, is_replay, views.newest_message(doors.platform)

    answer, is_replay, number = await doors.runner.write(work)
    response = Response(
        answer.content or None,
        answer.status,
        headers=_REPLAYED if is_replay else None,
        media_type="application/json" if answer.content else None,
    )
    response.raw_headers.append((b"recourse-messages", str(number).encode()))
    return response


def _key_of(request: Request) -> str:
    """Idempotency key of a request; empty when it has none."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return ""
    if len(keys) > 1 or len(keys[0]) > _MAX_KEY_CHARS or not _KEY.fullmatch(keys[0]):
        detail = f"one key of 1 to {_MAX_KEY_CHARS} printable ASCII characters"
        raise Refusal(code="bad_request", detail=detail, param="Idempotency-Key")
    return keys[0]


@dataclass(frozen=True, slots=True)
class _Key:
    """An idempotency key, what it stands for, and whose it is; empty for a request without one."""

    key: str
    fingerprint: str
    caller: str


def _caller_of(request: Request) -> str:
    """Under whose name answers are stored: two callers may choose the same key."""
    visitor = getattr(request.state, "visitor", None)
    return f"{visitor.role.value}:{visitor.id}" if visitor is not None else _NOBODY


def _fingerprint(request: Request, body: bytes) -> str:
    """Digest of what is asked; the same key may never stand for something else."""
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode("utf-8", "replace")
    return hashlib.sha256(asked + body).hexdigest()


class _AtWriting(Exception):
    """A conflict that came up while writing: somebody else was first."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        super().__init__(str(conflict))


def _once(
    platform: Platform,
    mine: _Key,
    operation: Callable[[Transaction, Platform], Answer],
) -> tuple[Answer, bool]:
    """Run one transaction; whether the answer is a stored one comes second."""
    is_decided, caller = False, ""
    try:
        with platform.store.begin() as tx:
            if mine.key:
                caller, stored = _kept(tx, mine, platform.now())
                if stored is not None:
                    return _replay(stored, mine.fingerprint), True
            answer = operation(cast("Transaction", _Notebook(tx)), platform)
            if mine.key:
                reply = Reply(
                    caller=caller,
                    key=mine.key,
                    fingerprint=mine.fingerprint,
                    status=answer.status,
                    body=answer.content.decode(),
                    at=platform.now(),
                )
                tx.record(reply=reply)
            is_decided = True
    except Conflict as conflict:
        if is_decided or isinstance(conflict, Stale) or conflict.rule == "busy":
            raise _AtWriting(conflict) from conflict
        raise
    return answer, False


def _kept(tx: Transaction, mine: _Key, now: datetime) -> tuple[str, Reply | None]:
    """Find the answer still kept under a key, or the name under which a new one is stored."""
    # Answers are only ever added: one that is too old is left, and the next has the next number.
    number, caller = 1, mine.caller
    while (stored := tx.reply(caller, mine.key)) is not None and now - stored.at >= _KEPT:
        number += 1
        caller = f"{mine.caller}/{number}"
    return caller, stored


def _replay(stored: Reply, fingerprint: str) -> Answer:
    """Give the stored answer, if it is an answer to this very request."""
    if stored.fingerprint != fingerprint:
        detail = "this key was used for a request that differs from this one"
        raise Refusal(code="key_reused", detail=detail, param="Idempotency-Key")
    return Answer(stored.status, stored.body.encode())


def _again(work: Callable[[], T]) -> T:
    """Repeat work that lost a race, a few times; then the last conflict stands."""
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
