"""Workers that are killed, stopped or raced: small versions of `python3 dev.py faults`."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.faults.mortal import kind_of
from benchmarks.faults.rules import unreached
from benchmarks.faults.soak import soak_on
from benchmarks.faults.sweep import Journal, Plan, play_one, play_together
from benchmarks.faults.turns import TURNED
from benchmarks.faults.variants import (
    HOLDERS,
    NEVER_LOST,
    NOBODY_FOUND,
    TURNS,
    Variant,
    holds,
    variants,
)
from benchmarks.faults.verdict import End, Faulty, faults_of
from benchmarks.faults.zombie import wake_all
from benchmarks.report import Result
from recourse.durable import FaultPoint
from recourse.model.assignments import Custodian
from recourse.model.reasons import ReasonCode
from recourse.recovery.rules import RULES
from tests.conftest import SERVER
from tests.servers import Postgres

KNOWN = variants()
SWEPT = (
    Variant(holder="merchant", cause=ReasonCode.VEHICLE_BREAKDOWN, courier="told"),
    Variant(holder="meal in hand", cause=ReasonCode.VEHICLE_BREAKDOWN, courier="told"),
    Variant(holder="parcel in hand", cause=ReasonCode.VEHICLE_BREAKDOWN, courier="told"),
)


def _number(wanted: Variant) -> int:
    """The first case of a variant of that holder and courier's answer."""
    return next(
        number
        for number, one in enumerate(KNOWN)
        if replace(one, cause=wanted.cause) == wanted and holds(one.cause) == holds(wanted.cause)
    )


def test_every_cause_and_every_kind_of_holder_has_its_variants() -> None:
    played = {(one.holder, one.cause) for one in KNOWN}
    assert played == {(holder, cause) for holder in HOLDERS for cause in ReasonCode}
    assert set(HOLDERS.values()) | set(NEVER_LOST) == set(Custodian)
    assert {one.turn for one in KNOWN} == {"", NOBODY_FOUND, *TURNS}
    assert set(TURNED) < set(TURNS)
    assert len({one.name for one in KNOWN}) == len(KNOWN)


def test_a_rule_that_no_variant_comes_to_is_named() -> None:
    assert "offering OfferAnswered" in unreached([])
    moved = {f"{at.value} {event.__name__}" for at, event in RULES}
    assert unreached(moved) == []


def test_killed_at_every_place_a_case_ends_as_if_nothing_had_happened() -> None:
    plan = Plan(n_cases=len(KNOWN), seed=1)
    cases = [_number(wanted) for wanted in SWEPT]
    found = {one.number: one for one in play_together(plan, cases, n_together=2)}
    assert set(found) == set(cases)
    for played in found.values():
        assert played.error == ""
        assert played.faulty == Faulty()
        assert set(played.points) == {
            FaultPoint.AFTER_LEASE,
            FaultPoint.BEFORE_RECORD,
            FaultPoint.BEFORE_COMMIT,
            FaultPoint.AFTER_COMMIT,
        }
        assert played.n_deaths > 20
    # Alone in its process a worker dies at the same places.
    assert play_one(plan, cases[-1]) == found[cases[-1]]


def test_killed_once_on_postgresql_a_case_ends_as_if_nothing_had_happened() -> None:
    plan = Plan(n_cases=10**6, seed=1)
    for lap in (5, 11):
        played = play_one(plan, _number(SWEPT[0]) + lap * len(KNOWN), os.environ[SERVER])
        assert played.faulty == Faulty()
        assert played.n_deaths == 1


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    plan = Plan(n_cases=2, seed=1)
    path = tmp_path / "played.jsonl"
    played = play_one(plan, _number(SWEPT[0]))
    Journal(path, plan.mark()).add(played)
    with path.open("a") as file:
        file.write(json.dumps({"number": 7})[:-2])
    assert Journal(path, plan.mark()).played == {played.number: played}
    assert Journal(path, Plan(n_cases=2, seed=2).mark()).played == {}


def test_a_worker_that_comes_back_from_a_stop_writes_nothing() -> None:
    result = Result(name="zombie", seeds=(1,), budget="small")
    wake_all(result, stopped_s=0, only=6)
    assert result.is_met, result.checks


def test_a_short_soak_loses_and_doubles_nothing() -> None:
    with Postgres() as server:
        result = soak_on(server, n_cases=6, n_workers=2, seed=3, kill_s=(0.5, 2), outage_s=(3, 6))
    missed = [check for check in result.checks if not check.met]
    # How soon is for a quiet machine; what is lost or doubled is for any.
    assert not [check for check in missed if "seconds" not in check.name]


def test_places_of_one_kind_are_counted_together() -> None:
    keys = ["case-w1-1/notice:1", "case-w7-3/notice:2", "dispatch/order-p-1/4"]
    kinds = Counter(kind_of((key, FaultPoint.AFTER_LEASE)) for key in keys)
    assert kinds == {("case/notice", "after_lease"): 2, ("dispatch/order", "after_lease"): 1}


CALM = End(
    orders=(("a", "delivered"),),
    cases=(("closed", "kept"),),
    looks=(3,),
    duties=(),
    hands=(),
    paid=(),
    told=(),
    asked=(),
    n_parked=0,
    findings=(),
)


@pytest.mark.parametrize(
    ("found", "is_clean"),
    [
        (CALM, True),
        (replace(CALM, looks=(2,)), True),
        (replace(CALM, looks=(4,)), False),
        (replace(CALM, cases=(("closed", "late"),)), False),
        (replace(CALM, hands=(("a", "bo"),)), False),
    ],
)
def test_a_case_may_be_looked_at_less_often_than_in_the_calm_run_and_nothing_else(
    found: End, is_clean: bool
) -> None:
    assert faults_of(found, CALM).is_clean is is_clean


@pytest.mark.skipif(sys.platform != "linux", reason="the C library tells of its heap on Linux only")
def test_a_settled_process_has_no_holes_left_to_fill() -> None:
    program = "from benchmarks.faults.heap import settle; print(settle(), settle())"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    first, second = map(int, told.stdout.split())
    assert second <= first / 10
