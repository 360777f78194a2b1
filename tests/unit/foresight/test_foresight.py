"""A risk is a probability, and its signs mean what they say."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recourse.foresight import (
    FEATURES,
    RiskModel,
    RiskParams,
    expected_arrival,
    features,
    p_drop,
    prior_model,
    rises,
    signs,
)
from recourse.foresight.prior import ORDERS_AN_HOUR, P_DROP_AN_ORDER, TENURE
from recourse.model.examples import NOON, courier_of, progress_of

PARAMS = RiskParams()
PRIOR = prior_model()
anything = st.floats(-1e6, 1e6)
vectors = st.tuples(*[anything] * len(FEATURES))
models = st.builds(
    RiskModel,
    name=st.just("any"),
    intercept=anything,
    weights=st.tuples(*[anything] * len(FEATURES)).map(
        lambda weights: tuple(
            abs(w) if name in {"silent_min", "still_min", "late_min"} else w
            for name, w in zip(FEATURES, weights, strict=True)
        )
    ),
    centers=vectors,
)


@given(vectors, models)
def test_a_risk_lies_between_nought_and_one(vector: tuple[float, ...], model: RiskModel) -> None:
    assert 0 <= p_drop(vector, model) <= 1


@given(vectors, models, st.sampled_from(["silent_min", "still_min", "late_min"]), st.floats(0, 60))
def test_more_silence_standing_or_delay_never_lowers_a_risk(
    vector: tuple[float, ...], model: RiskModel, sign: str, more: float
) -> None:
    rank = FEATURES.index(sign)
    worse = (*vector[:rank], vector[rank] + more, *vector[rank + 1 :])
    assert p_drop(worse, model) >= p_drop(vector, model)


@given(st.integers(0, 86_400), st.integers(0, 86_400), st.integers(0, 100_000))
def test_more_silence_of_a_real_courier_never_lowers_the_shipped_risk(
    quiet_s: int, more_s: int, tenure: int
) -> None:
    courier = courier_of(orders_before=tenure)
    risks = []
    for s in (quiet_s, quiet_s + more_s):
        seen = progress_of(pinged_at=NOON - timedelta(seconds=s))
        risks.append(p_drop(features(courier, seen, n_stops=5, now=NOON), PRIOR))
    assert risks[0] <= risks[1]


def test_features_are_finite_and_named_one_by_one() -> None:
    vector = features(courier_of(), None, n_stops=0, now=NOON)
    assert len(vector) == len(FEATURES)
    assert all(map(math.isfinite, vector))
    assert dict(zip(FEATURES, vector, strict=True))["hours_on_duty"] == pytest.approx(3)


def test_features_use_nothing_that_is_known_later() -> None:
    seen = progress_of(pinged_at=NOON + timedelta(minutes=3), still_since_at=NOON + timedelta(1))
    vector = dict(zip(FEATURES, features(courier_of(), seen, n_stops=1, now=NOON), strict=True))
    assert (vector["silent_min"], vector["still_min"]) == (0, 0)


def test_the_shipped_level_is_the_published_one() -> None:
    typical = PRIOR.centers
    assert p_drop(typical, PRIOR) == pytest.approx(P_DROP_AN_ORDER * ORDERS_AN_HOUR)
    assert pytest.approx(0.0116, abs=1e-4) == P_DROP_AN_ORDER


def test_the_shipped_weight_of_tenure_follows_the_published_shares() -> None:
    weight = dict(zip(FEATURES, PRIOR.weights, strict=True))["log_orders_before"]
    first, last = TENURE[0], TENURE[-1]
    published = math.log(last.p_failed / (1 - last.p_failed)) - math.log(
        first.p_failed / (1 - first.p_failed)
    )
    ours = weight * (math.log1p(last.orders_before) - math.log1p(first.orders_before))
    assert weight < 0
    assert ours == pytest.approx(published, rel=0.25)


def test_a_newcomer_is_riskier_than_an_old_hand() -> None:
    risks = [
        p_drop(features(courier_of(orders_before=n), progress_of(), n_stops=5, now=NOON), PRIOR)
        for n in (5, 100, 5_000)
    ]
    assert risks == sorted(risks, reverse=True)


def test_a_threshold_is_passed_once_and_only_upwards() -> None:
    assert rises(0.1, 0.2, params=PARAMS)
    assert rises(0.2, 0.5, params=PARAMS)
    assert not rises(0.2, 0.3, params=PARAMS)
    assert not rises(0.5, 0.1, params=PARAMS)


def test_the_signs_name_what_speaks_for_a_drop() -> None:
    quiet = progress_of(pinged_at=NOON - timedelta(minutes=20))
    vector = features(courier_of(orders_before=3_000), quiet, n_stops=5, now=NOON)
    assert signs(vector, PRIOR, params=PARAMS)[0] == "silent_min"
    assert signs(PRIOR.centers, PRIOR, params=PARAMS) == ()


@pytest.mark.parametrize(
    "broken",
    [
        {"weights": (0.0,)},
        {"intercept": math.inf},
        {"weights": tuple(-1.0 if n == "silent_min" else 0.0 for n in FEATURES)},
    ],
)
def test_a_model_that_cannot_be_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="risk"):
        replace(PRIOR, **broken)  # type: ignore[arg-type]


@given(st.integers(-3_600, 7_200), st.integers(0, 40))
def test_an_arrival_lies_in_its_interval_and_never_in_the_past(delay_s: int, n_before: int) -> None:
    arrival = expected_arrival(NOON, delay_s=delay_s, n_stops_before=n_before, now=NOON)
    assert NOON <= arrival.earliest_at <= arrival.expected_at <= arrival.latest_at
    nearer = expected_arrival(NOON, delay_s=delay_s, n_stops_before=0, now=NOON)
    assert arrival.latest_at >= nearer.latest_at
