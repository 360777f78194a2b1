"""A house with a key of every kind, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recourse.flow import keys
from recourse.flow.sessions import begin_session, prove_password, token_text
from tests.doors import MORNING, Caller, courier, meal, open_platform, site
from tests.e2e.locked.house import DIGEST, NAMES, House


@pytest.fixture
def house(store_url: str, tmp_path: Path) -> Iterator[House]:
    application, clock = open_platform(tmp_path, store_url, has_open_doors=False)
    caller = Caller(application.asgi)
    mine = House(application, clock, caller)
    with application.platform.store.begin() as tx:
        for name, role in NAMES.items():
            keys.make_account(tx, name=name, role=role, password_digest=DIGEST, now=MORNING)
    with application.platform.store.begin() as tx:
        for name in NAMES:
            # A right password costs a third of a second by design; the log-in has tests of its own.
            platform = application.platform
            begun = begin_session(
                tx, platform, prove_password(tx, name, is_right=True, now=MORNING), token=name
            )
            assert begun is not None
            mine.credentials[name] = token_text(name)
    for merchant_id in ("m-1", "m-2"):
        mine.credentials[merchant_id] = mine.key(merchant_id)
    mine.call("dora", "POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
    for name in ("bo", "mei"):
        assert mine.call("dora", "POST", "/v1/couriers", courier(name)).status == 201
        mine.credentials[name] = mine.courier_in(name)
        mine.call(name, "POST", f"/v1/couriers/{name}/duty", {"on": True})
    for merchant_id in ("m-1", "m-2"):
        order = {**meal(f"of-{merchant_id}"), "merchant_id": merchant_id}
        made = mine.call(merchant_id, "POST", "/v1/orders", order)
        mine.order_ids[merchant_id] = made.json["id"]
        hook = {"merchant_id": merchant_id, "url": "https://shop.example/"}
        made = mine.call(merchant_id, "POST", "/v1/webhook_endpoints", hook)
        mine.hook_ids[merchant_id] = made.json["id"]
    application.work()
    offers = mine.call("dora", "GET", "/v1/messages").json["messages"]
    mine.offer_id = next(
        one["data"]["offer_id"]
        for one in offers
        if one["kind"] == "offer" and one["to"] == "courier:bo"
    )
    yield mine
    caller.close()
    application.close()
