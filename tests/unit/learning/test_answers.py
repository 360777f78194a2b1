"""How couriers answer is learned from their answers, and used only if later ones bear it out."""

import numpy as np
import pytest

from recourse.bonuses import AcceptanceModel, Asked, p_accept
from recourse.learning import Answered, FitParams, fit_answers, promote_answers
from recourse.learning.answers import answers_error

TRUTH = AcceptanceModel(
    p_in_time=0.8, intercept=0.3, per_100_cents=0.9, per_km=-0.4, per_stage=0.0, evening=-0.5
)


def answers_of(model: AcceptanceModel, n: int, *, seed: int = 7) -> list[Answered]:
    """What couriers of a model say to questions of every kind."""
    rng = np.random.default_rng(seed)  # noqa: TID251 - a test draws its own answers
    found = []
    for _ in range(n):
        asked = Asked(
            stage=int(rng.integers(0, 6)),
            pickup_m=float(rng.uniform(0, 5_000)),
            local_h=float(rng.uniform(8, 22)),
        )
        bonus_cents = int(rng.integers(0, 7)) * 100
        p_yes = float(p_accept(asked, np.array([bonus_cents]), model=model)[0]) / model.p_in_time
        is_in_time = bool(rng.random() < model.p_in_time)
        is_yes = is_in_time and bool(rng.random() < p_yes)
        found.append(
            Answered(asked=asked, bonus_cents=bonus_cents, is_in_time=is_in_time, is_yes=is_yes)
        )
    return found


def test_many_answers_overrule_what_was_believed() -> None:
    fitted = fit_answers(answers_of(TRUTH, 20_000), prior=AcceptanceModel(), params=FitParams())
    assert fitted.p_in_time == pytest.approx(0.8, abs=0.02)
    assert fitted.per_100_cents == pytest.approx(0.9, abs=0.1)
    assert fitted.per_km == pytest.approx(-0.4, abs=0.1)
    assert fitted.evening == pytest.approx(-0.5, abs=0.15)
    assert fitted.intercept == pytest.approx(0.3, abs=0.2)


def test_few_answers_change_nothing() -> None:
    believed = AcceptanceModel()
    assert fit_answers(answers_of(TRUTH, 100), prior=believed, params=FitParams()) is believed


def test_extra_pay_is_never_learned_to_put_couriers_off_nor_distance_to_draw_them() -> None:
    odd = AcceptanceModel(per_100_cents=-1.0, per_km=1.0, intercept=0.0)
    fitted = fit_answers(answers_of(odd, 5_000), prior=AcceptanceModel(), params=FitParams())
    assert (fitted.per_100_cents, fitted.per_km) == (0.0, 0.0)


def test_a_model_is_used_once_later_answers_bear_it_out() -> None:
    believed = AcceptanceModel()
    fitted = fit_answers(answers_of(TRUTH, 5_000), prior=believed, params=FitParams())
    later = answers_of(TRUTH, 2_000, seed=8)
    assert answers_error(fitted, later) < answers_error(believed, later)
    assert promote_answers(believed, fitted, holdout=later) is fitted
    assert promote_answers(fitted, believed, holdout=later) is fitted
    assert promote_answers(believed, fitted, holdout=later[:50]) is believed
