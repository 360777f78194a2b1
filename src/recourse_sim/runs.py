"""This file knows how several seeds and policies are played, resumed, and written down."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recourse_sim.cities import city_map
from recourse_sim.ledger import Ledger
from recourse_sim.page import make_page
from recourse_sim.places import CityMap
from recourse_sim.plots import draw_all
from recourse_sim.policies import Bench, examine
from recourse_sim.report import make_report, versions
from recourse_sim.scenario import Wish, make_scenario
from recourse_sim.tally import Tally

if TYPE_CHECKING:
    from recourse import app
    from recourse_sim.day import Scenario

__all__ = ["Progress", "play_seeds", "write_report"]

Tallies = dict[str, dict[int, Tally]]
Progress = Callable[[str, float], None]
"""Told a label and how much of all is done, from 0 to 1."""


def ledger_of(
    report_path: Path, city: CityMap, wish: Wish, *, bonus_day_cents: int | None = None
) -> Ledger:
    """Notes of what was played for a report, beside it."""
    real = wish.real_day
    setting = {
        "city": [city.name, city.network.n_nodes, city.network.n_edges, len(city.addresses)],
        "orders": real.orders if real else wish.n_orders,
        "couriers": real.couriers if real else wish.n_couriers,
        "stress": wish.stress,
        "date": wish.local_date.isoformat(),
        "planner": wish.planner,
        "params": asdict(wish.params),
        "versions": versions(),
        **({} if bonus_day_cents is None else {"bonus_day_cents": bonus_day_cents}),
    }
    return Ledger(report_path.with_suffix(".runs"), setting)


def play_seeds(
    city: "app.City",
    wish: Wish,
    *,
    seeds: Sequence[int],
    policies: Sequence[str],
    report_path: Path,
    bonus_day_cents: int | None = None,
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
    bonus_day_cents : int, optional
        Budget of our platform for staged bonuses; None for the fixed one of a case.
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
    ledger = ledger_of(report_path, town, wish, bonus_day_cents=bonus_day_cents)
    bench = Bench(city, bonus_day_cents=bonus_day_cents)
    if is_anew:
        ledger.clear()
    tallies: Tallies = {policy: {} for policy in policies}
    scenarios: dict[int, Scenario] = {}
    whole = [(seed, policy) for seed in seeds for policy in policies]
    for done, (seed, policy) in enumerate(whole):
        share = _share_of(f"seed {seed}, {policy}", done, len(whole), tell)
        found = ledger.read(seed, policy)
        if found is None:
            scenario = scenarios.get(seed) or make_scenario(town, wish, seed=seed)
            scenarios[seed] = scenario
            begins_s, ends_s = scenario.begins_s, scenario.ends_s
            found = examine(
                bench,
                scenario,
                policy,
                planner=wish.planner,
                tell=_shares(begins_s, ends_s, share),
            )
            ledger.keep(seed, policy, found)
        tallies[policy][seed] = found
        share(1.0)
    head = _head(town, wish, seeds[0])
    if bonus_day_cents is not None:
        head["bonus_day_cents"] = bonus_day_cents
    return tallies, make_report(tallies, head=head)


def _share_of(label: str, done: int, total: int, tell: Progress) -> Callable[[float], None]:
    """Tell how much of all is done, given how much of one day is."""
    return lambda share: tell(label, (done + share) / total)


def _shares(
    begins_s: float, ends_s: float, share: Callable[[float], None]
) -> Callable[[float], None]:
    """Tell how much of a day is done, given the time of day."""
    return lambda t_s: share((t_s - begins_s) / (ends_s - begins_s))


def _head(town: CityMap, wish: Wish, seed: int) -> dict[str, Any]:
    """What was played, for the head of the report."""
    return {
        "seed": seed,
        "city": town.name,
        "city_is_generated": town.is_generated,
        "couriers": wish.n_couriers,
        "orders": wish.n_orders,
        "stress": wish.stress,
        "date": wish.local_date.isoformat(),
        "planner": wish.planner,
    }


def write_report(path: Path, tallies: Tallies, report: dict[str, Any]) -> Path:
    """Write the report and its page beside it; return the path of the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    page = path.with_suffix(".html")
    page.write_text(make_page(report, draw_all(tallies, report), list(tallies)), encoding="utf-8")
    return page
