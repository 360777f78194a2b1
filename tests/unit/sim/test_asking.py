"""How often had to be asked, and what was earned, is counted from hand-written logs."""

from typing import Any

import pytest

from recourse_sim.asking import asking_figures, bonus_earned_cents, runs_of


def made(offer_id: str, *order_ids: str, bonus_cents: int = 0) -> dict[str, Any]:
    data = {"offer_id": offer_id, "order_ids": list(order_ids), "bonus_cents": bonus_cents}
    return {"name": "offer.made", "data": data}


def began(order_id: str, offer_id: str = "", duty: str = "a-1") -> dict[str, Any]:
    data = {"order_id": order_id, "offer_id": offer_id, "assignment_id": duty}
    return {"name": "assignment.began", "data": data}


def ended(duty: str, status: str = "completed") -> dict[str, Any]:
    return {"name": "assignment.ended", "data": {"assignment_id": duty, "status": status}}


def test_a_run_ends_with_whoever_is_accountable() -> None:
    log = [made("f-1", "o-1"), made("f-2", "o-1"), began("o-1", "f-2")]
    (run,) = runs_of(log)
    assert (run.n_asked, run.is_accepted, run.is_after_loss) == (2, True, False)


def test_who_is_told_instead_of_asked_said_no_yes() -> None:
    (run,) = runs_of([made("f-1", "o-1"), began("o-1")])
    assert (run.n_asked, run.is_accepted) == (1, False)


def test_questions_after_the_first_courier_are_counted_after_a_loss() -> None:
    first, second = runs_of([made("f-1", "o-1"), began("o-1", "f-1"), made("f-2", "o-1")])
    assert (first.is_after_loss, first.is_accepted) == (False, True)
    assert (second.is_after_loss, second.is_accepted) == (True, False)


def test_shares_are_of_all_runs_and_of_those_after_a_loss() -> None:
    log = [
        *(made("f-1", "o-1", "o-2"), began("o-1", "f-1"), began("o-2", "f-1")),
        *(made("f-2", "o-1"), made("f-3", "o-1"), began("o-1", "f-3")),
        *(made("f-4", "o-2"), made("f-5", "o-2"), made("f-6", "o-2"), made("f-7", "o-2")),
    ]
    found = asking_figures(log, n_orders=2)
    assert (found["runs"], found["runs_after_loss"]) == (4, 2)
    assert [found[f"accepted_within_{n}_share"] for n in (1, 2, 3)] == [0.5, 0.75, 0.75]
    assert [found[f"after_loss_accepted_within_{n}_share"] for n in (1, 2, 3)] == [0.0, 0.5, 0.5]


def test_nothing_asked_has_no_share() -> None:
    assert asking_figures([], n_orders=1)["accepted_within_1_share"] is None


@pytest.mark.parametrize(("status", "earned"), [("completed", 150), ("withdrawn", 0)])
def test_a_bonus_is_earned_by_who_brings_the_order(status: str, earned: int) -> None:
    log = [
        *(made("f-1", "o-1", "o-2", bonus_cents=300), began("o-1", "f-1", "a-1")),
        *(began("o-2", "f-1", "a-2"), ended("a-1", status), ended("a-2", "revoked")),
    ]
    assert bonus_earned_cents(log) == earned
    assert asking_figures(log, n_orders=3)["bonus_per_order_cents"] == earned / 3
