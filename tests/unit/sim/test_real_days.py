"""A real day in Grubhub's format is read, checked, and laid onto a city."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from recourse.model.couriers import Contract
from recourse.model.errors import Invalid
from recourse_sim.chance import Chance
from recourse_sim.day import SimulatedDay, play
from recourse_sim.grubhub import lay_onto, read_real_day
from recourse_sim.hours import SimClock
from recourse_sim.parameters import Parameters
from recourse_sim.places import columns, metres
from recourse_sim.scenario import Wish, make_scenario, read_orders
from recourse_sim.ways import Ways
from tests.unit.sim.tiny_platform import TinyPlatform
from tests.unit.sim.town_on_a_grid import grid_city

CITY = grid_city()
FILES = {
    "restaurants.txt": "restaurant\tx\ty\nr1\t500\t500\nr2\t900\t900\n",
    "orders.txt": (
        "order\tx\ty\tplacement_time\trestaurant\tready_time\n"
        "o1\t500\t900\t200\tr1\t215\n"
        "o2\t900\t500\t100\tr2\t130\n"
        "o3\t700\t700\t300\tr1\t310\n"
    ),
    "couriers.txt": (
        "courier\tx\ty\ton_time\toff_time\nc1\t600\t600\t60\t480\nc2\t800\t800\t90\t270\n"
    ),
    "instance_parameters.txt": (
        "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
        "maximum click-to-door\tpay per order\tguaranteed pay per hour\n320\t4\t4\t40\t90\t10\t15\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_every_row_of_a_real_day_is_read(folder: Path) -> None:
    day = read_real_day(folder)
    assert (len(day.orders), len(day.couriers), len(day.restaurants)) == (3, 2, 2)
    assert day.parameters["meters_per_minute"] == "320"


def test_times_and_distances_of_a_real_day_survive_the_move_to_a_city(folder: Path) -> None:
    day = read_real_day(folder)
    plan, fleet = lay_onto(CITY, day, Chance(7), Parameters())
    assert [order.external_id for order in plan.orders] == ["g-o2", "g-o1", "g-o3"]
    first, second, _ = plan.orders
    assert second.placed_s - first.placed_s == 100 * 60
    assert first.ready_s - first.placed_s == 30 * 60
    assert first.latest_s > first.ready_s
    asked_m = 400.0
    for order in (first, second):
        ends = columns((order.pickup, order.dropoff))
        assert abs(float(metres(ends[0], ends[1])) - asked_m) < 150
    assert [courier.shift_end_s - courier.shift_start_s for courier in fleet] == [25_200, 10_800]
    assert all(courier.contract is Contract.ASKED for courier in fleet)


def test_two_restaurants_never_share_a_food_place_while_there_are_enough(folder: Path) -> None:
    plan, _ = lay_onto(CITY, read_real_day(folder), Chance(7), Parameters())
    merchants = [site for site in plan.sites if site.id.startswith("m-")]
    assert len({(site.place.lon, site.place.lat) for site in merchants}) == len(merchants) == 2


def test_orders_may_be_a_number_or_a_folder(folder: Path) -> None:
    assert read_orders("1500") == (1500, None)
    n_orders, real = read_orders(str(folder))
    assert n_orders == 3
    assert real is not None
    wish = Wish(n_orders=3, n_couriers=2, local_date=date(2026, 3, 2), real_day=real)
    assert len(make_scenario(CITY, wish, seed=7).fleet) == 2


def test_phones_are_heard_from_the_first_order_of_an_early_day_on(folder: Path) -> None:
    orders, couriers = folder / "orders.txt", folder / "couriers.txt"
    orders.write_text(FILES["orders.txt"].replace("\t100\tr2\t130", "\t1\tr2\t130"))
    couriers.write_text(FILES["couriers.txt"].replace("\t60\t480", "\t0\t480"))
    _, real = read_orders(str(folder))
    wish = Wish(n_orders=3, n_couriers=2, stress=0.0, local_date=date(2026, 3, 2), real_day=real)
    these = make_scenario(CITY, wish, seed=7)
    assert these.begins_s < these.opens_s < these.params.demand.opens_s
    clock = SimClock(these.day, these.begins_s)
    platform = TinyPlatform(clock)
    simulated = SimulatedDay(these, platform, Ways(CITY.network))
    play(simulated, platform, clock)
    heard_s = these.day.seconds(platform.pings[0]["pinged_ats"][0])
    assert heard_s < these.params.demand.opens_s


@pytest.mark.parametrize("text", ["0", "-5", "1.5", "no-such-folder", ""])
def test_what_is_neither_a_number_nor_a_folder_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_orders(text if text else "missing")
    assert refusal.value.field == "orders"


@pytest.mark.parametrize("name", list(FILES))
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(Invalid, match=name.replace(".", r"\.")):
        read_real_day(folder)


def test_a_missing_column_a_word_for_a_number_and_an_unknown_restaurant_are_named(
    folder: Path,
) -> None:
    orders = folder / "orders.txt"
    orders.write_text("order\tx\ty\nplace\t1\t2\n")
    with pytest.raises(Invalid, match="placement_time"):
        read_real_day(folder)
    orders.write_text(FILES["orders.txt"].replace("\t215\n", "\tsoon\n"))
    with pytest.raises(Invalid, match="line 2: ready_time"):
        read_real_day(folder)
    orders.write_text(FILES["orders.txt"].replace("\tr2\t", "\tr9\t"))
    with pytest.raises(Invalid, match="o2 names no restaurant"):
        read_real_day(folder)


def test_a_restaurant_maps_to_the_place_nearest_to_where_it_lies(folder: Path) -> None:
    day = read_real_day(folder)
    plan, _ = lay_onto(CITY, day, Chance(7), Parameters())
    spots = np.median(columns(CITY.food), axis=0)
    for site in (s for s in plan.sites if s.id.startswith("m-")):
        gap = metres(np.array([site.place.lon, site.place.lat]), spots)
        assert gap < 1200


def test_a_day_that_goes_on_past_midnight_is_played_until_its_last_promise(folder: Path) -> None:
    def ends_s(placement_time: int) -> float:
        text = FILES["orders.txt"].replace("\t300\tr1\t310", f"\t{placement_time}\tr1\t1060")
        (folder / "orders.txt").write_text(text)
        wish = Wish(
            n_orders=3,
            n_couriers=2,
            local_date=date(2026, 3, 2),
            real_day=read_real_day(folder),
        )
        scenario = make_scenario(CITY, wish, seed=7)
        assert scenario.ends_s >= max(order.latest_s for order in scenario.plan.orders) + 1_800
        return scenario.ends_s

    usual = Parameters().demand
    assert ends_s(1_050) > usual.closes_s + usual.drain_s
    (folder / "orders.txt").write_text(FILES["orders.txt"])
    early = Wish(
        n_orders=3, n_couriers=2, local_date=date(2026, 3, 2), real_day=read_real_day(folder)
    )
    assert make_scenario(CITY, early, seed=7).ends_s == usual.closes_s + usual.drain_s
