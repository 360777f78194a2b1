"""A notice is handed on once and a remedy is paid once, whatever becomes of the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recourse.adapters.clock import ManualClock
from recourse.app import Application
from recourse.model.commands import Command
from recourse.model.ports import Transaction
from recourse.model.webhooks import Reached, TryOutcome
from tests.doors import Caller, courier, meal, open_platform, site
from tests.outside import Gateway, gateway

_NEVER = datetime.max.replace(tzinfo=UTC)
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
PAYOUTS = """
[payouts]
url = "{url}"
"""
REFUNDS = """
version = 1
name = "refunds"
[limits]
case_cents = 900
day_cents = 100_000
[[customer]]
rule = "sorry"
when = 'true'
give = "coupon"
cents = 500
"""


@dataclass
class House:
    """A platform and the peer it calls."""

    application: Application
    clock: ManualClock
    caller: Caller
    peer: Gateway

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        answer = self.caller.call(method, path, body)
        assert answer.status < 400, answer.json
        return answer.json if answer.content else None

    def order(self, name: str, contact: str = "+16045550123") -> str:
        body = meal(name)
        now = self.clock.now()
        body["pickup_ready_at"] = body["dropoff_ready_at"] = now.isoformat()
        body["dropoff_deadline_at"] = (now + timedelta(hours=1)).isoformat()
        body["customer"] |= {"contact": contact, "id": "c-ann"}
        order_id = str(self.call("POST", "/v1/orders", body)["id"])
        self.application.work()
        return order_id

    def carried(self, name: str, **more: str) -> tuple[str, str]:
        """An order that somebody has said yes to."""
        order_id = self.order(name, **more)
        return order_id, self.accept()

    def accept(self) -> str:
        messages = self.call("GET", "/v1/messages?limit=500")["messages"]
        offer = [one for one in messages if one["kind"] == "offer"][-1]
        self.call("POST", f"/v1/offers/{offer['data']['offer_id']}/accept")
        self.application.work()
        return str(offer["to"].removeprefix("courier:"))

    def drop(self, courier_id: str) -> None:
        self.call("POST", f"/v1/couriers/{courier_id}/withdraw", {"code": "courier_illness"})
        self.application.work()

    def give_money_back(self) -> None:
        """Nobody says yes, and a dispatcher pays the order back."""
        self.wait(300)
        (case,) = self.call("GET", "/v1/cases")["cases"]
        self.call("POST", f"/v1/cases/{case['id']}/decide", {"way": "refund"})
        self.application.work()

    def tell(self) -> None:
        """Call whoever is due to be called."""
        while self.application.messenger.work():
            pass

    def wait(self, seconds: float) -> None:
        """Let time pass, doing whatever falls due."""
        end = self.clock.now() + timedelta(seconds=seconds)
        store = self.application.platform.store
        self.tell()
        while (due_at := self.due_at(store.next_due_at(outgoing=True), store.next_due_at())) <= end:
            self.clock.set(max(due_at, self.clock.now()))
            self.application.work()
            self.tell()
        self.clock.set(end)

    @staticmethod
    def due_at(*instants: datetime | None) -> datetime:
        return min((at for at in instants if at is not None), default=_NEVER)

    def errands(self, order_id: str) -> list[dict[str, Any]]:
        return list(self.call("GET", f"/v1/orders/{order_id}/errands")["errands"])

    def sums(self) -> dict[str, int]:
        """What every account came to."""

        def read(tx: Transaction) -> dict[str, int]:
            keys = [r["id"] for r in self.call("GET", "/v1/remedies?limit=500")["remedies"]]
            found = tx.entries([key for one in keys for key in (one, f"{one}/paid")])
            sums: dict[str, int] = {}
            for entry in found.values():
                for line in entry.postings:
                    sums[line.account] = sums.get(line.account, 0) + line.amount_cents
            return sums

        with self.application.platform.store.begin() as tx:
            return read(tx)


@contextmanager
def opened(
    folder: Path,
    url: str,
    peers: str,
    *,
    more: str = "",
    **changes: Any,  # noqa: ANN401 - as the settings have them
) -> Iterator[House]:
    folder.mkdir(exist_ok=True)
    with gateway() as peer:
        file = folder / "peers.toml"
        host = peer.url.removeprefix("http://").partition("/")[0]
        file.write_text(peers.format(url=peer.url, host=host, more=more))
        application, clock = open_platform(folder, url, peers_file=file, **changes)
        caller = Caller(application.asgi)
        house = House(application, clock, caller, peer)
        try:
            house.call("POST", "/v1/sites", site("kitchen", "merchant", 2, 2))
            for name in ("bo", "mei", "li"):
                house.call("POST", "/v1/couriers", courier(name))
                house.call("POST", f"/v1/couriers/{name}/duty", {"on": True})
            yield house
        finally:
            caller.close()
            application.close()


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


def test_a_remedy_is_paid_out_once_although_the_answer_was_lost(
    store_url: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(REFUNDS)
    with opened(tmp_path, store_url, PAYOUTS, policy_file=policy) as house:
        order_id, who = house.carried("a")
        house.drop(who)
        house.peer.mood = lambda method, number: None if method == "POST" or number < 3 else 200
        house.give_money_back()
        house.wait(120)
        (paid,) = [one for one in house.errands(order_id) if one["kind"] == "payout"]
        assert paid["state"] == "done"
        assert [tried["act"] for tried in paid["tries"]] == ["send", "ask", "ask", "ask"]
        assert [one["amount_cents"] for one in house.peer.done.values()] == [500]
        sums = house.sums()
        assert sums["asset:payouts"] == -500
        assert sums["customer:c-ann"] == 0


def test_a_payout_is_not_refused_because_the_question_about_it_is(
    store_url: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(REFUNDS)
    with opened(tmp_path, store_url, PAYOUTS, policy_file=policy) as house:
        order_id, who = house.carried("a")
        house.drop(who)
        turned_away = dict(enumerate((401, 403, 405, 410, 302, 422), start=1))
        house.peer.mood = lambda method, n: 500 if method == "POST" else turned_away.get(n, 200)
        house.give_money_back()
        house.wait(300)
        (paid,) = [one for one in house.errands(order_id) if one["kind"] == "payout"]
        assert [tried["act"] for tried in paid["tries"]] == ["send", *["ask"] * 7]
        assert paid["state"] == "done"
        assert house.sums()["customer:c-ann"] == 0


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


def test_a_payout_that_nobody_can_clear_up_is_settled_by_a_person_once(
    store_url: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(REFUNDS)
    with opened(tmp_path, store_url, PAYOUTS, policy_file=policy) as house:
        _, who = house.carried("a")
        house.drop(who)
        house.peer.mood = lambda _method, _number: 500
        platform = house.application.platform
        short = replace(platform.params.errands, payout_s=60)
        platform.params = replace(platform.params, errands=short)
        house.give_money_back()
        house.wait(300)
        (unknown,) = house.call("GET", "/v1/errands?state=unknown")["errands"]
        said = {
            "errand_id": unknown["id"],
            "outcome": "done",
            "actor": "mona",
            "why": "it is on the account",
        }
        assert house.call("POST", "/v1/errands/settle", said)["state"] == "done"
        assert house.call("POST", "/v1/errands/settle", said)["state"] == "done"
        assert house.sums()["asset:payouts"] == -500
        other = house.caller.call("POST", "/v1/errands/settle", {**said, "outcome": "not_done"})
        assert other.status == 409


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
