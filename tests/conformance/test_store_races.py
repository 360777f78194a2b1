"""Processes that want the same orders at the same moment break no rule, on either database."""

import pytest

from benchmarks.races import broken_by_sql, prepare, race
from benchmarks.races.instant import ORDERINGS, at_one_instant
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
