"""Scenarios are those of the published figures, whatever machine makes them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.redispatch.folder import KNOWN, Folder, known_faults
from benchmarks.redispatch.judge import judge
from benchmarks.redispatch.plans import Plans, plan_hash
from benchmarks.redispatch.scenario import HANDOVER, SERVICE, Wish, broken_down, truncated_distances
from benchmarks.redispatch.towns import Size, make_town
from recourse.model.errors import Invalid
from tests.unit.redispatch_bench.small import line, write

# Found with the program behind the published figures, on the same towns: customers, couriers, seed
# of the town, couriers lost, variant, hour; then the orphans and the cost of doing nothing.
PUBLISHED = [
    (24, 4, 1, 1, "A", 0.4, [5, 18, 23, 24], 50_153),
    (24, 4, 1, 2, "B", 0.25, [5, 10, 12, 15, 18, 23, 24], 82_120),
    (60, 9, 2, 3, "A", 0.3, [1, 3, 8, 19, 34, 40, 45, 47, 49, 54, 59], 132_048),
    (60, 9, 2, 3, "B", 0.3, [1, 3, 8, 19, 34, 40, 45, 47, 49, 54, 59], 132_048),
    (35, 5, 7, 2, "A", 0.15, [1, 2, 3, 7, 8, 13, 18, 20, 32, 34], 117_345),
    (80, 12, 5, 1, "B", 0.4, [7, 46, 54], 45_124),
]  # fmt: skip
TOWN = Size(n_customers=24, n_couriers=4)

sizes = st.builds(
    Size,
    n_customers=st.integers(8, 40),
    n_couriers=st.integers(2, 4),
    side=st.sampled_from([20, 200]),
    window=st.integers(1, 100),
    service=st.integers(0, 20),
    spare_share=st.sampled_from([0.0, 0.5]),
)


def folder(data: Path) -> Folder:
    return Folder(data=data, plans=Plans(data=data, made=data / "made"))


@pytest.mark.parametrize(
    ("n_customers", "n_couriers", "seed", "n_broken", "variant", "share", "orphans", "cost"),
    PUBLISHED,
)
def test_orphans_and_the_cost_of_doing_nothing_are_the_published_ones(
    n_customers: int,
    n_couriers: int,
    seed: int,
    n_broken: int,
    variant: str,
    share: float,
    orphans: list[int],
    cost: int,
) -> None:
    town, plan = make_town(Size(n_customers=n_customers, n_couriers=n_couriers), seed=seed)
    wish = Wish(n_broken=n_broken, variant=variant, seed=2, clock_share=share)
    scenario = broken_down(town, plan, wish)
    assert [visit.customer for visit in scenario.visits if visit.is_orphan] == orphans
    assert judge(scenario, scenario.plan).cost == cost


@settings(deadline=None, max_examples=40)
@given(
    size=sizes,
    seed=st.integers(0, 1_000),
    n_broken=st.integers(0, 2),
    variant=st.sampled_from([SERVICE, HANDOVER]),
    share=st.sampled_from([0.2, 0.3, 0.5]),
)
def test_doing_nothing_breaks_no_rule_and_leaves_the_orphans(
    size: Size, seed: int, n_broken: int, variant: str, share: float
) -> None:
    town, plan = make_town(size, seed=seed)
    wish = Wish(n_broken=n_broken, variant=variant, seed=seed, clock_share=share)
    try:
        scenario = broken_down(town, plan, wish)
    except ValueError:
        assume(False)
    verdict = judge(scenario, scenario.plan)
    assert verdict.broken == ()
    assert verdict.n_unserved == verdict.n_unserved_orphans == scenario.n_orphans
    assert verdict.n_moved == 0


def test_equal_wishes_give_equal_scenarios_and_others_do_not() -> None:
    town, plan = make_town(TOWN, seed=3)
    digests = [
        broken_down(town, plan, wish).digest()
        for wish in (
            Wish(n_broken=1, clock_share=0.3),
            Wish(n_broken=1, clock_share=0.3),
            Wish(n_broken=2, clock_share=0.3),
            Wish(n_broken=1, clock_share=0.3, variant=HANDOVER),
            Wish(n_broken=1, clock_share=0.2),
        )
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_a_plan_that_is_late_is_refused() -> None:
    town, plan = make_town(TOWN, seed=3)
    late = (plan[0] + plan[1] + plan[2] + plan[3],)
    with pytest.raises(ValueError, match=r"the plan reaches \d+ at \d+, after \d+"):
        broken_down(town, late, Wish(n_broken=1, clock_share=1.0))


def test_a_distance_of_exactly_five_is_not_cut_to_less() -> None:
    across = truncated_distances(np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 1.0]]))
    assert across.tolist() == [[0, 50, 14], [50, 0, 36], [14, 36, 0]]


def test_a_folder_gives_its_scenarios_in_their_order(tmp_path: Path) -> None:
    town, plan = make_town(TOWN, seed=3)
    path = write(town, tmp_path)
    name = path.stem.upper()
    kept = tmp_path / "plans"
    kept.mkdir()
    (kept / f"{name}.json").write_text(json.dumps({"routes": plan}))
    listed = {"tfrac": 0.3, "seed": 5, "tune": [[name, 2], [name, 1]], "handover": [[name, 1]]}
    (tmp_path / "scenarios.json").write_text(json.dumps(listed))
    found = folder(tmp_path).scenarios(None)
    made = broken_down(town, plan, Wish(n_broken=2, seed=5, clock_share=0.3))
    assert [one.id for one in found] == [
        f"{name}/k2/A/s5/t0.3", f"{name}/k1/A/s5/t0.3", f"{name}/k1/B/s5/t0.3"
    ]  # fmt: skip
    assert found[0].digest() == made.digest()


def test_a_plan_of_another_instance_or_changed_by_hand_is_refused(tmp_path: Path) -> None:
    town, plan = make_town(TOWN, seed=3)
    write(town, tmp_path)
    (tmp_path / "made").mkdir()
    file = tmp_path / "made" / f"{town.name}.json"
    for spoilt in ({"sha256": "0"}, {"instance_sha256": "0"}):
        file.write_text(json.dumps({"routes": plan, **spoilt}))
        with pytest.raises(Invalid, match="delete it"):
            folder(tmp_path).scenarios("*.txt")
    file.write_text(json.dumps({"routes": plan[1:]}))
    with pytest.raises(Invalid, match="every customer once"):
        folder(tmp_path).scenarios("*.txt")


def test_a_folder_without_instances_says_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no scenario of"):
        folder(tmp_path).scenarios("*.txt")


def test_a_published_scenario_that_comes_out_otherwise_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = line("A")
    cost = judge(scenario, scenario.plan).cost
    plan = plan_hash(scenario.running)
    was = {"plan": plan, "n_orphans": 1, "do_nothing_cost": cost, "digest": scenario.digest()}
    (tmp_path / "known.json").write_text(json.dumps({scenario.id: was}))
    monkeypatch.setattr("benchmarks.redispatch.folder.KNOWN", tmp_path / "known.json")
    assert known_faults([scenario], {scenario.id: cost}) == []
    assert known_faults([scenario], {scenario.id: cost + 1})[0].startswith(scenario.id)
    object.__setattr__(scenario, "running", ((3,), (2,), (1,)))
    assert known_faults([scenario], {scenario.id: cost + 1}) == []  # another plan: another day


def test_the_published_scenarios_are_eighteen_and_lose_as_many_visits_as_was_said() -> None:
    known = json.loads(KNOWN.read_text())
    service = [one["n_orphans"] for name, one in known.items() if name.endswith("/A")]
    assert (len(known), len(service), sum(service)) == (18, 14, 242)
