"""The story of an order in two voices, and its way as others read it."""

import json
import re

import sqlalchemy as sa

from recourse.adapters.store.engine import open_engine
from recourse.flow import disrupt
from recourse.flow.views.epcis import custody_of, epcis
from recourse.flow.views.plain import plain
from recourse.flow.views.story import customer_story, dispatcher_story
from recourse.model.orders import Order
from recourse.model.reasons import PublicGroup, ReasonCode
from tests.flow.town import Town, at

PRIVATE = re.compile(r"ill(ness)?\b|flu|sick|病|bo test", re.IGNORECASE)


def handed_over(town: Town) -> Order:
    """An order whose holder falls ill on the way, and that another courier meets and brings."""
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo", door=at(7, 7))
    town.visit("bo")
    town.on_duty("mei", at(3, 3))
    town.do(disrupt.withdraw, "bo", code=ReasonCode.COURIER_ILLNESS, note="the flu")
    town.work()
    for offer in town.open_offers():
        town.accept(offer.courier_id)
    town.work()
    town.finish("mei")
    return town.order(order.id)


def test_a_customer_reads_what_was_told_and_of_a_cause_only_its_public_group(town: Town) -> None:
    order = handed_over(town)
    for locale in ("en", "zh"):
        story = town.read(lambda tx: customer_story(tx, order.id, locale=locale))  # noqa: B023
        assert not PRIVATE.search(json.dumps(story, ensure_ascii=False))
        assert {line["group"] for line in story} - {""} == {
            PublicGroup.COURIER_CANNOT_CONTINUE.value
        }
        assert all(line["text"] or line["group"] for line in story)
    assert [line["at"] for line in story] == sorted(line["at"] for line in story)
    told = {notice.text for notice in town.notices(order.id)}
    assert told <= {line["text"] for line in story}


def test_a_dispatcher_reads_every_option_with_its_price_and_every_reason(town: Town) -> None:
    order = handed_over(town)
    story = town.read(lambda tx: dispatcher_story(tx, order.id))
    assert "courier.withdrew" in {line["name"] for line in story}
    decided = [line for line in story if line["name"] == "case.decided"]
    assert decided
    for line in decided:
        assert line["option"]["cost_cents"] >= 0
        assert len(line["reasons"]) == len(line["data"]["decision"]["rejections"]) > 0
        assert all(one["en"] and one["zh"] for one in line["reasons"])


def test_an_export_replays_to_the_same_custody_history(town: Town) -> None:
    orders = [handed_over(town)]
    town.of_station("wu")
    parcel = town.parcel("p one/2")
    town.wait(25 * 60)
    town.finish("wu")
    orders.append(town.order(parcel.id))
    lost = town.meal("z")
    town.work()
    orders.append(town.order(lost.id))
    for order in orders:
        document = json.loads(json.dumps(plain(town.do(epcis, order.id))))
        assert document["epcisBody"]["eventList"][0]["action"] == "ADD"
        found = [
            (one.number, one.custodian.value, one.holder_id, one.from_at, one.until_at)
            for one in custody_of(document)
        ]
        assert found == kept(town, order.id)


def kept(town: Town, order_id: str) -> list[tuple[object, ...]]:
    """The table of custody."""
    engine = open_engine(town.url, n_connections=1)
    sql = sa.text(
        "SELECT number, custodian, holder_id, from_at, until_at FROM custody"
        " WHERE order_id = :order_id ORDER BY number"
    )
    flavour = town.platform.store._s.flavour  # type: ignore[attr-defined]
    with engine.connect() as connection:
        rows = connection.execute(sql, {"order_id": order_id}).all()
    engine.dispose()
    out = flavour.instant_out
    return [(n, kind, who, out(a), out(b) if b else None) for n, kind, who, a, b in rows]
