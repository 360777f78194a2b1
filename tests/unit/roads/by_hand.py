"""Streets drawn by hand or by dice, and a plain search over them to compare with."""

import heapq
from collections.abc import Collection
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from recourse.roads import Profile, RoadNetwork, RoadSurvey
from recourse.roads.network import metres_between
from recourse.roads.profiles import ALL_BITS, Period, class_kmh, profile_bit

STEP = 0.001
NIGHT_S = 3 * 3600
VAN = profile_bit(Profile.VAN)


def grid(n_columns: int, n_rows: int) -> RoadSurvey:
    """Streets between neighbouring corners of a grid, each a way of its own."""
    lon = [STEP * (i % n_columns) for i in range(n_columns * n_rows)]
    lat = [STEP * (i // n_columns) for i in range(n_columns * n_rows)]
    streets = [[i, i + 1] for i in range(n_columns * n_rows) if (i + 1) % n_columns]
    streets += [[i, i + n_columns] for i in range(n_columns * (n_rows - 1))]
    return RoadSurvey.of_streets(lon, lat, streets)


def banned(survey: RoadSurvey, *bans: tuple[int, int, int, bool]) -> RoadSurvey:
    """The survey with turns (from way, via point, to way, only) restricted for all vehicles."""
    came, via, goes, only = zip(*bans, strict=True)
    return replace(
        survey,
        ban_from=np.array(came, dtype=np.int64),
        ban_via=np.array(via, dtype=np.int32),
        ban_to=np.array(goes, dtype=np.int64),
        ban_only=np.array(only, dtype=bool),
        ban_profiles=np.full(len(bans), 0b0111, dtype=np.uint8),
    )


@st.composite
def surveys(draw: st.DrawFn) -> RoadSurvey:
    """A jittered grid with gaps, one-way streets, speeds, bollards and forbidden turns."""
    n_columns, n_rows = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    rng = np.random.Generator(np.random.PCG64(draw(st.integers(0, 2**32))))
    full = grid(n_columns, n_rows)
    n_points, n_full = len(full.lon), len(full.way_id)
    kept = np.flatnonzero(rng.uniform(size=n_full) < draw(st.sampled_from([0.7, 0.85, 1.0])))
    streets = [full.way_points[full.way_start[i] : full.way_start[i + 1]].tolist() for i in kept]
    streets = streets or [[0, 1]]
    lon = full.lon + rng.uniform(-0.3, 0.3, n_points) * STEP
    lat = full.lat + rng.uniform(-0.3, 0.3, n_points) * STEP
    survey = RoadSurvey.of_streets(lon, lat, streets)
    n = len(streets)
    one_way = rng.uniform(size=n) < 0.25
    speeds = rng.choice([0, 30, 30, 30, 50], size=n).astype(np.uint8)
    survey = replace(
        survey,
        kmh_forward=speeds,
        kmh_backward=speeds,
        access_backward=np.where(one_way, np.uint8(0b1000), np.uint8(ALL_BITS)),
        point_access=np.where(rng.uniform(size=n_points) < 0.08, 0b1001, ALL_BITS).astype(np.uint8),
    )
    bans = []
    for _ in range(draw(st.integers(0, 5))):
        via = int(rng.integers(n_points))
        touching = [i + 1 for i, street in enumerate(streets) if via in street]
        if len(touching) > 1:
            came, goes = rng.choice(touching, 2, replace=False).tolist()
            bans.append((came, via, goes, bool(rng.uniform() < 0.4)))
    return banned(survey, *bans) if bans else survey


Stretch = tuple[int, int, int, float]


def stretches_for(survey: RoadSurvey, profile: Profile) -> list[Stretch]:
    """Tail, head, way and seconds of everything a profile may pass along."""
    bit = profile_bit(profile)
    kmh = class_kmh(profile, Period.NIGHT, survey.way_class, survey.kmh_forward)
    a, b = survey.way_points.reshape(-1, 2).T
    metres = metres_between(survey.lon[a], survey.lat[a], survey.lon[b], survey.lat[b])
    seconds = metres / (kmh / 3.6)
    ways = range(len(survey.way_id))
    along = [
        (int(a[w]), int(b[w]), w + 1, float(seconds[w]))
        for w in ways
        if survey.access_forward[w] & bit
    ]
    back = [
        (int(b[w]), int(a[w]), w + 1, float(seconds[w]))
        for w in ways
        if survey.access_backward[w] & bit
    ]
    return along + back


def turns_for(
    survey: RoadSurvey, profile: Profile, stretches: list[Stretch], junctions: Collection[int]
) -> list[list[int]]:
    """Stretches that may follow each stretch, every turn judged by itself.

    Nobody turns round in the middle of a street, where there is no junction.
    """
    bit = profile_bit(profile)
    exits: dict[int, list[int]] = {}
    for j, (tail, _, _, _) in enumerate(stretches):
        exits.setdefault(tail, []).append(j)
    follow = []
    for tail, via, came, _ in stretches:
        out = exits.get(via, [])
        if via not in junctions:
            out = [j for j in out if stretches[j][1] != tail or stretches[j][2] != came]
        if not survey.point_access[via] & bit:
            out = [j for j in out if stretches[j][1] == tail and stretches[j][2] == came]
        for i in range(len(survey.ban_via)):
            if survey.ban_via[i] != via or survey.ban_from[i] != came or bit & 0b1000:
                continue
            goes = int(survey.ban_to[i])
            if not survey.ban_only[i]:
                out = [j for j in out if stretches[j][2] != goes]
            elif any(stretches[j][2] == goes for j in exits.get(via, [])):
                out = [j for j in out if stretches[j][2] == goes]
        follow.append(out)
    return follow


def plain_times_s(
    stretches: list[Stretch], follow: list[list[int]], origin: int
) -> dict[int, float]:
    """Seconds to every point, by a search from stretch to stretch."""
    reached: dict[int, float] = {origin: 0.0}
    queue = [(s, i) for i, (tail, _, _, s) in enumerate(stretches) if tail == origin]
    heapq.heapify(queue)
    done: set[int] = set()
    while queue:
        at_s, i = heapq.heappop(queue)
        if i in done:
            continue
        done.add(i)
        head = stretches[i][1]
        reached[head] = min(reached.get(head, np.inf), at_s)
        for j in follow[i]:
            heapq.heappush(queue, (at_s + stretches[j][3], j))
    return reached


def node_at(network: RoadNetwork, lon: float, lat: float) -> int:
    """Node at exactly this place, or -1."""
    found = np.flatnonzero((network.lon == lon) & (network.lat == lat))
    return int(found[0]) if len(found) else -1
