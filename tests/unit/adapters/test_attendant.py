"""Whoever looks for what is due goes on looking, whatever became of the last look."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime

from recourse.adapters.attendant import Attendant
from recourse.adapters.clock import WallClock


def test_a_look_that_fails_is_not_the_last_one() -> None:
    looked = threading.Event()
    looks: list[int] = []

    def work() -> int:
        looks.append(1)
        if len(looks) == 1:
            message = "the database is away"
            raise ConnectionError(message)
        looked.set()
        return 0

    def at_once(what: Callable[[], int]) -> Future[int]:
        done: Future[int] = Future()
        try:
            done.set_result(what())
        except ConnectionError as error:
            done.set_exception(error)
        return done

    attendant = Attendant(
        work=work,
        next_due_at=lambda: datetime.max.replace(tzinfo=UTC),
        clock=WallClock(),
        submit=at_once,
    )
    attendant.start()
    assert looked.wait(30)
    assert attendant.is_alive
    attendant.stop()
