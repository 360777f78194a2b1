"""A whole day in a small town, against a platform of one page."""

from datetime import date

import pytest

from recourse.model.couriers import Contract
from recourse_sim.courier import Mode
from recourse_sim.day import Scenario, SimulatedDay, play
from recourse_sim.hours import SimClock
from recourse_sim.scenario import Wish, make_scenario
from recourse_sim.tally import Tally, tally
from recourse_sim.ways import Ways
from tests.unit.sim.tiny_platform import TinyPlatform
from tests.unit.sim.town_on_a_grid import grid_city

CITY = grid_city()
WAYS = Ways(CITY.network)


def scenario(
    seed: int = 7, *, n_orders: int = 120, n_couriers: int = 12, stress: float = 1.0
) -> Scenario:
    wish = Wish(
        n_orders=n_orders, n_couriers=n_couriers, stress=stress, local_date=date(2026, 3, 2)
    )
    return make_scenario(CITY, wish, seed=seed)


def played(
    these: Scenario, *, hazards_on: bool = True, keeps_silent: bool = False
) -> tuple[SimulatedDay, TinyPlatform, Tally]:
    clock = SimClock(these.day, these.begins_s)
    platform = TinyPlatform(clock, keeps_silent=keeps_silent)
    simulated = SimulatedDay(these, platform, WAYS, hazards_on=hazards_on)
    play(simulated, platform, clock)
    return simulated, platform, tally(simulated, simulated.world.door.events(), cpu_s=0.0)


def test_the_same_seed_gives_the_same_day_twice_and_another_seed_another_day() -> None:
    first, again, other = (played(scenario(seed, stress=10)) for seed in (7, 7, 8))
    assert first[2] == again[2]
    assert first[1].log == again[1].log
    assert first[1].pings == again[1].pings
    assert first[1].log != other[1].log


def test_without_hazards_everything_is_delivered_and_nobody_is_lost() -> None:
    simulated, _, found = played(scenario(), hazards_on=False)
    assert found.figures["delivered"] == found.figures["orders"] == 120
    assert found.figures["losses"] == 0
    assert found.figures["perceived_cancel_share"] == 0
    assert all(life.mode in (Mode.OFF, Mode.ON) for life in simulated.world.lives.values())


def test_a_stress_day_loses_couriers_by_many_causes_and_every_loss_is_found_again() -> None:
    _, _, found = played(scenario(stress=30, n_orders=400, n_couriers=30))
    causes = found.figures["losses_by_cause"]
    assert len(causes) >= 4
    assert sum(causes.values()) == found.figures["losses"]
    assert found.figures["new_courier_share"] < 1


def test_a_platform_that_does_nothing_after_a_loss_is_perceived_to_cancel_more() -> None:
    these = scenario(stress=10, n_orders=400, n_couriers=30)
    acts, idles = played(these)[2], played(these, keeps_silent=True)[2]
    assert idles.figures["perceived_cancel_share"] > acts.figures["perceived_cancel_share"]
    assert idles.figures["delivered"] < acts.figures["delivered"]


def test_all_policies_meet_the_same_luck() -> None:
    these = scenario(stress=10)
    one, two = played(these)[0], played(these, keeps_silent=True)[0]
    absent = [
        {s.courier_id for s in day.world.truth.spells if s.cause == "no_show"} for day in (one, two)
    ]
    assert absent[0] == absent[1]


def test_parcels_are_the_larger_share_and_the_day_has_every_kind_of_order() -> None:
    plan = scenario(n_orders=400).plan
    n_parcels = sum(order.is_parcel for order in plan.orders)
    assert n_parcels == 300
    assert {order.kind.value for order in plan.orders} == {"parcel", "meal", "grocery"}
    assert any(order.is_perishable for order in plan.orders)
    assert max(order.value_cents for order in plan.orders) > 200_000
    assert all(order.placed_s <= order.ready_s <= order.latest_s for order in plan.orders)


def test_a_fleet_has_both_contracts_and_every_station_has_vans() -> None:
    these = scenario(n_orders=1500, n_couriers=60)
    stations = {site.id for site in these.plan.stations}
    assert len(stations) == 3
    assert {plan.contract for plan in these.fleet} == {Contract.ASKED, Contract.ASSIGNED}
    assert {p.station_id for p in these.fleet if p.vehicle == "van" and p.station_id} == stations


def test_phones_report_with_noise_and_say_nothing_when_nobody_is_on_duty() -> None:
    simulated, platform, _ = played(scenario())
    assert simulated.phones.n_sent > 1000
    first = platform.pings[0]
    assert len(first["courier_ids"]) == len(first["lons"]) == len(first["pinged_ats"])
    spots = {
        (lon, lat)
        for batch in platform.pings
        for lon, lat in zip(batch["lons"], batch["lats"], strict=True)
    }
    assert len(spots) > 0.9 * simulated.phones.n_sent


def test_a_courier_at_a_dropoff_can_only_pass_on_what_is_carried() -> None:
    simulated, _, _ = played(scenario(stress=10))
    truth = simulated.world.truth
    assert not set(truth.holder) & set(truth.delivered_s)
    for order_id, courier_id in truth.holder.items():
        assert order_id in simulated.world.lives[courier_id].carried


@pytest.mark.parametrize("seed", range(3))
def test_costs_and_emissions_follow_from_hours_and_kilometres(seed: int) -> None:
    simulated, _, found = played(scenario(seed))
    truth, prices = simulated.world.truth, simulated.scenario.params.price
    wages = sum(truth.duty_s.values()) / 3600 * prices.wage_cents_h / 120
    assert found.figures["cost_per_order_cents"] > wages > 0
    assert found.figures["km_per_order"] == pytest.approx(sum(truth.km.values()) / 120, abs=1e-3)
