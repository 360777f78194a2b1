"""Learning: labels as late as they come, no leak, and a gate before anything is used."""

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from recourse.foresight import FEATURES, RiskModel, p_drop, prior_model
from recourse.learning import FitParams, brier, failed_within, fit, outcome, promote, split_at
from recourse.model.assignments import AssignmentStatus
from recourse.model.examples import NOON, assignment_of, reason_of
from recourse.model.reasons import ReasonCode
from recourse.model.redress import Outcome

PARAMS = FitParams()
PRIOR = prior_model()
SILENT = FEATURES.index("silent_min")


def city(n: int, *, seed: int, level: float = -3.0, silent: float = 0.3) -> list[Outcome]:
    """Assignments of a city whose couriers drop out by silence, one a minute from noon."""
    rng = np.random.default_rng(seed)  # noqa: TID251 - the test rolls its own dice
    found = []
    for i in range(n):
        vector = [float(rng.normal(center, 1)) for center in PRIOR.centers]
        vector[SILENT] = float(rng.exponential(3))
        p = 1 / (1 + math.exp(-(level + silent * (vector[SILENT] - 1))))
        began_at = NOON + timedelta(minutes=i)
        found.append(
            Outcome(
                assignment_id=f"a-{i}",
                began_at=began_at,
                ended_at=began_at + timedelta(minutes=20),
                features=tuple(vector),
                has_failed=bool(rng.random() < p),
            )
        )
    return found


FEATURES_OF_ONE = tuple(PRIOR.centers)


@pytest.mark.parametrize(
    ("status", "has_failed"),
    [
        (AssignmentStatus.COMPLETED, False),
        (AssignmentStatus.TRANSFERRED, False),
        (AssignmentStatus.WITHDRAWN, True),
        (AssignmentStatus.LAPSED, True),
        (AssignmentStatus.REVOKED, None),
        (AssignmentStatus.DECLINED, None),
    ],
)
def test_an_assignment_teaches_only_what_it_says_about_the_courier(
    status: AssignmentStatus, has_failed: bool | None
) -> None:
    ended = assignment_of(
        status=status, ended_at=NOON, reason=reason_of(ReasonCode.VEHICLE_BREAKDOWN)
    )
    learned = outcome(ended, features=FEATURES_OF_ONE)
    assert (learned.has_failed if learned else None) is has_failed
    if learned and learned.has_failed:
        assert learned.cause == "vehicle_breakdown"


def test_an_assignment_that_lasts_teaches_nothing_yet() -> None:
    assert outcome(assignment_of(), features=FEATURES_OF_ONE) is None


def test_a_drop_after_the_horizon_is_no_failure_within_it() -> None:
    one = replace(city(1, seed=1)[0], has_failed=True)
    assert failed_within(one, horizon_s=3_600)
    assert not failed_within(replace(one, ended_at=NOON + timedelta(hours=2)), horizon_s=3_600)


def test_what_lies_across_the_split_is_on_neither_side() -> None:
    outcomes = city(100, seed=1)
    at = NOON + timedelta(minutes=50)
    known, later = split_at(outcomes, at=at)
    assert all(o.ended_at < at for o in known)
    assert all(o.began_at >= at for o in later)
    assert (len(known), len(later)) == (30, 50)


def test_labels_of_the_future_do_not_change_a_model() -> None:
    outcomes = city(800, seed=2)
    before = NOON + timedelta(minutes=400)
    flipped = [
        replace(o, has_failed=not o.has_failed) if o.ended_at >= before else o for o in outcomes
    ]
    assert fit(outcomes, before=before, prior=PRIOR, params=PARAMS) == fit(
        flipped, before=before, prior=PRIOR, params=PARAMS
    )


def test_a_city_of_its_own_overrules_the_prior_on_later_days() -> None:
    outcomes = city(4_000, seed=3)
    before = NOON + timedelta(minutes=3_000)
    candidate = fit(outcomes, before=before, prior=PRIOR, params=PARAMS)
    assert candidate.weights[SILENT] == pytest.approx(0.3, abs=0.08)
    _, later = split_at(outcomes, at=before)
    chosen, report = promote(PRIOR, candidate, holdout=later)
    assert chosen is candidate
    assert report.is_promoted
    assert report.brier_candidate < report.brier_current
    mean_p = sum(p_drop(o.features, candidate) for o in later) / len(later)
    assert mean_p == pytest.approx(report.base_rate, abs=0.03)


def test_too_little_to_learn_from_leaves_the_model_as_it_is() -> None:
    few = city(PARAMS.min_outcomes - 1, seed=4)
    end = NOON + timedelta(days=9)
    assert fit(few, before=end, prior=PRIOR, params=PARAMS) is PRIOR
    calm = [replace(o, has_failed=False) for o in city(500, seed=4)]
    assert fit(calm, before=end, prior=PRIOR, params=PARAMS) is PRIOR


def test_a_city_where_the_silent_are_safe_still_never_calls_silence_a_good_sign() -> None:
    odd = fit(
        city(3_000, seed=5, level=-1.0, silent=-0.6),
        before=NOON + timedelta(days=9),
        prior=PRIOR,
        params=replace(PARAMS, pull=0.01),
    )
    assert odd.weights[SILENT] == 0


def test_a_candidate_that_is_worse_later_is_not_promoted() -> None:
    later = city(600, seed=6)
    worse = replace(PRIOR, name="worse", intercept=2.0)
    chosen, report = promote(PRIOR, worse, holdout=later)
    assert chosen is PRIOR
    assert not report.is_promoted


def test_a_candidate_is_not_judged_on_what_it_may_have_seen() -> None:
    outcomes = city(600, seed=7)
    candidate: RiskModel = replace(PRIOR, trained_before=NOON + timedelta(minutes=550))
    _, report = promote(PRIOR, candidate, holdout=outcomes)
    assert report.n_outcomes == 50
    assert not report.is_promoted
    assert "only 50" in report.why


def test_the_brier_score_is_the_mean_squared_error() -> None:
    sure = replace(PRIOR, intercept=0.0, weights=(0.0,) * len(FEATURES))
    assert brier(sure, city(50, seed=8)) == pytest.approx(0.25)
    assert brier(sure, []) == 0
