"""This file knows the report: figures of every policy, pooled over seeds, with intervals."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from math import ceil, sqrt
from typing import Any

import numpy as np
from scipy.stats import t as student

from recourse_sim.tally import Tally

__all__ = ["INTERVAL_KEYS", "ROWS", "interval", "make_report", "pool", "ratio_interval", "versions"]

Tallies = dict[str, dict[int, Tally]]
"""Tallies by policy and seed."""

ROWS: tuple[tuple[str, str, str], ...] = (
    ("orders", "orders", "n"),
    ("delivered", "delivered on the day", "n"),
    ("on_time_share", "promises kept", "%"),
    ("perceived_cancel_share", "perceived cancels", "%"),
    ("lost", "lost", "n"),
    ("double_assigned", "assigned twice at once", "n"),
    ("reoffered_to_withdrawer", "offered again to who dropped it", "n"),
    ("orders_canceled_by_courier", "orders canceled by a courier", "n"),
    ("cases", "cases", "n"),
    ("new_courier_s.p50", "new courier after, median", "s"),
    ("new_courier_s.p95", "new courier after, 95th", "s"),
    ("new_courier_share", "losses that got a new courier", "%"),
    ("redelivered_within_2h_share", "delivered within 2 h of the loss", "%"),
    ("told_visits_moved.any", "told visits moved", "n"),
    ("told_visits_moved.taken_away", "moved, though nobody dropped out", "n"),
    ("next_stops_changed", "couriers turned round", "n"),
    ("notice_before_break_share", "told before the promise broke", "%"),
    ("after_loss_accepted_within_1_share", "yes to the first question after a loss", "%"),
    ("after_loss_accepted_within_2_share", "yes after two", "%"),
    ("after_loss_accepted_within_3_share", "yes after three", "%"),
    ("customers_chose_share", "customers who chose, of those asked", "%"),
    ("cost_per_order_cents", "cost per order, cents", "1"),
    ("remedies_per_order_cents", "of that remedies, cents", "1"),
    ("bonus_per_order_cents", "bonuses per order besides, cents", "1"),
    ("grams_co2e_per_order", "g CO2e per order", "1"),
    ("cpu_s", "processor time, s", "1"),
)
"""Rows of the printed table: key, words, and how the value is written."""

INTERVAL_KEYS = (
    *("on_time_share", "perceived_cancel_share", "redelivered_within_2h_share"),
    *(f"accepted_within_{n}_share" for n in (1, 2, 3)),
    *(f"after_loss_accepted_within_{n}_share" for n in (1, 2, 3)),
    *("customers_chose_share", "remedies_per_order_cents", "bonus_per_order_cents"),
)
"""Figures that are shown with 95 % intervals over seeds."""

_SUMMED = frozenset(
    {"orders", "delivered", "lost", "cases", "losses", "calls", "next_stops_changed"}
)
_SUMMED_TOO = frozenset(
    {
        *("double_assigned", "reoffered_to_withdrawer", "orders_canceled_by_courier"),
        *("runs", "runs_after_loss"),
    }
)


def versions() -> dict[str, str]:
    """What the report was made with."""
    found = {"python": platform.python_version(), "machine": f"{sys.platform} {platform.machine()}"}
    for name in ("recourse", "numpy", "scipy", "sqlalchemy", "fastapi"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "source"
    return found


def pool(tallies: dict[int, Tally]) -> dict[str, Any]:
    """Figures of one policy over all its seeds.

    Parameters
    ----------
    tallies : dict of int to Tally
        One for each seed.

    Returns
    -------
    dict
        Counts are totals, shares and costs means, percentiles those of all waiting times together.
    """
    figures = [tallies[seed].figures for seed in sorted(tallies)]
    if len(figures) == 1:
        return figures[0]
    pooled: dict[str, Any] = {}
    for key, first in figures[0].items():
        if any(key not in one for one in figures):
            continue  # noted before that was counted
        column = [one[key] for one in figures]
        if key in _SUMMED or key in _SUMMED_TOO:
            pooled[key] = sum(column)
        elif isinstance(first, dict):
            pooled[key] = _added(column)
        else:
            known = [value for value in column if value is not None]
            pooled[key] = round(sum(known) / len(known), 6) if known else None
    waits = sorted(wait for one in tallies.values() for wait in one.waits_s)
    pooled["new_courier_s"] = {
        name: waits[max(0, ceil(q * len(waits)) - 1)] if waits else None
        for name, q in (("p50", 0.5), ("p95", 0.95))
    }
    return pooled


def _added(column: list[dict[str, Any]]) -> dict[str, Any]:
    """Nested counts added up."""
    added: dict[str, Any] = {}
    for one in column:
        for key, value in one.items():
            if isinstance(value, dict):
                added[key] = _added([added.get(key, {}), value])
            else:
                added[key] = added.get(key, 0) + (value or 0)
    return added


def interval(values: list[float]) -> dict[str, float]:
    """Mean and 95 % interval of a few values (Student's t).

    Parameters
    ----------
    values : list of float
        One for each seed.

    Returns
    -------
    dict
        ``mean``, ``low``, ``high`` and ``n``; the interval is the mean itself for one value.

    Examples
    --------
    >>> interval([1.0, 2.0, 3.0])["mean"]
    2.0
    """
    n, mean = len(values), float(np.mean(values))
    half = 0.0
    if n > 1:
        half = float(student.ppf(0.975, n - 1) * np.std(values, ddof=1) / sqrt(n))
    return {
        "mean": round(mean, 6),
        "low": round(mean - half, 6),
        "high": round(mean + half, 6),
        "n": n,
    }


def ratio_interval(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """Ratio of two means over the same seeds, with a 95 % interval.

    Parameters
    ----------
    ours, theirs : list of float
        One for each seed, in the same sequence.

    Returns
    -------
    dict
        As of `interval`; ``mean`` is the ratio.

    Notes
    -----
    By the delta method: what varies is ours less the ratio times theirs, seed by seed.

    Examples
    --------
    >>> ratio_interval([1.0, 2.0], [5.0, 10.0])
    {'mean': 0.2, 'low': 0.2, 'high': 0.2, 'n': 2}
    """
    mean = float(np.mean(theirs))
    ratio = float(np.mean(ours)) / mean
    spread = interval([(a - ratio * b) / mean for a, b in zip(ours, theirs, strict=True)])
    low, high = (round(ratio + spread[end], 6) for end in ("low", "high"))
    return {"mean": round(ratio, 6), "low": low, "high": high, "n": spread["n"]}


def _intervals(tallies: Tallies) -> dict[str, Any]:
    """Intervals of every policy, and of ours less, and over, each baseline, seed by seed."""
    found: dict[str, Any] = {}
    for key in INTERVAL_KEYS:
        values = {
            policy: {
                seed: one.figures[key]
                for seed, one in by_seed.items()
                if one.figures.get(key) is not None
            }
            for policy, by_seed in tallies.items()
        }
        found[key] = {policy: interval(list(v.values())) for policy, v in values.items() if v}
        ours = values.get("recourse", {})
        for policy, theirs in values.items():
            both = sorted(set(ours) & set(theirs))
            if policy != "recourse" and both:
                gaps = [ours[seed] - theirs[seed] for seed in both]
                found[key][f"recourse minus {policy}"] = interval(gaps)
                base = [theirs[seed] for seed in both]
                if sum(base) > 0:
                    mine = [ours[seed] for seed in both]
                    found[key][f"recourse over {policy}"] = ratio_interval(mine, base)
    return found


def make_report(tallies: Tallies, *, head: dict[str, Any]) -> dict[str, Any]:
    """Put the report together.

    Parameters
    ----------
    tallies : dict
        By policy and seed.
    head : dict
        What was played: seed, city, couriers, orders and so on.

    Returns
    -------
    dict
        JSON with one entry for each policy; the same for the same seeds but for ``cpu_s``.
    """
    seeds = sorted({seed for by_seed in tallies.values() for seed in by_seed})
    report: dict[str, Any] = {**head, "simulated": True, "seeds": seeds, "versions": versions()}
    for policy, by_seed in tallies.items():
        report[policy] = pool(by_seed)
    report["intervals_95"] = _intervals(tallies)
    if len(seeds) > 1:
        report["by_seed"] = {
            str(seed): {
                p: by_seed[seed].figures for p, by_seed in tallies.items() if seed in by_seed
            }
            for seed in seeds
        }
    return report


def written(figures: dict[str, Any], key: str, unit: str) -> str:
    """One figure as it is printed; a hyphen where there is none."""
    value: Any = figures
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        return "-"
    if unit == "%":
        return f"{100 * value:.2f} %"
    if unit == "s":
        return f"{value:,.0f} s"
    return f"{value:,}" if unit == "n" else f"{value:,.1f}"
