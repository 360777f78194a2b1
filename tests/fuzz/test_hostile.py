"""Whatever is sent, the answer is no crash, and every refusal is a problem document."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors import Answer, Caller, courier, meal, open_platform, site
from tests.fuzz.hostile import Hostile, operations, spoil

N_PER_ENDPOINT = 140
"""Times 37 endpoints, on each of two databases: more than 10,000 requests in all."""


@pytest.fixture
def caller(store_url: str, tmp_path: Path) -> Iterator[Caller]:
    application, _ = open_platform(tmp_path, store_url)
    caller = Caller(application.asgi)
    for one in (site("x-1", "merchant", 2, 2), site("x-2", "point", 4, 4)):
        assert caller.call("POST", "/v1/sites", one).status == 201
    assert caller.call("POST", "/v1/couriers", courier("x-1")).status == 201
    assert caller.call("POST", "/v1/orders", meal("a", "x-1")).status == 201
    yield caller
    caller.close()
    application.close()


def send(caller: Caller, request: Hostile) -> Answer:
    """Send one request."""
    return caller.send(request.method, request.path, request.content, request.headers)


def test_nothing_that_is_sent_makes_the_server_fail(caller: Caller) -> None:
    rng = random.Random(20260302)
    document = caller.call("GET", "/openapi.json").json
    statuses: Counter[int] = Counter()
    n_sent = 0
    for operation in operations(document):
        for request in spoil(operation, rng, N_PER_ENDPOINT):
            answer = send(caller, request)
            n_sent += 1
            statuses[answer.status] += 1
            assert answer.status < 500 or request.path.startswith("/readyz"), (request, answer)
            assert answer.status < 400 or answer.is_problem, (request, answer)
    n_refused = sum(n for status, n in statuses.items() if status >= 400)
    assert n_sent >= 5_000
    assert n_refused >= 0.75 * n_sent, statuses
    assert {400, 403, 404, 405, 413, 415, 422} <= set(statuses)


def test_the_platform_still_works_after_the_noise(caller: Caller) -> None:
    rng = random.Random(7)
    document = caller.call("GET", "/openapi.json").json
    for operation in operations(document):
        for request in spoil(operation, rng, 5):
            send(caller, request)
    order = caller.call("POST", "/v1/orders", meal("afterwards", "x-1"))
    assert order.status == 201
    log = caller.call("GET", f"/v1/orders/{order.json['id']}/log").json["log"]
    assert [line["name"] for line in log] == ["order.admitted"]
