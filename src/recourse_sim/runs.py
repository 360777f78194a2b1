"""This file knows how several seeds and policies are played, resumed, and written down."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recourse import app
from recourse_sim.cities import city_map
from recourse_sim.ledger import Ledger
from recourse_sim.page import make_page
from recourse_sim.places import CityMap
from recourse_sim.plots import draw_all
from recourse_sim.policies import Bench, examine
from recourse_sim.report import make_report, versions
from recourse_sim.scenario import Wish, make_scenario
from recourse_sim.tally import Tally

__all__ = ["Progress", "play_seeds", "write_report"]

Tallies = dict[str, dict[int, Tally]]
Progress = Callable[[str, float], None]
"""Told a label and how much of all is done, from 0 to 1."""


def ledger_of(report_path: Path, city: CityMap, wish: Wish) -> Ledger:
    """Notes of what was played for a report, beside it."""
    real = wish.real_day
    setting = {
        "city": [city.name, city.network.n_nodes, city.network.n_edges, len(city.addresses)],
        "orders": real.orders if real else wish.n_orders,
        "couriers": real.couriers if real else wish.n_couriers,
        "stress": wish.stress,
        "date": wish.local_date.isoformat(),
        "params": asdict(wish.params),
        "versions": versions(),
    }
    return Ledger(report_path.with_suffix(".runs"), setting)


def play_seeds(
    city: "app.City",
    wish: Wish,
    *,
    seeds: Sequence[int],
    policies: Sequence[str],
    report_path: Path,
    is_anew: bool = False,
    tell: Progress = lambda _label, _share: None,
) -> tuple[Tallies, dict[str, Any]]:
    """Play every seed with every policy; what was played before is taken from its notes.

    Parameters
    ----------
    city : City
        Where.
    wish : Wish
        What.
    seeds, policies : sequence
        Which days, and with what.
    report_path : Path
        Where the report will be; notes are kept beside it.
    is_anew : bool, optional
        Forget what was played before.
    tell : callable, optional
        Told how far it has come.

    Returns
    -------
    tuple of dict and dict
        Tallies by policy and seed, and the report.
    """
    town = city_map(city)
    ledger, bench = ledger_of(report_path, town, wish), Bench(city)
    if is_anew:
        ledger.clear()
    tallies: Tallies = {policy: {} for policy in policies}
    total = len(seeds) * len(policies)
    for i, seed in enumerate(seeds):
        scenario = None
        for j, policy in enumerate(policies):
            label, done = f"seed {seed}, {policy}", i * len(policies) + j
            found = ledger.read(seed, policy)
            if found is None:
                scenario = scenario or make_scenario(town, wish, seed=seed)
                begins_s, span_s = scenario.begins_s, scenario.ends_s - scenario.begins_s
                found = examine(
                    bench,
                    scenario,
                    policy,
                    tell=lambda t_s, d=done, b=begins_s, s=span_s, name=label: tell(
                        name, (d + (t_s - b) / s) / total
                    ),
                )
                ledger.keep(seed, policy, found)
            tallies[policy][seed] = found
            tell(label, (done + 1) / total)
    head = {
        "seed": seeds[0],
        "city": town.name,
        "city_is_generated": town.is_generated,
        "couriers": len(wish.real_day.couriers) if wish.real_day else wish.n_couriers,
        "orders": wish.n_orders,
        "stress": wish.stress,
        "date": wish.local_date.isoformat(),
    }
    return tallies, make_report(tallies, head=head)


def write_report(path: Path, tallies: Tallies, report: dict[str, Any]) -> Path:
    """Write the report and its page beside it; return the path of the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    page = path.with_suffix(".html")
    page.write_text(make_page(report, draw_all(tallies, report), list(tallies)), encoding="utf-8")
    return page
