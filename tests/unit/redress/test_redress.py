"""Who is owed what, and that the money closes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recourse.model.cases import CaseStatus
from recourse.model.examples import NOON, case_of, order_of
from recourse.model.reasons import REASONS, Attribution, ReasonCode
from recourse.model.redress import Remedy, RemedyKind
from recourse.redress import as_shipped, assess, is_no_fault, post
from recourse.redress.facts import History

POLICY = as_shipped()
FAULTLESS = [cause for cause in ReasonCode if is_no_fault(cause)]


def given_to(remedies: tuple[Remedy, ...], who: str) -> list[Remedy]:
    return [one for one in remedies if one.beneficiary_id.startswith(who)]


@pytest.mark.parametrize(
    "cause",
    [
        ReasonCode.COURIER_EMERGENCY,
        ReasonCode.COURIER_ILLNESS,
        ReasonCode.COURIER_ACCIDENT,
        ReasonCode.COURIER_FATIGUE_LIMIT,
    ],
)
def test_sos_illness_accident_and_fatigue_never_cost_the_courier_money(cause: ReasonCode) -> None:
    case = case_of(status=CaseStatus.CLOSED, outcome="late", cause=cause)
    remedies = assess(case, order_of(), kept=False, late_s=4_000, now=NOON, policy=POLICY)
    (pay,) = given_to(remedies, "courier:k-1")
    assert (pay.kind, pay.amount_cents) == (RemedyKind.COURIER_PAY, 450)


def test_a_cause_that_counts_against_the_courier_protects_no_pay() -> None:
    for cause in ReasonCode:
        if REASONS[cause].attribution is Attribution.COURIER:
            assert not is_no_fault(cause)


def test_a_kept_promise_gives_the_customer_nothing() -> None:
    case = case_of(status=CaseStatus.CLOSED, outcome="kept", cause=ReasonCode.COURIER_NO_SHOW)
    assert assess(case, order_of(), kept=True, late_s=0, now=NOON, policy=POLICY) == ()


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_more_lateness_is_never_worth_less(late_s: int, more_s: int) -> None:
    case = case_of(status=CaseStatus.CLOSED, outcome="late")
    worth = [
        sum(
            one.amount_cents
            for one in given_to(
                assess(case, order_of(), kept=False, late_s=s, now=NOON, policy=POLICY), "customer"
            )
        )
        for s in (late_s, late_s + more_s)
    ]
    assert worth[0] <= worth[1]


@given(
    st.sampled_from(["kept", "late", "point", "returned", "refunded", "canceled"]),
    st.booleans(),
    st.integers(0, 50_000),
    st.integers(0, 400_000),
    st.sampled_from(list(ReasonCode)),
)
def test_goodwill_stays_in_its_budget_and_each_entry_sums_to_zero(
    outcome: str, kept: bool, late_s: int, spent_cents: int, cause: ReasonCode
) -> None:
    case = case_of(status=CaseStatus.CLOSED, outcome=outcome, cause=cause)
    remedies = assess(
        case,
        order_of(),
        kept=kept,
        late_s=late_s,
        now=NOON,
        policy=POLICY,
        history=History(spent_today_cents=spent_cents),
    )
    for one in given_to(remedies, "customer"):
        if one.kind is not RemedyKind.REFUND:
            assert one.amount_cents <= POLICY.limits.case_cents
            assert spent_cents + one.amount_cents <= max(spent_cents, POLICY.limits.day_cents)
    entries = [post(one) for one in remedies]
    assert all(sum(line.amount_cents for line in entry.postings) == 0 for entry in entries)
    assert len({entry.key for entry in entries}) == len(entries) <= 2


def test_a_refund_is_owed_even_when_the_budget_is_spent() -> None:
    case = case_of(status=CaseStatus.CLOSED, outcome="refunded")
    remedies = assess(
        case,
        order_of(),
        kept=False,
        late_s=0,
        now=NOON,
        policy=POLICY,
        history=History(spent_today_cents=POLICY.limits.day_cents),
    )
    (refund,) = given_to(remedies, "customer")
    assert (refund.kind, refund.amount_cents) == (RemedyKind.REFUND, 4_000)


def test_granting_twice_is_granting_once_by_the_key() -> None:
    case = case_of(status=CaseStatus.CLOSED, outcome="late")
    first = assess(case, order_of(), kept=False, late_s=4_000, now=NOON, policy=POLICY)
    again = assess(case, order_of(), kept=False, late_s=4_000, now=NOON, policy=POLICY)
    keys = [post(one).key for one in first]
    assert (
        keys
        == [post(one).key for one in again]
        == ["case-7/remedy:customer", "case-7/remedy:courier"]
    )


def test_nothing_is_posted_for_nothing() -> None:
    remedy = Remedy(
        id="r",
        case_id="case-7",
        beneficiary_id="customer:c",
        kind=RemedyKind.COUPON,
        amount_cents=0,
        currency="CNY",
        rule="none",
        granted_at=NOON,
    )
    with pytest.raises(ValueError, match="worth something"):
        post(remedy)
