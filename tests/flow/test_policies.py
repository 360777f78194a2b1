"""A running case keeps the policy it began with; what comes into force later is for later cases."""

from dataclasses import replace

import pytest

from recourse.flow import policies
from recourse.flow.platform import CaseRules
from recourse.model.cases import CaseStatus
from recourse.model.events import PolicyEntered
from recourse.model.reasons import ReasonCode
from recourse.recovery import RecoveryParams
from recourse.redress import RemedyPolicy, as_shipped
from tests.flow.town import Town, at

GENEROUS = "generous"
MEAN = "mean"
BREAKDOWN = ReasonCode.VEHICLE_BREAKDOWN


def _remedies(name: str) -> RemedyPolicy:
    """As shipped, with another refund."""
    percent = {GENEROUS: 100, MEAN: 50}[name]
    first, *rest = as_shipped().customer
    return replace(
        as_shipped(), name=name, customer=(replace(first, percent_of_value=percent), *rest)
    )


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
