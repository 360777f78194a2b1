"""Luck is named and repeatable, and causes strike as often as the parameters say."""

from math import exp

import numpy as np
import pytest

from recourse_sim.chance import Chance
from recourse_sim.hazards import Cause, Circumstances, Hazards, Weather
from recourse_sim.parameters import HazardParams, Parameters, rows


def circumstances(**changes: object) -> Circumstances:
    calm = {"t_s": 43_200.0, "hours": 1.0, "n_parcels": 3, "is_wet": False, "orders_before": 300}
    return Circumstances(**{**calm, **changes})  # type: ignore[arg-type]


def test_a_draw_depends_on_its_purpose_and_not_on_what_was_drawn_before() -> None:
    one, two = Chance(7), Chance(7)
    for i in range(5):
        one.uniform("something else", i)
    assert one.uniform("breaks", "c-1") == two.uniform("breaks", "c-1")
    assert one.uniform("breaks", "c-1") != one.uniform("breaks", "c-2")


def test_draws_are_uniform_and_normal() -> None:
    chance = Chance(1)
    uniform = np.array([chance.uniform("u", i) for i in range(4000)])
    normal = np.array([chance.normal("n", i) for i in range(4000)])
    assert abs(uniform.mean() - 0.5) < 0.02
    assert abs(normal.mean()) < 0.05
    assert abs(normal.std() - 1.0) < 0.04


def test_about_keeps_the_mean_and_around_keeps_the_median() -> None:
    chance = Chance(2)
    about = np.array([chance.about(100.0, 0.5, "a", i) for i in range(6000)])
    around = np.array([chance.around(100.0, 0.5, "b", i) for i in range(6000)])
    assert abs(about.mean() - 100) < 2
    assert abs(np.median(around) - 100) < 2


def hours_until(cause: Cause, n: int, *, stress: float, params: HazardParams) -> np.ndarray:
    """Hours on duty until a cause strikes each of n couriers, in steady circumstances."""
    found = []
    for i in range(n):
        hazards = Hazards(Chance(i), params, stress=stress)
        rate = hazards.rate_per_h(cause, circumstances())
        struck, hours = None, 0.0
        while struck is not cause:
            struck = hazards.spend("c-1", circumstances(), spent_s=600 / (rate * 100) * 6)
            hours += 6 / (rate * 100) / 6
        found.append(hours)
    return np.array(found)


@pytest.mark.parametrize("cause", [Cause.BREAKDOWN, Cause.ILLNESS, Cause.SILENCE])
def test_a_cause_strikes_as_often_as_its_rate_says(cause: Cause) -> None:
    params = HazardParams()
    rate = Hazards(Chance(0), params).rate_per_h(cause, circumstances())
    hours = hours_until(cause, 400, stress=1.0, params=params)
    expected = 1 / rate
    assert abs(hours.mean() - expected) < 4 * expected / np.sqrt(400) + expected * 0.03


def test_every_hazard_grows_with_what_drives_it() -> None:
    hazards = Hazards(Chance(0), HazardParams())
    calm = circumstances()
    rate = hazards.rate_per_h
    wet, late = circumstances(is_wet=True), circumstances(hours=10.0)
    assert rate(Cause.BREAKDOWN, wet) > rate(Cause.BREAKDOWN, calm)
    assert rate(Cause.BREAKDOWN, circumstances(t_s=61_200.0)) > rate(Cause.BREAKDOWN, calm)
    assert rate(Cause.BREAKDOWN, circumstances(n_parcels=30)) > rate(Cause.BREAKDOWN, calm)
    assert rate(Cause.FATIGUE, late) == pytest.approx(4 * rate(Cause.FATIGUE, calm))
    assert rate(Cause.ACCIDENT, late) > rate(Cause.ACCIDENT, calm)
    assert rate(Cause.SILENCE, circumstances(orders_before=3)) > rate(Cause.SILENCE, calm)


def test_a_stress_day_multiplies_every_rate_and_a_calm_one_has_none() -> None:
    params = HazardParams()
    plain, stressed = Hazards(Chance(0), params), Hazards(Chance(0), params, stress=10.0)
    for cause in (Cause.BREAKDOWN, Cause.ACCIDENT, Cause.ILLNESS, Cause.FATIGUE, Cause.SILENCE):
        once = plain.rate_per_h(cause, circumstances())
        assert stressed.rate_per_h(cause, circumstances()) == pytest.approx(10 * once)
    off = Hazards(Chance(0), params, stress=0.0)
    assert all(off.spend("c-1", circumstances(), spent_s=3600.0) is None for _ in range(10_000))
    assert not any(off.is_no_show(f"c-{i}", 10) for i in range(1000))


def test_orders_are_given_up_as_often_as_measured_and_half_of_them_after_pickup() -> None:
    params = HazardParams()
    hazards = Hazards(Chance(3), params)
    found = [
        hazards.drop_after_s("c-1", f"o-{i}", km=2.0, now=circumstances(), is_asked=True)
        for i in range(40_000)
    ]
    dropped = [one for one in found if one is not None]
    p = len(dropped) / len(found)
    assert abs(p - params.p_economics) < 4 * (params.p_economics / 40_000) ** 0.5
    share = sum(is_after for _, is_after in dropped) / len(dropped)
    assert abs(share - params.p_after_pickup) < 4 * 0.5 / len(dropped) ** 0.5


def test_far_customers_and_stress_make_more_couriers_give_up() -> None:
    hazards, stressed = (
        Hazards(Chance(3), HazardParams()),
        Hazards(Chance(3), HazardParams(), stress=10),
    )
    now = circumstances()

    def n_dropped(these: Hazards, km: float) -> int:
        found = (
            these.drop_after_s("c", f"o-{i}", km=km, now=now, is_asked=True) for i in range(8000)
        )
        return sum(one is not None for one in found)

    near = n_dropped(hazards, 1.0)
    assert n_dropped(hazards, 10.0) > 1.5 * near
    assert 7 * near < n_dropped(stressed, 1.0) < 13 * near


def test_it_rains_on_as_many_days_as_stated() -> None:
    params = HazardParams()
    wet = [Weather(Chance(seed), params) for seed in range(1000)]
    rainy = [one for one in wet if one.until_s > 0]
    assert abs(len(rainy) / 1000 - params.p_wet_day) < 0.05
    assert all(7200 <= one.until_s - one.from_s <= 21_600 for one in rainy)


def test_every_parameter_names_its_unit_and_its_source() -> None:
    listed = list(rows(Parameters()))
    assert len(listed) > 100
    for name, value, unit, what, source in listed:
        assert all(text for text in (value, unit, what)), name
        assert len(source) >= len("assumed"), name


def test_the_exponential_draw_has_mean_one() -> None:
    chance = Chance(5)
    draws = np.array([chance.exponential("e", i) for i in range(5000)])
    assert abs(draws.mean() - 1) < 0.06
    assert abs((draws > 1).mean() - exp(-1)) < 0.03
