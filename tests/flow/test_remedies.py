"""What a platform gives under a policy of its own, and what a trial of it says afterwards."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recourse.cli_policy import policy_app
from recourse.flow import four_eyes
from recourse.model.cases import Case
from recourse.model.errors import Conflict, Invalid, NotFound, Stale
from recourse.model.orders import Customer
from recourse.model.reasons import ReasonCode
from recourse.model.redress import RemedyKind
from recourse.redress import RemedyPolicy
from recourse.ruling import load_policy
from tests.flow.town import Town

POLICY = """
version = 1
name = "generous"
[limits]
case_cents = 900
day_cents = {day_cents}
four_eyes_from_cents = 800
[[customer]]
rule = "refund"
when = 'outcome == "refunded" && n_given_30d == 0'
give = "refund"
percent_of_value = 100
[[customer]]
rule = "points:again"
when = 'outcome == "refunded"'
give = "points"
cents = 800
[[courier]]
rule = "no_fault:{{cause}}"
when = "no_fault"
give = "courier_pay"
cents = 450
"""

runner = CliRunner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "generous.toml", day_cents=1_000)


def written(path: Path, *, day_cents: int) -> Path:
    path.write_text(POLICY.format(day_cents=day_cents))
    return path


def under(town: Town, policy: RemedyPolicy) -> None:
    town.platform.params = replace(town.platform.params, redress=policy)


def refunded(town: Town, name: str) -> Case:
    """Let an order of always the same customer lose its courier, and nobody take it over."""
    town.on_duty(f"bo-{name}")
    order = town.meal(name, customer=Customer(id="anna"))
    town.work()
    town.accept(f"bo-{name}")
    town.withdraw(f"bo-{name}", ReasonCode.VEHICLE_BREAKDOWN)
    town.wait(town.platform.params.recovery.fallback_s + 60)
    case = town.case(order.id)
    assert case.outcome == "refunded"
    approved(town)
    return case


def approved(town: Town) -> list[str]:
    """Say yes to everything that waits."""
    ids = [one["id"] for one in town.read(four_eyes.waiting)]
    for id_ in ids:
        assert town.do(four_eyes.approve, id_, actor="li").id == id_
    town.work()
    return ids


def given(town: Town, case: Case) -> list[tuple[RemedyKind, int, str]]:
    return [
        (one.kind, one.amount_cents, one.rule)
        for one in town.remedies(case.id)
        if one.beneficiary_id.startswith("customer:")
    ]


def test_a_policy_of_ones_own_decides_by_what_the_customer_had_and_ends_with_the_day(
    town: Town, file: Path
) -> None:
    under(town, load_policy(file))
    first, second, third, fourth = (refunded(town, name) for name in "abcd")
    assert [rule for _, _, rule in given(town, first)] == ["refund"]
    assert given(town, second) == [(RemedyKind.POINTS, 800, "points:again")]
    assert given(town, third) == [(RemedyKind.POINTS, 200, "points:again")]
    assert given(town, fourth) == []


def test_a_platform_that_starts_again_knows_what_was_given_before(town: Town, file: Path) -> None:
    under(town, load_policy(file))
    for name in "ab":
        refunded(town, name)
    town.platform.__post_init__()
    assert given(town, refunded(town, "c")) == [(RemedyKind.POINTS, 200, "points:again")]


def test_a_trial_under_the_policy_in_force_finds_what_was_paid(
    town: Town, file: Path, tmp_path: Path
) -> None:
    under(town, load_policy(file))
    for name in "abcd":
        refunded(town, name)
    found = trial(town, file, tmp_path)
    assert found["n_cases"] == 4
    assert found["n_four_eyes"] == 2
    for case in found["cases"]:
        assert case["paid"] == case["tried"]
    for row in found["sums"]:
        assert (row["n_paid"], row["paid_cents"]) == (row["n_tried"], row["tried_cents"])


def test_a_trial_under_another_policy_says_what_it_would_have_paid_and_pays_nothing(
    town: Town, tmp_path: Path
) -> None:
    cases = [refunded(town, name) for name in "ab"]
    before = [town.remedies(case.id) for case in cases]
    other = written(tmp_path / "other.toml", day_cents=500)
    found = trial(town, other, tmp_path)
    assert [[one["rule"] for one in case["tried"]] for case in found["cases"]] == [
        ["no_fault:vehicle_breakdown", "refund"],
        ["no_fault:vehicle_breakdown", "points:again"],
    ]
    assert found["cases"][1]["tried"][1]["amount_cents"] == 500
    assert [town.remedies(case.id) for case in cases] == before


def trial(town: Town, file: Path, folder: Path) -> dict[str, Any]:
    plot, out = folder / "plot.svg", folder / "trial.json"
    asked = ["try", str(file), "--db", town.url, "--plot", str(plot), "--json", str(out)]
    done = runner.invoke(policy_app, asked)
    assert done.exit_code == 0, done.output
    assert "closed cases" in done.output
    drawing = plot.read_text()
    assert "would have paid, " in drawing
    assert 'href="http' not in drawing
    assert "@import" not in drawing
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def waits(town: Town, file: Path) -> Case:
    """A refund of 42.00 that waits for a dispatcher."""
    under(town, load_policy(file))
    town.on_duty("bo")
    order = town.meal("a", customer=Customer(id="anna"))
    town.work()
    town.accept("bo")
    town.withdraw("bo", ReasonCode.VEHICLE_BREAKDOWN)
    town.wait(town.platform.params.recovery.fallback_s + 60)
    return town.case(order.id)


def test_a_remedy_above_the_amount_waits_and_a_yes_given_twice_pays_once(
    town: Town, file: Path
) -> None:
    case = waits(town, file)
    assert given(town, case) == []
    assert "remedy" not in town.told(case.order_id)
    (one,) = town.read(four_eyes.waiting)
    assert (one["amount_cents"], one["granted_at"]) == (4_200, None)
    for _ in range(2):
        town.do(four_eyes.approve, one["id"], actor="li")
    town.work()
    assert [rule for _, _, rule in given(town, case)] == ["refund"]
    assert town.told(case.order_id).count("remedy") == 1
    assert town.read(four_eyes.waiting) == []
    with pytest.raises(Conflict, match="already"):
        town.do(four_eyes.refuse, one["id"], actor="wu", why="too much")


def test_a_remedy_that_was_refused_is_never_paid(town: Town, file: Path) -> None:
    case = waits(town, file)
    (one,) = town.read(four_eyes.waiting)
    with pytest.raises(Invalid, match="why"):
        town.do(four_eyes.refuse, one["id"], actor="wu", why=" ")
    town.do(four_eyes.refuse, one["id"], actor="wu", why="paid in the shop")
    with pytest.raises(Conflict, match="already"):
        town.do(four_eyes.approve, one["id"], actor="li")
    assert given(town, case) == []
    with pytest.raises(NotFound):
        town.do(four_eyes.approve, "case-9/remedy:customer", actor="li")


def test_of_a_yes_and_a_no_at_the_same_instant_one_counts(town: Town, file: Path) -> None:
    case = waits(town, file)
    (one,) = town.read(four_eyes.waiting)

    def both() -> None:
        with town.store.begin() as yes:
            four_eyes.approve(yes, town.platform, one["id"], actor="li")
            town.do(four_eyes.refuse, one["id"], actor="wu", why="paid in the shop")

    with pytest.raises(Stale):
        both()
    assert given(town, case) == []
