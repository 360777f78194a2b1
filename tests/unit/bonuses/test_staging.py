"""What goes with a question rises with its stage, keeps to what is left, and to the day's pace."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recourse.bonuses import (
    AcceptanceModel,
    Asked,
    BonusParams,
    choose_bonus,
    p_accept,
    pace_share,
    price_of,
    staged_bonuses,
)

ASKED = st.builds(
    Asked,
    stage=st.integers(0, 12),
    n_orders=st.integers(1, 6),
    pickup_m=st.floats(0, 20_000),
    local_h=st.floats(0, 23.99),
)
MODELS = st.builds(
    AcceptanceModel,
    p_in_time=st.floats(0.1, 1.0),
    intercept=st.floats(-2, 4),
    per_100_cents=st.floats(0, 2),
    per_km=st.floats(-1, 0),
    per_stage=st.floats(-1, 1),
    evening=st.floats(-1, 1),
)
PARAMS = st.builds(
    BonusParams,
    day_cents=st.just(10_000),
    lost_cents=st.integers(0, 20_000),
    wait_cents=st.integers(0, 1_000),
    n_stages=st.integers(1, 10),
    model=MODELS,
)
PRICES = st.floats(0.05, 20)


@given(asked=ASKED, model=MODELS)
def test_a_yes_is_a_probability_that_never_falls_with_the_amount(
    asked: Asked, model: AcceptanceModel
) -> None:
    found = p_accept(asked, np.arange(0, 3_000, 100), model=model)
    assert ((found >= 0) & (found <= model.p_in_time)).all()
    assert (np.diff(found) >= 0).all()


@given(asked=ASKED, price=PRICES, params=PARAMS)
def test_the_amount_never_falls_with_the_stage(
    asked: Asked, price: float, params: BonusParams
) -> None:
    stages = staged_bonuses(asked, price=price, params=params)
    assert len(stages) == params.n_stages
    assert set(stages) <= set(params.ladder_cents)
    assert all(earlier <= later for earlier, later in pairwise(stages))


@given(asked=ASKED, price=PRICES, params=PARAMS, left_cents=st.integers(0, 8_000))
def test_what_is_chosen_is_left_for_every_order_of_the_question(
    asked: Asked, price: float, params: BonusParams, left_cents: int
) -> None:
    each_cents = choose_bonus(asked, price=price, left_cents=left_cents, params=params)
    assert each_cents in params.ladder_cents
    assert 0 <= each_cents * asked.n_orders <= left_cents


def test_the_last_question_gets_what_is_worth_it_by_itself() -> None:
    params = BonusParams(n_stages=1, ladder_cents=(0, 100, 500, 1_000))
    asked = Asked()
    ladder = np.array(params.ladder_cents)
    p = p_accept(asked, ladder, model=params.model)
    worth = p * (params.wait_cents + params.lost_cents - 0.8 * ladder)
    assert staged_bonuses(asked, price=0.8, params=params) == (int(ladder[worth.argmax()]),)
    assert worth.argmax() not in {0, len(ladder) - 1}


def test_a_bonus_that_moves_nobody_is_not_given() -> None:
    params = BonusParams(model=AcceptanceModel(per_100_cents=0.0))
    assert set(staged_bonuses(Asked(), price=0.05, params=params)) == {0}


@given(
    used=st.integers(0, 10_000),
    more=st.integers(0, 10_000),
    pace=st.floats(0, 1),
    later=st.floats(0, 1),
)
def test_a_cent_grows_dear_with_spending_and_cheap_with_time(
    used: int, more: int, pace: float, later: float
) -> None:
    params = BonusParams()
    price = price_of(used, 20_000, pace=pace, params=params)
    assert params.least_price <= price <= params.most_price
    assert price_of(used + more, 20_000, pace=pace, params=params) >= price
    assert price_of(used, 20_000, pace=max(pace, later), params=params) <= price


def test_a_budget_of_nothing_is_dearest() -> None:
    assert price_of(0, 0, pace=1.0, params=BonusParams()) == BonusParams().most_price


def test_the_budget_of_a_day_falls_due_between_its_opening_and_its_close() -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    shares = [pace_share(midnight + timedelta(hours=h), UTC, BonusParams()) for h in range(24)]
    assert shares == sorted(shares)
    assert shares[8] == 0.0
    assert shares[15] == 0.5
    assert shares[22] == 1.0
