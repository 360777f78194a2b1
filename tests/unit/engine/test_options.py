"""A broken-down van, and two places where its parcels could be taken over."""

import numpy as np

from recourse.planning.engine import Couriers, Options, Orders, Travel, Visits, World

STOPPING_S = 60


def breakdown(*, near_price: int = 0) -> World:
    """Three parcels in a van at 1,000 m; a courier passes at 600 m and at 900 m of the street.

    Places 0 to 2 are doors, 3 and 4 the meeting points, 5 the courier. Whoever comes to a meeting
    point from elsewhere takes a minute to stop there, once for all parcels.
    """
    at_m = np.array([100, 200, 300, 600, 900, 700])
    ways = np.abs(at_m[:, None] - at_m)
    time_s = ways + STOPPING_S * np.isin(np.arange(6), (3, 4))[None, :] * (ways > 0)
    n = 3
    points = np.repeat([3, 4], n)
    return World(
        travel=Travel(time_s=time_s, price=ways),
        visits=Visits(
            place=np.concatenate([np.tile(np.arange(n), 2), points]),
            earliest_s=np.zeros(4 * n),
            latest_s=np.full(4 * n, 2_000),
            service_s=np.full(4 * n, 10),
            demand=np.repeat([-1, 1], 2 * n),
            price=np.where(np.arange(4 * n) // n == 2, near_price, 0),
        ),
        orders=Orders(
            delivery=np.arange(n),
            pickup=2 * n + np.arange(n),
            unserved_price=np.full(n, 9_000),
        ),
        options=Options(order=np.arange(n), delivery=n + np.arange(n), pickup=3 * n + np.arange(n)),
        couriers=Couriers(
            start_place=np.array([5]),
            start_s=np.array([0]),
            end_place=np.array([0]),
            end_s=np.array([5_000]),
            capacity=np.array([3]),
            load=np.array([0]),
        ),
    )


def test_parcels_are_taken_over_where_it_is_cheapest() -> None:
    world = breakdown()
    (route,) = world.answer(iterations=50).routes
    assert sorted(route[:3].tolist()) == [6, 7, 8]
    assert world.answer(iterations=50).price == 100 + 500


def test_another_meeting_point_is_taken_when_the_first_costs_more_than_the_way() -> None:
    world = breakdown(near_price=300)
    (route,) = world.answer(iterations=200).routes
    assert sorted(route[:3].tolist()) == [9, 10, 11]
    assert world.answer(iterations=200).price == 200 + 800


def test_a_stop_is_shared_by_all_who_are_handed_over_there() -> None:
    world = breakdown()
    (route,) = world.answer(iterations=50).routes
    starts_s = world.rules.walk(0, [int(visit) for visit in route]).starts_s
    assert starts_s[:3] == [160, 170, 180]


def test_an_order_is_never_served_twice() -> None:
    world = breakdown(near_price=150)
    for seed in range(5):
        (route,) = world.answer(iterations=100, seed=seed).routes
        doors = [int(visit) % 3 for visit in route if visit < 6]
        assert sorted(doors) == [0, 1, 2]
