"""Random disruptions, few enough for every day; `bench redispatch` draws thousands."""

from benchmarks.redispatch.rules import check_rules, disruptions
from benchmarks.report import Result


def test_no_rule_is_broken_and_equal_dice_give_equal_answers() -> None:
    result = Result(name="rules", seeds=(3,), budget="120 disruptions")
    check_rules(result, n=120, seed=3)
    assert [check for check in result.checks if not check.met] == []
    found = result.figures["random disruptions"]
    assert set(found["by_variant"]) == {"A", "B", "C"}
    assert found["n_orphans"] > found["n_unserved"] > 0


def test_equal_seeds_draw_equal_disruptions() -> None:
    first, second = ([(s.digest(), n) for s, n in disruptions(30, seed=9)] for _ in range(2))
    assert first == second
    assert len(set(first)) == 30
    assert first != [(s.digest(), n) for s, n in disruptions(30, seed=10)]
