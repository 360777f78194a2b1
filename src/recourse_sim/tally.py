"""This file knows the figures of one policy on one day, and how they are added up."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf
from typing import Any

from recourse.model.couriers import Vehicle
from recourse_sim.asking import asking_figures
from recourse_sim.day import SimulatedDay
from recourse_sim.hazards import Cause
from recourse_sim.score import (
    ENTERED,
    Loss,
    OrderFile,
    causes,
    losses_of,
    new_courier_s,
    open_files,
    perceived_cancel,
)
from recourse_sim.told import n_moved
from recourse_sim.truth import Truth

__all__ = ["COUNTED", "Tally", "tally"]

_REMEDY = "remedy.granted"
COUNTED = (*ENTERED, _REMEDY)
"""The facts that a day is counted from."""

_TWO_HOURS_S = 7_200
_BIN_S = 900
_NOT_DROPPED = frozenset({"taken_away", Cause.SILENCE.value})


@dataclass(frozen=True, slots=True)
class Tally:
    """What one policy came to on one day.

    Attributes
    ----------
    figures : dict
        The keys of the report.
    series : dict
        Cumulative counts over the day, each as long as ``series["t_s"]``.
    waits_s : list of float
        Seconds to a new courier, one for each loss that got one.
    """

    figures: dict[str, Any]
    series: dict[str, list[float | None]]
    waits_s: list[float]


def tally(simulated: SimulatedDay, events: list[dict[str, Any]], *, cpu_s: float) -> Tally:
    """Count one day.

    Parameters
    ----------
    simulated : SimulatedDay
        The day that was played: the truth is in it.
    events : list of dict
        Log of the platform, as its API gives it; what is not `COUNTED` is passed over.
    cpu_s : float
        Processor time that playing it took.

    Returns
    -------
    Tally
        Figures, series and waiting times.
    """
    truth = simulated.world.truth
    simulated.credit_replacements()
    files = open_files(events, truth, simulated.world.day)
    losses = {order_id: losses_of(one, truth) for order_id, one in files.items()}
    felt = {
        order_id: perceived_cancel(one, losses[order_id], truth) for order_id, one in files.items()
    }
    n = max(1, len(files))
    waits = [
        new_courier_s(files[order_id], loss, truth)
        for order_id, found in losses.items()
        for loss in found
    ]
    met = sorted(wait for wait in waits if wait < inf)
    broken = [one for one in files.values() if not one.is_on_time]
    figures: dict[str, Any] = {
        "orders": len(files),
        "delivered": sum(one.done_s < inf for one in files.values()),
        "on_time_share": round(sum(one.is_on_time for one in files.values()) / n, 6),
        "perceived_cancel_share": round(sum(bool(why) for why, _ in felt.values()) / n, 6),
        "perceived_cancel_why": {
            why: sum(one == why for one, _ in felt.values())
            for why in ("service", "window", "silence")
        },
        "lost": sum(_is_lost(one, truth) for one in files.values()),
        "double_assigned": sum(_is_double(one) for one in files.values()),
        "reoffered_to_withdrawer": sum(
            _n_reoffered(one, losses[i], truth) for i, one in files.items()
        ),
        "orders_canceled_by_courier": sum(
            one.ended is not None and one.ended[1] == "canceled" and one.ended[2] == "courier"
            for one in files.values()
        ),
        "cases": sum(one.case_s < inf for one in files.values()),
        "losses": len(waits),
        "losses_by_cause": causes(losses),
        "ways_by_cause": _ways_by_cause(files, losses),
        "new_courier_s": {"p50": _quantile(met, 0.5), "p95": _quantile(met, 0.95)},
        "new_courier_share": _share(len(met), len(waits)),
        "redelivered_within_2h_share": _redelivered(files, losses),
        "told_visits_moved": n_moved(files, losses),
        "next_stops_changed": truth.n_turned,
        "notice_before_break_share": _share(sum(_was_told(one) for one in broken), len(broken)),
        **_prices(simulated, events, n),
        **asking_figures(events, n_orders=n),
        "customers_chose_share": _share(
            simulated.customers.n_choices, len(simulated.customers.asked)
        ),
        "refused": dict(sorted(truth.n_refused.items())),
        "calls": simulated.world.door.transport.n_calls,
        "cpu_s": round(cpu_s, 2),
    }
    return Tally(figures, _series(simulated, files, felt, losses), met)


def _share(part: int, whole: int) -> float | None:
    """Share, or None of nothing."""
    return round(part / whole, 6) if whole else None


def _quantile(ordered: list[float], q: float) -> float | None:
    """Smallest value that this share of the values does not exceed."""
    return round(ordered[max(0, ceil(q * len(ordered)) - 1)], 1) if ordered else None


def _is_lost(one: OrderFile, truth: Truth) -> bool:
    """Whether an order vanished: it lies nowhere, or nobody is answerable for it any more."""
    if one.done_s < inf:
        return False
    if one.ended is not None:
        return one.ended[1] == "lost"
    has_duty = any(duty.ended_s == inf for duty in one.duties)
    return not has_duty and one.case_s == inf and one.order_id in truth.holder


def _is_double(one: OrderFile) -> bool:
    """Whether two couriers were accountable for an order at the same time."""
    spans = sorted((duty.began_s, duty.ended_s) for duty in one.duties)
    return any(after[0] < before[1] for before, after in pairwise(spans))


def _n_reoffered(one: OrderFile, losses: list[Loss], truth: Truth) -> int:
    """How often an order went back to somebody who had dropped it; the silent dropped nothing."""
    dropped = [(loss.courier_id, loss.at_s) for loss in losses if loss.cause not in _NOT_DROPPED]
    dropped += [(d.courier_id, d.at_s) for d in truth.drops if d.order_id == one.order_id]
    asked = set(one.offers) | {(duty.began_s, duty.courier_id) for duty in one.duties}
    return sum(
        any(courier_id == who and at_s > since_s for who, since_s in set(dropped))
        for at_s, courier_id in asked
    )


def _ways_by_cause(
    files: dict[str, OrderFile], losses: dict[str, list[Loss]]
) -> dict[str, dict[str, int]]:
    """Last way out that was decided, by the cause of the first loss."""
    found: dict[str, dict[str, int]] = {}
    for order_id, lost in losses.items():
        if lost:
            way = files[order_id].ways[-1] if files[order_id].ways else "none"
            by_way = found.setdefault(lost[0].cause, {})
            by_way[way] = by_way.get(way, 0) + 1
    return {cause: dict(sorted(found[cause].items())) for cause in sorted(found)}


def _redelivered(files: dict[str, OrderFile], losses: dict[str, list[Loss]]) -> float | None:
    """Share of orders that lost their courier and were with the customer two hours after it."""
    spans = [files[i].done_s - lost[0].at_s for i, lost in losses.items() if lost]
    return _share(sum(span_s <= _TWO_HOURS_S for span_s in spans), len(spans))


def _was_told(one: OrderFile) -> bool:
    """Whether the customer was told of trouble before the promise broke."""
    return any(at_s < one.latest_s for at_s, _, _ in one.notices)


def _prices(simulated: SimulatedDay, events: list[dict[str, Any]], n: int) -> dict[str, Any]:
    """Cost and emissions per order: hours, kilometres, remedies."""
    prices, truth = simulated.scenario.params.price, simulated.world.truth
    per_km = {
        Vehicle.VAN: (prices.van_cents_km, prices.van_g_km),
        Vehicle.SCOOTER: (prices.scooter_cents_km, prices.scooter_g_km),
        Vehicle.EBIKE: (prices.ebike_cents_km, prices.ebike_g_km),
        Vehicle.FOOT: (0, 0.0),
    }
    cents = grams = 0.0
    for plan in simulated.scenario.fleet:
        cents_km, g_km = per_km[plan.vehicle]
        cents += truth.km[plan.id] * cents_km + truth.duty_s[plan.id] / 3600 * prices.wage_cents_h
        grams += truth.km[plan.id] * g_km
    remedies = sum(e["data"]["amount_cents"] for e in events if e["name"] == _REMEDY)
    return {
        "cost_per_order_cents": round((cents + remedies) / n, 1),
        "remedies_per_order_cents": round(remedies / n, 1),
        "grams_co2e_per_order": round(grams / n, 1),
        "km_per_order": round(sum(truth.km.values()) / n, 3),
    }


def _series(
    simulated: SimulatedDay,
    files: dict[str, OrderFile],
    felt: dict[str, tuple[str, float]],
    losses: dict[str, list[Loss]],
) -> dict[str, list[float | None]]:
    """Counts so far, in steps of a quarter of an hour."""
    truth, ends_s = simulated.world.truth, simulated.scenario.ends_s
    begins_s = simulated.scenario.opens_s
    times = [float(t) for t in range(int(begins_s), int(ends_s) + 1, _BIN_S)]
    spans = [
        (loss.at_s, min(loss.at_s + new_courier_s(files[i], loss, truth), files[i].done_s))
        for i, found in losses.items()
        for loss in found
    ]
    columns = {
        "due": sorted(one.latest_s for one in files.values()),
        "kept": sorted(one.latest_s for one in files.values() if one.is_on_time),
        "perceived_cancels": sorted(at_s for _, at_s in felt.values()),
        "losses": sorted(from_s for from_s, _ in spans),
        "delivered": sorted(one.done_s for one in files.values()),
    }
    series: dict[str, list[float | None]] = {"t_s": [*times]}
    for name, at in columns.items():
        series[name] = [float(bisect_right(at, t)) for t in times]
    series["open_cases"] = [float(sum(a <= t < b for a, b in spans)) for t in times]
    waits = [sorted(b - a for a, b in spans if b <= t) for t in times]
    series["new_courier_p50_s"] = [_quantile(found, 0.5) for found in waits]
    series["new_courier_p95_s"] = [_quantile(found, 0.95) for found in waits]
    return series
