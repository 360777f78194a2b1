"""Processes that want the same orders at the same moment break no rule, on either database."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.races import broken_by_sql, prepare, race
from benchmarks.races.instant import ORDERINGS, at_all_instants, at_one_instant
from recourse.audit import audit

N_ORDERS, N_PROCESSES = 25, 4


def test_no_race_breaks_a_rule(store_url: str) -> None:
    prepare(store_url, n_orders=N_ORDERS, n_couriers=N_PROCESSES)
    ends = race(store_url, n_orders=N_ORDERS, n_processes=N_PROCESSES)
    assert not [end for end in ends if "unclean" in end]
    assert ends["ask won"] >= N_ORDERS
    assert ends["ask one_offered_assignment"] > 0
    assert ends["open_case won"] == ends["pay won"] == N_ORDERS
    assert set(broken_by_sql(store_url).values()) == {0}
    report = audit(store_url)
    assert report.lines() == report.lines()[:1]


@pytest.mark.parametrize("ordering", ORDERINGS, ids="-".join)
def test_of_four_wills_at_one_instant_the_first_alone_is_done(
    store_url: str, ordering: tuple[str, ...]
) -> None:
    ends = at_one_instant(store_url, ordering, times=2)
    assert ends["won"] == 2
    assert ends["lost"] == 6
    assert not [end for end in ends if end.startswith(("unclean", "wrong"))]
    report = audit(store_url)
    assert report.lines() == report.lines()[:1]


def test_orderings_beside_each_other_are_all_told_of_and_one_that_breaks_off_is_a_finding(
    tmp_path: Path,
) -> None:
    good = [f"sqlite:///{tmp_path}/{number}.db" for number in range(2)]
    nowhere = [f"sqlite:///{tmp_path}/nowhere/{number}.db" for number in range(2, len(ORDERINGS))]
    ends: Counter[str] = Counter()
    findings: list[str] = []
    for met, found in at_all_instants([*good, *nowhere], times=12):
        ends.update(met)
        findings += found
    assert ends["won"] == ends["lost"] / 3 == 24
    assert ends["unclean: broke off"] == len(findings) == len(nowhere)
