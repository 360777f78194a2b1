"""The judge walks as a person would, and sees every rule that is broken."""

import pytest

from benchmarks.redispatch.judge import judge
from benchmarks.redispatch.scenario import HANDOVER, SERVICE
from tests.unit.redispatch_bench.small import line

Routes = list[list[int]]


def test_an_answer_is_priced_by_hand() -> None:
    # 10 to 30, 40 and home is 20 + 10 + 40 in tenths; 20 to 50 and home is 30 + 50.
    verdict = judge(line(SERVICE), [[1, 2], [3]])
    assert (verdict.distance, verdict.cost) == (700 + 800, 1_500)
    assert (verdict.n_unserved, verdict.n_moved, verdict.broken) == (0, 1, ())


def test_a_courier_who_stays_costs_nothing_and_what_is_left_costs_its_penalty() -> None:
    verdict = judge(line(SERVICE), [[1], []])
    assert (verdict.distance, verdict.cost) == (500, 500 + 2 * 5_000)
    assert (verdict.n_unserved, verdict.n_unserved_orphans) == (2, 1)


def test_a_parcel_is_fetched_and_brought() -> None:
    verdict = judge(line(HANDOVER), [[1], [2, 6, 3]])
    assert (verdict.distance, verdict.broken) == (500 + 800, ())


@pytest.mark.parametrize(
    ("variant", "routes", "rule"),
    [
        (SERVICE, [[], [2, 1]], "begins 1 late by 250"),
        (SERVICE, [[1, 2, 3], []], "leaves 3 with 15 of 10"),
        (SERVICE, [[1, 1], [2]], "node 1 is visited twice"),
        (SERVICE, [[1], [1, 2]], "node 1 is visited twice"),
        (SERVICE, [[1, 5], [2]], "node 5 is nobody's request"),
        (SERVICE, [[1], [2], [3]], "3 routes for 2 couriers"),
        (HANDOVER, [[2], []], "node 2 is on board of courier 1, not 0"),
        (HANDOVER, [[1], [2, 3]], "node 3 is only half done"),
        (HANDOVER, [[1], [2, 6]], "node 3 is only half done"),
        (HANDOVER, [[1], [2, 3, 6]], "node 3 is not fetched before by the same courier"),
        (HANDOVER, [[1, 6], [2, 3]], "node 3 is not fetched before by the same courier"),
        (HANDOVER, [[6, 3, 6, 1], [2]], "node 6 is visited twice"),
    ],
)
def test_a_broken_rule_is_named(variant: str, routes: Routes, rule: str) -> None:
    assert any(rule in found for found in judge(line(variant), routes).broken)


def test_coming_home_late_and_starting_too_full_are_named() -> None:
    scenario = line(SERVICE)
    for name, value, rule in (
        ("horizon", 499, "courier 0 is home late by 51"),
        ("load", (11, 0), "courier 0 starts with 11 of 10"),
    ):
        changed = line(SERVICE)
        object.__setattr__(changed, name, value)
        assert any(rule in found for found in judge(changed, [[1], [2]]).broken)
    assert judge(scenario, [[1], [2]]).broken == ()
