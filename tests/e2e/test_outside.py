"""A notice is handed on once and in its turn, whatever becomes of the answer."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recourse.model.commands import Command
from recourse.model.webhooks import Reached, TryOutcome
from tests.doors import open_platform
from tests.e2e.calling_out import opened

KEYED = """
[[channel]]
name = "sms"
over = "gateway"
reach = "phone"
url = "{url}"
takes_key = true
can_be_asked = true
{more}
"""
MUTE = """
[[channel]]
name = "sms"
over = "apprise"
url = "json://{host}/things?to={{phone}}"
{more}
"""


def test_a_customer_with_a_phone_is_told_by_text_and_the_reason_stays_private(
    store_url: str, tmp_path: Path
) -> None:
    with opened(tmp_path, store_url, KEYED) as house:
        order_id, who = house.carried("a")
        house.drop(who)
        house.tell()
        (first,) = [one for one in house.peer.texts if "new courier" in one["text"]]
        assert first["to"] == "+16045550123"
        assert "the courier cannot continue" in first["text"]
        assert "illness" not in str(house.peer.texts)
        told = [one for one in house.errands(order_id) if one["state"] == "done"]
        assert {one["peer"] for one in told} == {"sms"}


def test_without_a_file_of_peers_nobody_is_called(store_url: str, tmp_path: Path) -> None:
    application, _ = open_platform(tmp_path, store_url)
    assert application.platform.params.errands.channels == ()
    assert application.messenger.work() == 0
    application.close()


def test_a_customer_without_a_phone_reads_the_page_only(store_url: str, tmp_path: Path) -> None:
    with opened(tmp_path, store_url, KEYED) as house:
        order_id, who = house.carried("a", contact="ann@example.com")
        house.drop(who)
        house.tell()
        assert house.peer.texts == []
        assert house.errands(order_id) == []


def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_sent_twice(
    store_url: str, tmp_path: Path
) -> None:
    with opened(tmp_path, store_url, KEYED) as house:
        order_id, who = house.carried("a")
        house.tell()
        house.peer.mood = lambda method, number: None if method == "POST" else 200
        n_before = len(house.peer.texts)
        house.drop(who)
        house.wait(60)
        assert len(house.peer.texts) > n_before
        assert len(house.peer.done) == len(house.peer.texts)
        lost = [one for one in house.errands(order_id) if len(one["tries"]) == 2]
        assert lost
        for one in lost:
            assert one["state"] == "done"
            assert [tried["act"] for tried in one["tries"]] == ["send", "ask"]


def test_a_channel_that_takes_no_key_is_never_asked_twice_and_people_see_what_is_not_known(
    store_url: str, tmp_path: Path
) -> None:
    with opened(tmp_path, store_url, MUTE) as house:
        order_id, who = house.carried("a")
        house.tell()
        house.peer.mood = lambda _method, _number: None
        n_before = house.peer.n_posts
        house.drop(who)
        house.tell()
        n_sent = house.peer.n_posts - n_before
        assert n_sent >= 1
        house.wait(20)
        unknown = house.call("GET", "/v1/errands?state=unknown")["errands"]
        assert unknown
        assert all(one["n_tries"] == 1 for one in unknown)
        assert {one["order_id"] for one in unknown} == {order_id}
        (case,) = house.call("GET", "/v1/cases")["cases"]
        shown = house.call("GET", f"/v1/cases/{case['id']}")["errands"]
        assert any(one["state"] == "unknown" for one in shown)


def test_a_gateway_that_could_not_be_reached_at_all_is_tried_again_even_without_a_key(
    store_url: str, tmp_path: Path
) -> None:
    with opened(tmp_path, store_url, MUTE.replace("{host}", "127.0.0.1:9")) as house:
        order_id, who = house.carried("a")
        house.drop(who)
        house.wait(15)
        waiting = [one for one in house.errands(order_id) if one["state"] == "waiting"]
        assert waiting
        assert any(one["n_tries"] > 1 for one in waiting)
        assert {t["outcome"] for one in waiting for t in one["tries"]} == {"not_reached"}


def test_a_worker_that_dies_after_the_text_went_out_does_not_send_it_again(
    store_url: str, tmp_path: Path
) -> None:
    class Killed(BaseException):
        """As if the process had been killed."""

    with opened(tmp_path, store_url, MUTE) as house:
        order_id, who = house.carried("a")
        house.tell()
        messenger, n_before = house.application.messenger, house.peer.n_posts
        trades = messenger._trades
        perform = trades["errand"].perform

        async def die_after(wanted: Any) -> Any:  # noqa: ANN401
            await perform(wanted)
            raise Killed

        messenger._trades = {**trades, "errand": replace(trades["errand"], perform=die_after)}
        house.drop(who)
        with pytest.raises(Killed):
            messenger.work()
        messenger._trades = trades
        n_sent = house.peer.n_posts - n_before
        assert n_sent == 1
        house.wait(40)
        died = [one for one in house.errands(order_id) if one["state"] == "unknown"]
        assert [one["detail"] for one in died] == ["we died before the answer"]


def test_an_older_notice_is_dropped_when_a_newer_one_is_queued(
    store_url: str, tmp_path: Path
) -> None:
    with opened(tmp_path, store_url, KEYED) as house:
        order_id, who = house.carried("a")
        house.drop(who)
        house.accept()
        house.tell()
        by_rank = sorted(house.errands(order_id), key=lambda one: int(one["rank"]))
        assert len(by_rank) >= 2
        assert [one["state"] for one in by_rank[:-1]] == ["dropped"] * (len(by_rank) - 1)
        assert by_rank[-1]["state"] == "done"
        assert len(house.peer.texts) == 1


def test_notices_of_one_order_go_out_in_their_order(store_url: str, tmp_path: Path) -> None:
    with opened(tmp_path, store_url, KEYED) as house:
        order_id, who = house.carried("a")
        house.tell()
        house.peer.mood = lambda method, _: 500 if method == "POST" else None
        house.drop(who)
        house.tell()
        house.accept()
        house.tell()
        ranks = {one["id"]: one["rank"] for one in house.errands(order_id)}
        house.peer.mood = lambda _method, _number: 200
        house.wait(60)
        sent = [ranks[key] for key in house.peer.done]
        assert sent == sorted(sent)


def test_quiet_hours_hold_back_what_nobody_waits_for_and_let_through_what_is_urgent(
    store_url: str, tmp_path: Path
) -> None:
    # It is eight in the morning there.
    with opened(tmp_path, store_url, KEYED, more='quiet = "07:00-08:30"') as house:
        order_id, who = house.carried("a")
        house.drop(who)
        house.tell()
        lines = house.errands(order_id)
        late = [one for one in lines if one["due_at"] != one["made_at"]]
        assert len(late) == len(lines)
        assert {one["due_at"] for one in late} == {"2026-03-02T16:30:00.000Z"}
        assert house.peer.texts == []
        house.wait(1_900)
        assert len(house.peer.texts) >= 1
    with opened(tmp_path / "2", "", KEYED, more='quiet = "07:00-12:00"') as house:
        order_id, who = house.carried("a")
        house.drop(who)
        house.tell()
        assert house.peer.texts


def test_the_next_channel_wakes_who_relied_on_the_window_that_is_replaced(
    store_url: str, tmp_path: Path
) -> None:
    # It is eight in the morning there; the window that is replaced ends within the quiet hours.
    second = KEYED.replace('"sms"', '"chat"')
    with opened(tmp_path, store_url, KEYED + second, more='quiet = "07:00-12:00"') as house:
        order_id = house.order("a")
        house.wait(60)
        house.peer.mood = lambda _method, number: 422 if number == 1 else 200
        house.peer.n_posts = 0
        now = house.clock.now()
        moved = Command(
            key="moved",
            name="notice",
            due_at=now,
            payload={"kind": "new_time", "latest_at": (now + timedelta(hours=9)).isoformat()},
            order_id=order_id,
        )
        with house.application.platform.store.begin() as tx:
            tx.record(commands=[moved])
        house.application.work()
        house.tell()
        told = [one for one in house.errands(order_id) if one["what"] == "new_time"]
        assert {one["peer"]: one["state"] for one in told} == {"sms": "refused", "chat": "done"}


def test_a_person_is_not_written_to_more_often_than_the_cap(store_url: str, tmp_path: Path) -> None:
    with opened(tmp_path, store_url, KEYED, more="per_hour = 1") as house:
        order_id, who = house.carried("a")
        house.drop(who)
        house.tell()
        house.accept()
        house.tell()
        assert len(house.peer.texts) == 1
        assert {one["detail"] for one in house.errands(order_id) if one["state"] == "dropped"} == {
            "told often enough lately"
        }


def test_a_text_that_may_have_gone_out_is_not_sent_over_another_channel(
    store_url: str, tmp_path: Path
) -> None:
    first = KEYED.replace("can_be_asked = true", "can_be_asked = false")
    second = KEYED.replace('"sms"', '"chat"')
    with opened(tmp_path, store_url, first + second) as house:
        order_id, who = house.carried("a")
        house.tell()
        messenger, calls = house.application.messenger, []

        async def nobody_after_the_first(wanted: Any) -> Reached:  # noqa: ANN401
            calls.append(wanted)
            is_first = sum(one.key == wanted.key for one in calls) == 1
            return Reached(outcome=TryOutcome.UNKNOWN if is_first else TryOutcome.NOT_REACHED)

        errand = replace(messenger._trades["errand"], perform=nobody_after_the_first)
        messenger._trades = {**messenger._trades, "errand": errand}
        house.drop(who)
        house.wait(7_200)
        tried = [one for one in house.errands(order_id) if one["n_tries"] > 1]
        assert tried
        assert {(one["peer"], one["state"]) for one in tried} == {("sms", "unknown")}
        assert {call.peer for call in calls} == {"sms"}


def test_a_refusal_goes_on_to_the_next_channel(store_url: str, tmp_path: Path) -> None:
    second = KEYED.replace('"sms"', '"chat"')
    with opened(tmp_path, store_url, KEYED + second) as house:
        order_id, who = house.carried("a")
        house.tell()
        house.peer.mood = lambda _method, number: 422 if number % 2 else 200
        house.peer.n_posts = 0
        house.drop(who)
        house.tell()
        states = {
            one["peer"]: one["state"]
            for one in house.errands(order_id)
            if one["what"] == "courier_lost"
        }
        assert states == {"sms": "refused", "chat": "done"}
