"""Rows are kept once, and what is made of them can be done by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.redispatch.answers import Answer, Entrant
from benchmarks.redispatch.figures import table
from benchmarks.redispatch.plot import draw
from benchmarks.redispatch.rows import Rows, measure, recall
from benchmarks.redispatch.scenario import SERVICE, Scenario
from benchmarks.redispatch.targets import broken, check_calm, check_service
from benchmarks.report import Result
from tests.unit.redispatch_bench.small import line, row


class Idle:
    """Leaves the plan as it is, and counts how often it was asked."""

    def __init__(self) -> None:
        self.n_asked = 0

    def __call__(self, scenario: Scenario, budget_s: float, seed: int) -> Answer:
        self.n_asked += 1
        return Answer(routes=scenario.plan, solve_s=budget_s + 1e-3 * seed, setup_s=0.0)


def idle(solve: Idle, *, has_dice: bool = True) -> Entrant:
    return Entrant(name="idle", version="1", solve=solve, budgets_ms=(0, 10), has_dice=has_dice)


def test_a_run_that_was_cut_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file, solve, scenario = tmp_path / "rows.jsonl", Idle(), line(SERVICE)
    first = measure(Rows(file), scenario, idle(solve), seeds=[1, 2])
    assert solve.n_asked == 3  # once without a budget, which needs no dice, and two seeds
    torn = file.read_text()
    file.write_text(torn[: torn.rindex('"digest"')])
    again = measure(Rows(file), scenario, idle(solve), seeds=[1, 2])
    assert (solve.n_asked, again[:-1]) == (4, first[:-1])
    assert again[-1] == replace(first[-1], pace_ms=again[-1].pace_ms)
    assert first[0].cost == 500 + 600 + 5_000
    assert all(0 < one.pace_ms < 1_000 for one in first)


def test_what_an_earlier_run_has_found_is_recalled_and_nobody_is_asked(tmp_path: Path) -> None:
    rows, solve, scenario = Rows(tmp_path / "rows.jsonl"), Idle(), line(SERVICE)
    assert recall(rows, scenario, idle(solve), seeds=[1, 2]) == []
    found = measure(rows, scenario, idle(solve), seeds=[1])
    assert recall(rows, scenario, idle(solve), seeds=[1, 2]) == found
    assert solve.n_asked == 2


def test_another_version_is_measured_again_and_one_without_dice_once(tmp_path: Path) -> None:
    rows, solve, scenario = Rows(tmp_path / "rows.jsonl"), Idle(), line(SERVICE)
    measure(rows, scenario, idle(solve, has_dice=False), seeds=[1, 2, 3])
    assert solve.n_asked == 2
    measure(rows, scenario, replace(idle(solve, has_dice=False), version="2"), seeds=[1])
    assert solve.n_asked == 4


def test_other_budgets_keep_the_one_that_is_none() -> None:
    entrant = idle(Idle())
    assert entrant.with_budgets([50, 500]).budgets_ms == (0, 50, 500)
    assert replace(entrant, budgets_ms=(0,)).with_budgets([50]).budgets_ms == (0,)
    assert replace(entrant, budgets_ms=(9,)).with_budgets([50]).budgets_ms == (50,)


def test_ratios_are_of_means_over_seeds_scenario_by_scenario() -> None:
    rows = [
        row("us", "p", 90), row("us", "p", 110, seed=2), row("us", "q", 300), row("us", "r", 7),
        row("them", "p", 200), row("them", "q", 300),
    ]  # fmt: skip
    found = table(rows, {"p": 90, "q": 300, "r": 7})
    ratio = found.ratio("us 100 ms", "them 100 ms")
    assert ratio is not None
    assert (ratio.mean, ratio.median, ratio.n, ratio.n_within) == (0.75, 0.75, 2, 2)
    assert (ratio.low, ratio.high) == (0.5, 1.0)
    assert found.ratio("us 100 ms", "nobody") is None


def test_gaps_are_to_the_best_known() -> None:
    rows = [row("us", "p", 150), row("us", "q", 100, n_unserved=3), row("us", "r", 120)]
    shown = table(rows, {"p": 100, "q": 100, "r": 100}).line("us 100 ms")
    assert shown["mean_gap_percent"] == pytest.approx(23.33)
    assert (shown["median_gap_percent"], shown["worst_gap_percent"]) == (20.0, 50.0)
    assert (shown["n_unserved"], shown["n_scenarios"]) == (3, 3)


def test_the_best_known_cost_comes_from_an_answer_that_keeps_the_rules(tmp_path: Path) -> None:
    rows, scenario = Rows(tmp_path / "rows.jsonl"), line(SERVICE)
    for seed, cost, rules in ((1, 90, ("late",)), (2, 100, ()), (3, 110, ())):
        told = {"digest": scenario.digest(), "seed": seed, "broken": rules}
        rows.keep(row("us", scenario.id, cost, **told))
    assert rows.best_costs([scenario]) == {scenario.id: 100}


def test_a_target_is_met_or_missed_by_the_rows() -> None:
    names = [f"s{k}" for k in range(14)]

    def checks(cost: int, moved: int) -> dict[str, bool]:
        rows = [row("recourse", name, cost) for name in names]
        rows += [row("recourse-calm", name, cost, n_moved=moved) for name in names]
        rows += [row("recourse", name, cost, budget_ms=10) for name in names]
        rows += [row("pyvrp-warm", name, 1_000, budget_ms=ms) for name in names
                 for ms in (100, 1_000, 10_000)]  # fmt: skip
        rows = [replace(one, n_moved=10) if one.solver == "recourse" else one for one in rows]
        result = Result(name="t", seeds=(1,), budget="b")
        found = table(rows, dict.fromkeys(names, 900))
        check_service(result, found, dict.fromkeys(names, 400))
        check_calm(result, found)
        return {check.name: check.met for check in result.checks}

    ahead, behind = checks(960, 5), checks(1_010, 6)
    assert all(ahead.values())
    assert not any(
        met for name, met in behind.items() if "unserved" not in name and "6: mean" not in name
    )
    assert {name[0] for name in ahead} == {"2", "3", "4", "6"}


def test_a_rule_that_an_answer_of_ours_breaks_is_counted_and_that_of_a_peer_is_not() -> None:
    rows = [row("recourse", "p", 1, broken=("late",)), row("peer", "p", 1, broken=("late",))]
    assert broken([table(rows, {"p": 1})], ours="recourse") == ["p recourse 100 ms seed 1: late"]


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    rows = [row("us", "p", 110, budget_ms=ms, solve_s=ms / 1e3) for ms in (10, 100)]
    draw({"A": table(rows, {"p": 100})}, tmp_path / "plot.svg")
    assert "us" in (tmp_path / "plot.svg").read_text()
