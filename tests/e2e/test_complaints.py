"""What users complain of in today's systems, where it is seen at the doors only.

docs/complaints.md lists every complaint with its test; those of the flow stand in
`tests/flow/test_complaints.py`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recourse.app import Application
from recourse.flow import order as order_flow
from tests.doors import Caller, courier, meal, open_platform, site


@pytest.fixture
def opened(store_url: str, tmp_path: Path) -> Iterator[tuple[Caller, Application]]:
    application, _ = open_platform(tmp_path, store_url)
    caller = Caller(application.asgi)
    caller.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    yield caller, application
    caller.close()
    application.close()


def _n_orders(caller: Caller) -> int:
    return len(caller.call("GET", "/v1/orders").json["orders"])


def test_a_retry_makes_no_second_delivery(opened: tuple[Caller, Application]) -> None:
    caller, _ = opened
    first = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
    again = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-1")
    other_key = caller.call("POST", "/v1/orders", meal("a"), idempotency_key="k-2")
    assert (first.status, again.status, other_key.status) == (201, 201, 200)
    assert {one.json["id"] for one in (first, again, other_key)} == {first.json["id"]}
    assert _n_orders(caller) == 1


def _cancel(order_id: str) -> dict[str, object]:
    return {
        "order_id": order_id,
        "cancel": {"actor": "merchant", "code": "merchant_canceled"},
    }


def _in_hand(caller: Caller, application: Application, name: str) -> str:
    """An order that a courier has fetched."""
    caller.call("POST", "/v1/couriers", courier("bo", 2, 2))
    caller.call("POST", "/v1/couriers/bo/duty", {"on": True})
    order_id = str(caller.call("POST", "/v1/orders", meal(name)).json["id"])
    application.work()
    (offer,) = [
        one["data"]
        for one in caller.call("GET", "/v1/messages").json["messages"]
        if one["kind"] == "offer"
    ]
    caller.call("POST", f"/v1/offers/{offer['offer_id']}/accept")
    stop = caller.call("GET", "/v1/couriers/bo/route").json["stops"][0]
    for what in ("arrive", "complete"):
        assert caller.call("POST", f"/v1/couriers/bo/stops/{stop['id']}/{what}").status == 200
    return order_id


def test_a_bulk_change_says_of_each_line_what_came_of_it(
    opened: tuple[Caller, Application],
) -> None:
    caller, application = opened
    in_hand = _in_hand(caller, application, "held")
    ids = [str(caller.call("POST", "/v1/orders", meal(f"a-{n}")).json["id"]) for n in range(14)]
    lines = [_cancel(order_id) for order_id in [*ids, in_hand, "nowhere"]]
    told = caller.call("POST", "/v1/orders/changes", {"lines": lines}, idempotency_key="k-1")
    assert (told.status, told.json["n_done"], told.json["n_refused"]) == (207, 14, 2)
    statuses = {
        line["order_id"]: caller.call("GET", f"/v1/orders/{line['order_id']}").json.get("status")
        for line in lines
    }
    for line, asked in zip(told.json["lines"], lines, strict=True):
        is_canceled = statuses[asked["order_id"]] == "canceled"
        assert (line["status"] == 200) == is_canceled, line
    assert [line["answer"]["code"] for line in told.json["lines"][-2:]] == [
        "forbidden",
        "not_found",
    ]


def test_a_bulk_change_that_broke_off_goes_on_where_it_was(
    opened: tuple[Caller, Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, _ = opened
    ids = [str(caller.call("POST", "/v1/orders", meal(f"a-{n}")).json["id"]) for n in range(4)]
    body = {"lines": [_cancel(order_id) for order_id in ids]}
    cancel, n_calls = order_flow.cancel, 0

    def dies(*given: object, **named: object) -> object:
        nonlocal n_calls
        n_calls += 1
        if n_calls == 3:
            raise KeyboardInterrupt  # as a process that is stopped in the middle
        return cancel(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(order_flow, "cancel", dies)
        with pytest.raises(KeyboardInterrupt):
            caller.call("POST", "/v1/orders/changes", body, idempotency_key="k-1")
    told = caller.call("POST", "/v1/orders/changes", body, idempotency_key="k-1")
    assert (told.status, told.json["n_done"]) == (200, 4)
    ended = caller.call("GET", "/v1/events?name=order.ended").json["events"]
    assert sorted(one["data"]["order_id"] for one in ended) == sorted(ids)
