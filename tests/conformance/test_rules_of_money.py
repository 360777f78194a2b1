"""Bonuses, budgets, remedies and the ledger: nothing twice, nothing from nowhere."""

from dataclasses import replace

import pytest

from recourse.model.bonuses import Bonus, BonusState
from recourse.model.entitlements import Budget
from recourse.model.redress import RemedyKind
from tests.conformance.refusals import refused
from tests.conformance.values import (
    NOON,
    assignment,
    case,
    courier,
    entry,
    opened,
    order,
    put,
    remedy,
    written,
)


def bonus(**changes: object) -> Bonus:
    plain = Bonus(
        assignment_id="a-1",
        order_id="o-1",
        courier_id="c-1",
        amount_cents=300,
        currency="EUR",
        budget_id="bonus/2026-03-01/EUR",
        made_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_bonus_is_of_one_question_and_from_a_budget(store_url: str) -> None:
    with opened(store_url) as store:
        budget = Budget(id="bonus/2026-03-01/EUR", most=1_000, used=300)
        put(store, order(), courier(), assignment(), budget)
        assert refused(store, bonus(amount_cents=0)) == "bonus_is_worth_something"
        assert refused(store, bonus(stage=-1)) == "bonus_stage_is_not_negative"
        assert refused(store, bonus(assignment_id="a-9")) == "bonus_is_of_an_assignment"
        assert refused(store, bonus(budget_id="bonus/none")) == "bonus_is_from_a_budget"
        paid = bonus(state=BonusState.PAID)
        assert refused(store, paid) == "bonus_end_has_its_time"
        assert refused(store, bonus(ended_at=NOON)) == "bonus_end_has_its_time"
        put(store, bonus())


def test_a_budget_is_never_overdrawn_nor_below_nothing(store_url: str) -> None:
    with opened(store_url) as store:
        budget = Budget(id="bonus/2026-03-01/EUR", most=1_000, used=300)
        put(store, budget)
        assert refused(store, replace(written(budget), used=1_001)) == "budget_is_not_overdrawn"
        assert refused(store, replace(written(budget), used=-1)) == "budget_is_not_given_back"


def test_a_remedy_is_given_once_per_case_kind_and_beneficiary(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, order(), case(), remedy())
        assert refused(store, remedy("r-2", amount_cents=700)) == "one_remedy"
        put(store, remedy("r-3", kind=RemedyKind.POINTS), remedy("r-4", beneficiary_id="c-1"))


@pytest.mark.parametrize("amounts", [(500, -499), (500,), (500, -500, 0), (0, 0)])
def test_the_ledger_takes_only_entries_that_sum_to_zero(
    store_url: str, amounts: tuple[int, ...]
) -> None:
    with opened(store_url) as store:
        assert refused(store, entry("k", *amounts)) == "ledger_sums_to_zero"


def test_an_empty_entry_is_refused(store_url: str) -> None:
    with opened(store_url) as store:
        assert refused(store, replace(entry(), postings=())) == "ledger_sums_to_zero"


def test_the_same_entry_is_not_posted_twice(store_url: str) -> None:
    with opened(store_url) as store:
        put(store, entry("k", 700, -300, -400))
        assert refused(store, entry("k", 500, -500)) == "entries_pkey"
