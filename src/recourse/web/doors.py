"""This file knows how a request becomes one unit of work: once a key, again after a lost race."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from fastapi import Request, Response

from recourse.flow import views
from recourse.flow.links import link_token
from recourse.flow.platform import Platform
from recourse.model.assignments import Offer
from recourse.model.couriers import Courier
from recourse.model.entitlements import Entitlement
from recourse.model.identities import IdentityProvider
from recourse.model.orders import Order
from recourse.model.places import Site
from recourse.model.ports import Record, Transaction
from recourse.model.roads import RoadEvent
from recourse.model.routes import Route
from recourse.web.once import Answer, Asked, Done, InFlight, again, asked_by, once, shown
from recourse.web.problems import body_of, content_of, media_type_of
from recourse.web.runner import Runner
from recourse.web.wire import write

__all__ = ["Answer", "Doors", "doors_of", "perform", "perform_each", "read", "written"]

_log = logging.getLogger(__name__)

V = TypeVar("V", Courier, Entitlement, Offer, Order, RoadEvent, Route, Site)

_REPLAYED = (b"idempotency-replayed", b"true")
_REFUSED, _OF_MANY = 400, 207


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
    """What every endpoint needs: the platform, the thread to work in, and who may come in.

    Parameters
    ----------
    platform : Platform
        What is spoken to.
    runner : Runner
        Where work is done.
    is_open : bool, optional
        Whether everybody who reaches this machine may use every door.
    is_password : callable, optional
        Whether a password is the one of a digest.
    provider : IdentityProvider, optional
        Whom people at the console may sign in with.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        runner: Runner,
        is_open: bool = True,
        is_password: Callable[[str, str], bool] | None = None,
        provider: IdentityProvider | None = None,
    ) -> None:
        self.platform, self.runner, self.is_open = platform, runner, is_open
        self.is_password = is_password or (lambda _digest, _password: False)
        self.provider = provider
        self.in_flight = InFlight()

    def token(self, order_id: str) -> str:
        """Token of an order's link."""
        return link_token(self.platform, order_id)


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
        Builds the answer from the state after the writing, in a transaction of its own.

    Returns
    -------
    Response
        The first answer under the key; with the number of the newest message in its header
        ``Recourse-Messages``.

    Raises
    ------
    Refusal
        If the key is malformed, in use, or was used for another request.
    """
    doors = doors_of(request)
    asked = asked_by(request, await request.body())

    def work() -> tuple[Done, int]:
        done = again(lambda: once(doors.platform, asked, _noted(operation)))
        if show is not None and done.answer.status < _REFUSED:
            answer = again(lambda: shown(doors.platform, asked, done, show))
            done = replace(done, answer=answer)
        return done, views.newest_message(doors.platform)

    with doors.in_flight.hold(asked):
        done, number = await doors.runner.write(work)
    return _answered(done.answer, number, is_replay=done.is_replay)


async def perform_each(
    request: Request, operations: Sequence[Callable[[Transaction, Platform], Answer]]
) -> Response:
    """Do several things a request asks for, each in a transaction of its own, and say of each.

    One that is refused keeps none of the others from being done, and is told as refused. Asked
    again under the same key, what was done is not done again and the rest is.

    Parameters
    ----------
    request : Request
        Who asks, and under which key.
    operations : sequence of callable
        One for each line, in their order.

    Returns
    -------
    Response
        200 if every line was done, else 207; with the status and the answer or problem of each.

    Raises
    ------
    Refusal
        If the key is malformed, in use, or was used for another request: then no line is done.
    """
    doors = doors_of(request)
    asked = asked_by(request, await request.body())

    def work() -> tuple[list[Done], int]:
        if asked.key:
            # The key stands for the whole request, whatever becomes of its lines.
            again(lambda: once(doors.platform, asked, lambda _tx, _platform: Answer(_OF_MANY, b"")))
        done = [
            _line(doors.platform, replace(asked, caller=f"{asked.caller}#{number}"), operation)
            for number, operation in enumerate(operations)
        ]
        return done, views.newest_message(doors.platform)

    with doors.in_flight.hold(asked):
        done, number = await doors.runner.write(work)
    lines = [one.answer for one in done]
    n_refused = sum(line.status >= _REFUSED for line in lines)
    head = f'{{"n_done":{len(lines) - n_refused},"n_refused":{n_refused},"lines":['.encode()
    body = b",".join(
        f'{{"line":{i},"status":{line.status},"answer":'.encode() + line.content + b"}"
        for i, line in enumerate(lines)
    )
    answer = Answer(_OF_MANY if n_refused else 200, head + body + b"]}")
    return _answered(answer, number, is_replay=bool(done) and all(d.is_replay for d in done))


def _line(
    platform: Platform, asked: Asked, operation: Callable[[Transaction, Platform], Answer]
) -> Done:
    """Do one of several things; what it is refused for is its answer."""
    try:
        return again(lambda: once(platform, asked, _noted(operation)))
    except Exception as error:  # noqa: BLE001 - one line must not take the others with it
        body = body_of(error)
        if body["code"] == "error":
            _log.exception("a line of %r failed", asked.key)
        answer = Answer(int(body["status"]), content_of(body))
        return Done(answer, is_replay=False, at=platform.now())


def _noted(
    operation: Callable[[Transaction, Platform], Answer],
) -> Callable[[Transaction, Platform], Answer]:
    """Let an operation know afterwards what it recorded."""
    return lambda tx, platform: operation(cast("Transaction", _Notebook(tx)), platform)


def _answered(answer: Answer, number: int, *, is_replay: bool) -> Response:
    """The response that carries an answer."""
    media_type = media_type_of(answer.status) if answer.content else None
    response = Response(answer.content or None, answer.status, media_type=media_type)
    if is_replay:
        response.raw_headers.append(_REPLAYED)
    response.raw_headers.append((b"recourse-messages", str(number).encode()))
    return response
