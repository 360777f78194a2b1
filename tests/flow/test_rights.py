"""What is given that is no money: rights, gifts, their stocks, and what is one time too many."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from recourse.app import load_policy
from recourse.cli_policy.past import read_orders, read_past
from recourse.flow import entitlements, four_eyes, returns, roster
from recourse.flow.perform import perform
from recourse.model.cases import Case
from recourse.model.commands import Command
from recourse.model.entitlements import Budget, Entitlement, EntitlementState
from recourse.model.errors import Conflict, NotFound
from recourse.model.events import LedgerPosted, RemedyGranted, RemedyWithheld
from recourse.model.orders import Customer, OrderStatus
from recourse.model.reasons import ReasonCode
from recourse.model.redress import RemedyKind
from recourse.redress import try_policy
from tests.flow.town import Town, at

HEAD = "version = 1\n[limits]\ncase_cents = 2000\nday_cents = 100000\n"
COURIER = '[[courier]]\nrule = "pay"\nwhen = "no_fault"\ngive = "courier_pay"\ncents = 450\n'


def gives(rule: str, more: str, *, when: str = "outcome == 'refunded'", cents: int = 500) -> str:
    head = f'[[customer]]\nrule = "{rule}"\nwhen = "{when}"\ncents = {cents}\n'
    return head + more + "\n"


@pytest.fixture
def under(town: Town, tmp_path: Path) -> Callable[[str], None]:
    """Put a policy in force."""

    def put(text: str) -> None:
        file = tmp_path / "policy.toml"
        file.write_text(HEAD + text)
        town.platform.params = replace(town.platform.params, redress=load_policy(file))

    return put


def refunded(town: Town, name: str, **customer: object) -> Case:
    """Let an order lose its courier, and nobody take it over."""
    who = Customer(**({"id": "anna"} | customer))  # type: ignore[arg-type]
    courier = f"bo-{name}"
    town.on_duty(courier)
    order = town.meal(name, customer=who)
    town.work()
    town.accept(courier)
    town.withdraw(courier, ReasonCode.VEHICLE_BREAKDOWN)
    town.wait(town.platform.params.recovery.fallback_s + 60)
    case = town.case(order.id)
    assert case.outcome == "refunded"
    return case


def kinds(town: Town, case: Case) -> list[str]:
    return [
        one.kind.value
        for one in town.remedies(case.id)
        if one.beneficiary_id.startswith("customer:")
    ]


def rights(town: Town) -> list[Entitlement]:
    return town.read(lambda tx: tx.entitlements_of())


KINDS = {
    "free_upgrade": ("express", "极速配送"),
    "refund_guarantee": ("all of your money back", "全额退款"),
    "free_storage": ("keep your orders", "保管"),
    "vip_trial": ("VIP", "会员"),
    "extended_warranty": ("warranty", "保修"),
    "gift": ("Jasmine tea", "Jasmine tea"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("locale", "nth"), [("en", 0), ("zh", 1)])
def test_a_right_is_given_once_told_in_their_language_and_used_once(
    town: Town, under: Callable[[str], None], kind: str, locale: str, nth: int
) -> None:
    gift = 'item = "Jasmine tea"\nstock = "tea"\n' if kind == "gift" else ""
    stock = '[[stock]]\nname = "tea"\npieces = 9\n'
    under(gives("right", f'give = "{kind}"\ndays = 30\n{gift}') + stock)
    case = refunded(town, "a", locale=locale)
    again = Command(
        key="again",
        name="remedy",
        due_at=town.now,
        payload={"beneficiary": "customer"},
        order_id=case.order_id,
        case_id=case.id,
    )
    town.do(perform, again)
    (right,) = rights(town)
    assert (right.kind.value, right.worth_cents, right.customer_id) == (kind, 500, "anna")
    assert (right.until_at - right.from_at, right.state.value) == (timedelta(days=30), "open")
    (told,) = [one.text for one in town.notices(case.order_id) if one.kind.value == "remedy"]
    assert KINDS[kind][nth] in told
    assert ("2026年4月" if nth else "April 2026") in told
    used = town.do(entitlements.redeem, right.id, merchant_id="m-1")
    assert used.state is EntitlementState.USED
    town.wait(3_600)
    with pytest.raises(Conflict, match="entitlement_is_used"):
        town.do(entitlements.redeem, right.id, merchant_id="m-1")
    lines = [p for one in town.happened(LedgerPosted) for p in one.postings if p.amount_cents]
    assert sum(p.amount_cents for p in lines if p.account == "customer:anna") == 0
    assert [p.amount_cents for p in lines if p.account == f"provided:{kind}"] == [-500]
    with pytest.raises(NotFound):
        town.do(entitlements.redeem, right.id, merchant_id="m-2")


def test_a_right_that_is_not_used_is_over_after_its_time_and_costs_nothing(
    town: Town, under: Callable[[str], None]
) -> None:
    under(gives("right", 'give = "vip_trial"\ndays = 1'))
    refunded(town, "a")
    (right,) = rights(town)
    town.clock.set(right.until_at)
    with pytest.raises(Conflict, match="it held until"):
        town.do(entitlements.redeem, right.id)
    town.work()
    assert [one.state for one in rights(town)] == [EntitlementState.OVER]
    lines = [p for one in town.happened(LedgerPosted) for p in one.postings]
    assert sum(p.amount_cents for p in lines if p.account == "customer:anna") == 0


def test_a_gift_ends_with_its_stock_and_the_next_rule_is_asked(
    town: Town, under: Callable[[str], None]
) -> None:
    tea = gives("tea", 'give = "gift"\ndays = 30\nitem = "Tea"\nstock = "tea"')
    stock = '[[stock]]\nname = "tea"\npieces = 2\n'
    under(tea + gives("coupon", 'give = "coupon"') + stock)
    cases = [refunded(town, name) for name in "abc"]
    assert [kinds(town, case) for case in cases] == [["gift"], ["gift"], ["coupon"]]
    budget = town.read(lambda tx: tx.budgets(["stock/tea"]))["stock/tea"]
    assert (budget.most, budget.used) == (2, 2)


def test_no_stock_and_no_budget_is_overdrawn_whoever_writes(town: Town) -> None:
    with town.store.begin() as tx:
        tx.record([Budget(id="stock/tea", most=2, used=2)])
    held = town.read(lambda tx: tx.budgets(["stock/tea"]))["stock/tea"]
    for used in (3, -1):
        with pytest.raises(Conflict, match="budget_is"), town.store.begin() as tx:
            tx.record([replace(held, used=used)])


def test_coupons_end_with_their_budget_and_a_merchants_day(
    town: Town, under: Callable[[str], None]
) -> None:
    coupon = gives("coupon", 'give = "coupon"\nstock = "march"')
    under(coupon + '[[stock]]\nname = "march"\ncents = 900\n')
    cases = [refunded(town, name) for name in "ab"]
    assert [kinds(town, case) for case in cases] == [["coupon"], []]
    town.platform.params = replace(
        town.platform.params,
        redress=replace(
            town.platform.params.redress,
            stocks=(),
            limits=replace(town.platform.params.redress.limits, tenant_day_cents=800),
        ),
    )
    later = [refunded(town, name) for name in "cd"]
    assert [[one.amount_cents for one in town.remedies(case.id)] for case in later] == [
        [300],
        [],
    ]
    assert {one.id for one in town.read(lambda tx: tx.budgets(_days(town))).values()} == {
        *_days(town)
    }


def _days(town: Town) -> list[str]:
    return [f"day/{town.now:%Y-%m-%d}/CNY", f"day/{town.now:%Y-%m-%d}/CNY/m-1"]


ABUSE = {
    "person": ({}, {}, {"id": "ben"}),
    "device": ({"id": "ben", "device": "d-1"}, {"device": "d-1"}, {"device": "d-2"}),
    "address": ({"id": "ben"}, {"id": "carl"}, None),
    "share": ({}, {}, {"id": "ben"}),
}


@pytest.mark.parametrize("by", ABUSE)
def test_one_time_too_many_is_held_back_with_its_reason(
    town: Town, under: Callable[[str], None], by: str
) -> None:
    limit = "percent = 60\nat_least = 2" if by == "share" else "most = 1"
    text = gives("coupon", 'give = "coupon"')
    under(f'{text}[[abuse]]\nby = "{by}"\ndays = 30\n{limit}\n')
    first, second, other = ABUSE[by]
    given, held = refunded(town, "a", **first), refunded(town, "b", **second)
    assert (kinds(town, given), kinds(town, held)) == (["coupon"], [])
    (why,) = [one.why for one in town.happened(RemedyWithheld)]
    wanted = {
        "share": "share: 2 remedies for 2 orders in 30 days, at most 60 %",
    }
    assert why == wanted.get(by, f"{by}: 1 remedies in 30 days, at most 1")
    assert town.happened(RemedyWithheld)[0].case_id == held.id
    if other is not None:
        assert kinds(town, refunded(town, "c", **other)) == ["coupon"]


def test_a_courier_and_a_customer_are_not_paid_together_again_and_again(
    town: Town, under: Callable[[str], None]
) -> None:
    limit = '[[abuse]]\nby = "pair"\ndays = 30\nmost = 1\nthen = "ask"\n'
    under(gives("coupon", 'give = "coupon"') + limit)
    cases = []
    town.on_duty("bo")
    for name in "ab":
        order = town.meal(name, customer=Customer(id="anna"))
        town.work()
        town.accept("bo")
        town.withdraw("bo", ReasonCode.COURIER_TOO_FAR)
        town.wait(town.platform.params.recovery.fallback_s + 60)
        cases.append(town.case(order.id))
    assert [kinds(town, case) for case in cases] == [["coupon"], []]
    (waits,) = town.read(four_eyes.waiting)
    (told,) = town.happened(RemedyWithheld)
    assert (waits["id"], told.is_asked) == (told.remedy.id, True)
    assert told.why == "pair: 1 remedies in 30 days, at most 1"
    town.do(four_eyes.approve, str(waits["id"]), actor="li")
    assert kinds(town, cases[1]) == ["coupon"]


def test_what_is_owed_is_never_held_back(town: Town, under: Callable[[str], None]) -> None:
    refund = '[[customer]]\nrule = "refund"\nwhen = "outcome == \'refunded\'"\ngive = "refund"\n'
    limit = '[[abuse]]\nby = "person"\ndays = 30\nmost = 0\n'
    under(f"{refund}percent_of_value = 100\n{COURIER}{limit}")
    case = refunded(town, "a")
    assert sorted(one.kind.value for one in town.remedies(case.id)) == ["courier_pay", "refund"]
    assert town.happened(RemedyWithheld) == []


def test_who_holds_a_guarantee_gets_the_money_back_for_the_next_late_order_once(
    town: Town, under: Callable[[str], None]
) -> None:
    money = '[[customer]]\nrule = "guarantee"\nwhen = "has_guarantee && late_s > 0"\n'
    first = gives("right", 'give = "refund_guarantee"\ndays = 30')
    under(f'{money}give = "refund"\npercent_of_value = 100\n{first}')
    refunded(town, "a")
    assert [one.kind for one in rights(town)] == [RemedyKind.REFUND_GUARANTEE]
    cases = []
    for name in "bc":
        town.on_duty(f"wu-{name}", at(2, 2))
        order = town.meal(name, customer=Customer(id="anna"))
        town.work()
        town.accept(f"wu-{name}")
        town.on_duty(f"xi-{name}", at(3, 3))
        town.withdraw(f"wu-{name}", ReasonCode.COURIER_TOO_FAR)
        town.work()
        town.accept(f"xi-{name}")
        town.visit(f"xi-{name}")
        town.ride(f"xi-{name}")
        town.wait(60 * 60)
        town.complete(f"xi-{name}")
        town.work()
        assert town.order(order.id).status is OrderStatus.DELIVERED
        cases.append(town.case(order.id))
        for who in ("wu", "xi"):
            town.do(roster.duty, f"{who}-{name}", on=False)
    assert [kinds(town, case) for case in cases] == [["refund"], []]
    assert [one.state for one in rights(town)] == [EntitlementState.USED]


def _late(town: Town, name: str) -> Case:
    """Let an order of anna be handed over an hour too late, by the second courier."""
    town.on_duty(f"wu-{name}", at(2, 2))
    order = town.meal(name, customer=Customer(id="anna"), is_perishable=False)
    town.work()
    town.accept(f"wu-{name}")
    town.on_duty(f"xi-{name}", at(3, 3))
    town.withdraw(f"wu-{name}", ReasonCode.COURIER_TOO_FAR)
    town.work()
    town.accept(f"xi-{name}")
    town.visit(f"xi-{name}")
    town.ride(f"xi-{name}")
    town.wait(60 * 60)
    town.complete(f"xi-{name}")
    town.work()
    town.do(roster.duty, f"wu-{name}", on=False)
    return town.case(order.id)


REFUND = (
    '[[customer]]\nrule = "money"\nwhen = "late_s > 0"\ngive = "refund"\npercent_of_value = 100\n'
)
LOOKS = "four_eyes_from_cents = 1000\n"


def _paid_back(town: Town) -> int:
    lines = [p for one in town.happened(LedgerPosted) for p in one.postings if p.amount_cents < 0]
    return -sum(p.amount_cents for p in lines if p.account == "customer:anna")


@pytest.mark.parametrize("is_sent_back_first", [True, False])
def test_what_is_sent_back_and_was_late_is_paid_back_once(
    town: Town, under: Callable[[str], None], is_sent_back_first: bool
) -> None:
    under(LOOKS + REFUND)
    case = _late(town, "a")
    (waits,) = town.read(four_eyes.waiting)
    if not is_sent_back_first:
        town.do(four_eyes.approve, str(waits["id"]), actor="li")
    until_at = town.now + timedelta(hours=3)
    back = town.do(returns.ask_return, case.order_id, ready_at=town.now, until_at=until_at)
    town.work()
    town.accept("xi-a")
    town.visit("xi-a")
    assert town.order(back.id).status is OrderStatus.DROPOFF_ENROUTE
    if is_sent_back_first:
        with pytest.raises(Conflict, match="remedy_no_longer_follows"):
            town.do(four_eyes.approve, str(waits["id"]), actor="li")
    assert _paid_back(town) == 4_200


def test_a_guarantee_gives_one_of_two_refunds_that_wait(
    town: Town, under: Callable[[str], None]
) -> None:
    money = REFUND.replace("late_s > 0", "has_guarantee && late_s > 0")
    under(LOOKS + money + gives("right", 'give = "refund_guarantee"\ndays = 30'))
    refunded(town, "a")
    for name in "bc":
        _late(town, name)
        town.do(roster.duty, f"xi-{name}", on=False)
    first, second = (str(one["id"]) for one in town.read(four_eyes.waiting))
    town.do(four_eyes.approve, first, actor="li")
    with pytest.raises(Conflict, match="remedy_no_longer_follows"):
        town.do(four_eyes.approve, second, actor="li")
    town.do(four_eyes.refuse, second, actor="li", why="the guarantee is used")
    assert town.read(four_eyes.waiting) == []


def test_a_trial_under_the_policy_in_force_finds_what_was_given_and_held_back(
    town: Town, under: Callable[[str], None]
) -> None:
    tea = gives("tea", 'give = "gift"\ndays = 30\nitem = "Tea"\nstock = "tea"')
    stock = '[[stock]]\nname = "tea"\npieces = 1\n'
    limit = '[[abuse]]\nby = "share"\ndays = 30\npercent = 70\nat_least = 3\n'
    under(tea + gives("coupon", 'give = "coupon"') + COURIER + stock + limit)
    for name in "abcd":
        refunded(town, name)
    granted = [(one.remedy_id, one.kind) for one in town.happened(RemedyGranted)]
    tried = try_policy(
        read_past(town.url),
        policy=town.platform.params.redress,
        zone=town.platform.zone,
        ordered=read_orders(town.url),
    )
    assert sorted((one.id, one.kind) for case in tried for one in case.given) == sorted(granted)
    reasons = [one.held_back for one in tried if one.held_back]
    assert reasons == [one.why for one in town.happened(RemedyWithheld)]
    assert len(reasons) == 2
