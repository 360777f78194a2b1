"""Notices, answers, webhooks and errands: what is said to others is said once."""

from dataclasses import replace

import pytest

from recourse.model.errands import Act, Errand, ErrandState, ErrandTry
from recourse.model.errors import Conflict
from recourse.model.examples import errand_of
from recourse.model.ports import Reply
from recourse.model.redress import Notice, NoticeKind
from recourse.model.webhooks import EndpointState, WebhookEndpoint, WebhookMessage, WebhookState
from tests.conformance.refusals import refused
from tests.conformance.values import NOON, opened, put


def test_a_notice_is_sent_once(store_url: str) -> None:
    with opened(store_url) as store:
        notice = Notice(
            key="k-1/notice:1",
            order_id="o-1",
            kind=NoticeKind.NEW_COURIER,
            locale="en",
            text="Bo is on the way.",
            sent_at=NOON,
        )
        put(store, notice)
        assert refused(store, replace(notice, text="Bo is on the way!")) == "notices_pkey"


def test_an_idempotency_key_has_one_answer(store_url: str) -> None:
    reply = Reply(caller="shop", key="7", fingerprint="f", status=201, body="{}", at=NOON)
    with opened(store_url) as store:
        with store.begin() as tx:
            tx.record(reply=reply)
        with pytest.raises(Conflict, match="replies_pkey"), store.begin() as tx:
            tx.record(reply=replace(reply, body="[]"))
        with store.begin() as tx:
            assert tx.reply("shop", "7") == reply


def _hook(name: str = "hook-1") -> WebhookEndpoint:
    return WebhookEndpoint(
        id=name,
        merchant_id="shop",
        url="https://shop.example/",
        kinds=("order.admitted",),
        state=EndpointState.ON,
        from_number=0,
        created_at=NOON,
    )


def _message(number: int, sequence: int, **changes: object) -> WebhookMessage:
    plain = WebhookMessage(
        id=f"m-{number}-{sequence}",
        endpoint_id="hook-1",
        number=number,
        kind="order.admitted",
        order_id="o-1",
        sequence=sequence,
        state=WebhookState.WAITING,
        made_at=NOON,
        wanted_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_an_event_is_told_to_an_endpoint_once_and_a_sequence_is_given_once(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, _hook(), _message(7, 1))
        assert refused(store, _message(7, 2)) == "webhook_is_made_once"
        assert refused(store, _message(8, 1)) == "webhook_sequence_is_given_once"
        put(store, _message(8, 2))
        assert refused(store, _message(9, 0)) == "webhook_sequence_counts_from_one"


def test_a_message_ends_with_its_time_and_belongs_to_an_endpoint(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, _hook())
        taken = _message(7, 1, state=WebhookState.TAKEN)
        assert refused(store, taken) == "webhook_end_has_its_time"
        nobodys = _message(7, 1, endpoint_id="hook-9")
        assert refused(store, nobodys) == "webhook_is_for_an_endpoint"


def _errand(rank: int, **changes: object) -> Errand:
    return errand_of(rank=rank, **changes)


def test_an_errand_is_given_once_and_has_its_place(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, _errand(1))
        again = _errand(2, about="case-1/notice:1")
        assert refused(store, again) == "errand_is_given_once"
        beside = _errand(1, id="other", about="other")
        assert refused(store, beside) == "errand_has_its_place"
        assert refused(store, _errand(0, id="zero", about="zero")) == "errand_counts_from_one"
        over = _errand(2, state=ErrandState.DONE)
        assert refused(store, over) == "errand_end_has_its_time"
        nobodys = ErrandTry(errand_id="none", number=1, act=Act.SEND, began_at=NOON)
        assert refused(store, nobodys) == "try_is_of_an_errand"


def test_what_is_known_of_an_errand_stays_and_what_is_not_may_become_known(store_url: str) -> None:
    with opened(store_url) as store:
        unknown = _errand(1, state=ErrandState.UNKNOWN, ended_at=NOON)
        put(store, unknown)
        done = replace(unknown, state=ErrandState.DONE, version=1)
        put(store, done)
        back = replace(done, state=ErrandState.UNKNOWN, version=2)
        assert refused(store, back) == "errand_end_is_final"
