"""Ways by neighbourhood: exact where they are known, held by the hubs where they are not."""

import numpy as np

from recourse.planning.engine.near_ways import NearTravel, PlaceRows

AT_M = np.random.default_rng(5).uniform(0, 9_000, (60, 2))  # noqa: TID251 - a test's own town


def town(n_near: int = 8, n_hubs: int = 4, s_per_m: float = 0.2) -> tuple[NearTravel, np.ndarray]:
    """Return sixty places, and all exact ways: along streets, slower towards the north."""
    legs_m = AT_M[None, :] - AT_M[:, None]
    exact_s = np.abs(legs_m).sum(-1) * 0.15 + np.maximum(0, legs_m[..., 1]) * 0.1
    exact_s = np.rint(exact_s).astype(np.int32)
    near = np.argsort(exact_s, axis=1, kind="stable")[:, 1 : n_near + 1]
    rows = PlaceRows(
        near=near,
        near_s=np.take_along_axis(exact_s, near, axis=1),
        to_hub_s=exact_s[:, :n_hubs],
        from_hub_s=exact_s[:n_hubs].T,
    )
    return NearTravel(at_m=AT_M, profiles=[rows], second_price=[2.0], s_per_m=s_per_m), exact_s


def test_ways_to_near_places_and_hubs_are_exact() -> None:
    travel, exact_s = town()
    places = np.array([7, 3, 44, 21, 0, 59], dtype=np.int32)
    found_s = travel.travel_between(places).time_s[0]
    near = np.argsort(exact_s, axis=1, kind="stable")[:, 1:9]
    for i, a in enumerate(places.tolist()):
        for j, b in enumerate(places.tolist()):
            if a == b or b in near[a] or b < 4:
                assert abs(found_s[i, j] - exact_s[a, b]) <= (0 if b not in range(4) else 1)


def test_what_is_far_is_never_shorter_or_longer_than_the_hubs_allow() -> None:
    travel, exact_s = town(n_near=1)
    everything = np.arange(60, dtype=np.int32)
    found_s = travel.travel_between(everything).time_s[0]
    most_s = np.min([exact_s[:, [h]] + exact_s[[h], :] for h in range(4)], axis=0)
    off_diagonal = ~np.eye(60, dtype=bool)
    assert (found_s[off_diagonal] <= most_s[off_diagonal] + 1).all()


def test_exact_ways_teach_what_to_make_of_the_rest() -> None:
    travel, exact_s = town(n_near=1, s_per_m=0.3)
    everything = np.arange(60, dtype=np.int32)

    def error() -> float:
        found_s = travel.travel_between(everything).time_s[0]
        far = exact_s > 300
        return float(np.mean(np.abs(found_s[far] - exact_s[far]) / exact_s[far]))

    before = error()
    pairs = np.argwhere(exact_s > 300)[::7]
    travel.fit(0, pairs.astype(np.int32), exact_s[pairs[:, 0], pairs[:, 1]])
    assert error() < before
    assert error() < 0.08


def test_a_jam_slows_the_ways_from_and_to_where_it_is() -> None:
    travel, _ = town()
    places = np.arange(10, dtype=np.int32)
    before = travel.travel_between(places)
    travel.slow(np.array([3], dtype=np.int32), 2.0)
    after = travel.travel_between(places)
    assert np.array_equal(after.time_s[0, 3], 2 * before.time_s[0, 3])
    assert np.array_equal(after.time_s[0, :, 3], 2 * before.time_s[0, :, 3])
    assert after.time_s[0, 4, 5] == before.time_s[0, 4, 5]
    assert np.array_equal(after.price, 2 * after.time_s)


def test_a_new_place_is_known_from_both_sides() -> None:
    travel, exact_s = town()
    rows = PlaceRows(
        near=np.array([[2, 5, -1, -1, -1, -1, -1, -1]]),
        near_s=np.array([[40, 50, 0, 0, 0, 0, 0, 0]]),
        to_hub_s=exact_s[2:3, :4] + 40,
        from_hub_s=exact_s[:4, 2][None] + 40,
    )
    assert travel.add_place(AT_M[2] + 10, [rows]) == 60
    assert travel.n_places == 61
    found_s = travel.travel_between(np.array([60, 2, 9], dtype=np.int32)).time_s[0]
    assert found_s[0, 1] == 40
    assert found_s[1, 0] == 40
    assert found_s[0, 2] > 0
