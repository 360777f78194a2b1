"""Peers that lose the answer, hang, or answer 500: nothing is done twice, and all is settled."""

from pathlib import Path

from benchmarks.peers import hostile, run
from recourse.audit import audit

FIVE_MINUTES_S = 300


def test_whatever_hostile_peers_do_nothing_is_done_twice_and_all_is_known_within_five_minutes(
    store_url: str, tmp_path: Path
) -> None:
    with hostile(seed=7, hangs_s=1.5) as peers:
        found = run(
            tmp_path,
            store_url,
            peers,
            n_orders=40,
            orders_a_step=20,
            deadline_s=0.8,
            dies_every=41,
        )
        assert sum(n for name, n in peers.trouble.items() if "done, " in name) > 0
    assert found.n_calls == 120
    assert found.n_deaths >= 2
    assert +found.doubled == {}
    assert +found.wrong == {}
    assert found.cents == (40 * 500, 40 * 500)
    assert max(max(late) for late in found.late_s.values()) <= FIVE_MINUTES_S
    assert audit(store_url).is_clean
