"""A remedy is paid once, whatever becomes of the answer; what nobody knows, a person settles."""

from dataclasses import replace
from pathlib import Path

from tests.e2e.calling_out import opened

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
