"""A listener that falls behind."""

import asyncio

import pytest

from recourse.web.live import Client, Tick


def _tick(number: int) -> Tick:
    return Tick(after=number - 1, next=number, text=b"data: %d\n\n" % number)


def test_a_new_listener_is_behind_and_queues_nothing() -> None:
    client = Client()
    client.offer(_tick(1))
    assert client.is_behind
    assert not client.waiting


def test_a_listener_takes_ticks_in_order() -> None:
    client = Client()
    client.is_behind = False
    for number in (1, 2, 3):
        client.offer(_tick(number))
    assert [tick.next for tick in client.waiting] == [1, 2, 3]


@pytest.mark.parametrize("n_ticks", [9, 10, 100])
def test_a_slow_listener_loses_its_queue_and_never_grows(n_ticks: int) -> None:
    client = Client()
    client.is_behind = False
    for number in range(n_ticks):
        client.offer(_tick(number))
    assert client.is_behind
    assert not client.waiting


def test_a_listener_that_is_told_to_go_stops_waiting() -> None:
    client = Client()
    client.is_behind = False

    async def wait() -> bool:
        asyncio.get_running_loop().call_soon(client.end)
        return await client.wait()

    assert asyncio.run(wait())
    assert client.is_over
