"""A running case keeps the policy it began with; what comes into force later is for later cases."""

from dataclasses import replace

import pytest

from recourse.flow import policies
from recourse.flow.platform import CaseRules
from recourse.model.cases import Case, CaseStatus
from recourse.model.events import PolicyEntered
from recourse.model.orders import Customer
from recourse.model.reasons import ReasonCode
from recourse.model.redress import RemedyKind
from recourse.recovery import RecoveryParams
from recourse.redress import RemedyPolicy, as_shipped
from recourse.redress.abuse import AbuseLimit
from recourse.redress.policy import Limits, Rule, Stock
from tests.flow.town import Town, at

GENEROUS = "generous"
MEAN = "mean"
GIFTS, NO_GIFTS = "gifts", "no gifts"
COUPONS, FEWER_COUPONS = "coupons", "fewer coupons"
BY_MERCHANT, BY_SHARE = "by merchant", "by share"
BREAKDOWN = ReasonCode.VEHICLE_BREAKDOWN


def _rule(kind: RemedyKind) -> Rule:
    """Give this for what never came."""
    first = as_shipped().customer[0]
    return replace(first, name=kind.value, give=kind, percent_of_value=0, cents=500)


def _remedies(name: str) -> RemedyPolicy:
    """The policy of a name: as shipped, with other things for what never came."""
    shipped = replace(as_shipped(), name=name)
    first, *rest = shipped.customer
    gift = replace(_rule(RemedyKind.GIFT), item="Tea", stock="tea", days=30)
    coupon = _rule(RemedyKind.COUPON)
    share = AbuseLimit(by="share", days=30, most=60, at_least=2)
    known = {
        GENEROUS: replace(shipped, customer=(first, *rest)),
        MEAN: replace(shipped, customer=(replace(first, percent_of_value=50), *rest)),
        GIFTS: replace(shipped, customer=(gift, coupon), stocks=(Stock(name="tea", most=1),)),
        NO_GIFTS: replace(shipped, customer=(coupon,)),
        COUPONS: replace(shipped, customer=(coupon,), limits=Limits(day_cents=1_000)),
        FEWER_COUPONS: replace(shipped, customer=(coupon,), limits=Limits(day_cents=200)),
        BY_MERCHANT: replace(shipped, customer=(coupon,), limits=Limits(tenant_day_cents=700)),
        BY_SHARE: replace(shipped, customer=(coupon,), abuse=(share,)),
    }
    return known[name]


def _begin(town: Town, recovery: RecoveryParams, remedies: str) -> int:
    """Begin to serve with a policy, as the composition root does."""
    platform = town.platform
    with town.store.begin() as tx:
        number = policies.enter(tx, now=town.now, recovery=recovery, remedies=remedies)
    platform.params = replace(platform.params, recovery=recovery, redress=_remedies(remedies))
    platform.policy = number
    platform.policies[number] = CaseRules(recovery, _remedies(remedies))
    platform.read_policy = _read
    return number


def _read(entered: PolicyEntered) -> CaseRules:
    return CaseRules(policies.recovery_of(entered), _remedies(entered.remedies))


@pytest.mark.parametrize("is_new_process", [False, True])
def test_a_case_ends_by_the_rules_it_began_with(town: Town, is_new_process: bool) -> None:
    first = _begin(town, RecoveryParams(fallback_s=1_500), GENEROUS)
    town.on_duty("bo", at(2, 2))
    order = town.carried("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    began = town.case(order.id)
    assert (began.status, began.policy) == (CaseStatus.HUMAN, first)

    served = town
    if is_new_process:
        served = Town(town.url, now=town.now, ids=town.platform.ids)
    second = _begin(served, RecoveryParams(fallback_s=7_200, retry_s=3_600), MEAN)
    assert second == first + 1
    served.wait(1_600)
    ended = served.case(order.id)
    assert ended.outcome == "refunded"
    assert (ended.policy, ended.protocol) == (began.policy, began.protocol)
    (refund,) = [one for one in served.remedies(ended.id) if one.amount_cents == 4_200]
    assert refund.rule == "refund:not_delivered"

    served.on_duty("mei", at(2, 2))
    later = served.carried("mei", "b")
    served.withdraw("mei", BREAKDOWN)
    served.work()
    assert served.case(later.id).policy == second
    served.wait(1_600)
    assert served.case(later.id).status is CaseStatus.HUMAN
    if is_new_process:
        served.close()


def test_the_same_policy_is_entered_once(town: Town) -> None:
    params = RecoveryParams()
    assert [_begin(town, params, GENEROUS) for _ in range(3)] == [1, 1, 1]
    assert _begin(town, params, MEAN) == 2
    assert _begin(town, params, GENEROUS) == 3
    assert len(town.happened(PolicyEntered)) == 3


def _open_cases(town: Town, names: str) -> list[Case]:
    """Cases that wait, each of an order whose courier is lost."""
    found = []
    for name in names:
        town.on_duty(f"bo-{name}")
        order = town.meal(name, customer=Customer(id="anna"))
        town.work()
        town.accept(f"bo-{name}")
        town.withdraw(f"bo-{name}", BREAKDOWN)
        town.work()
        found.append(town.case(order.id))
    return found


def _given(town: Town, cases: list[Case]) -> list[list[tuple[str, int]]]:
    """What the customer of each case was given."""
    return [
        [
            (one.kind.value, one.amount_cents)
            for one in town.remedies(case.id)
            if one.beneficiary_id.startswith("customer:")
        ]
        for case in cases
    ]


def _close(town: Town) -> None:
    town.wait(town.platform.params.recovery.fallback_s + 60)


def test_what_a_case_gives_is_taken_from_the_stock_of_its_own_policy(town: Town) -> None:
    _begin(town, RecoveryParams(), GIFTS)
    cases = _open_cases(town, "abc")
    _begin(town, RecoveryParams(), NO_GIFTS)
    _close(town)
    assert sorted(_given(town, cases)) == [[("coupon", 500)], [("coupon", 500)], [("gift", 500)]]
    budget = town.read(lambda tx: tx.budgets(["stock/tea"]))["stock/tea"]
    assert (budget.most, budget.used) == (1, 1)


def test_a_smaller_budget_for_later_cases_takes_nothing_from_those_before(town: Town) -> None:
    _begin(town, RecoveryParams(), COUPONS)
    cases = _open_cases(town, "abc")
    _begin(town, RecoveryParams(), FEWER_COUPONS)
    _close(town)
    assert sorted(_given(town, cases)) == [[], [("coupon", 500)], [("coupon", 500)]]
    later = _open_cases(town, "d")
    _close(town)
    assert _given(town, later) == [[]]


@pytest.mark.parametrize(
    ("began", "given"),
    [(BY_MERCHANT, [[("coupon", 200)], [("coupon", 500)]]), (BY_SHARE, [[], [("coupon", 500)]])],
)
def test_a_case_counts_as_its_own_policy_does(
    town: Town, began: str, given: list[list[tuple[str, int]]]
) -> None:
    _begin(town, RecoveryParams(), began)
    cases = _open_cases(town, "ab")
    _begin(town, RecoveryParams(), COUPONS)
    _close(town)
    assert sorted(_given(town, cases)) == given
