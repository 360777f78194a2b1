"""Thousands of random disruptions: no rule is ever broken, and equal dice give equal answers.

Towns, couriers lost, hour, variant and length of search are all drawn. Every answer is judged, its
price compared with the judge's sum, and asked for again in a world built afresh.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.redispatch.answers import Routes
from benchmarks.redispatch.judge import judge
from benchmarks.redispatch.priced import with_prices
from benchmarks.redispatch.scenario import HANDOVER, PRICED, SERVICE, Scenario, Wish, broken_down
from benchmarks.redispatch.towns import Size, make_town
from benchmarks.redispatch.with_recourse import Resident
from benchmarks.report import Result

__all__ = ["check_rules", "disruptions"]

VARIANTS = (SERVICE, HANDOVER, PRICED)
SEARCHES = (0, 20, 200)
DISRUPTIONS_A_TOWN = 20
MOST_SHOWN = 20


@dataclass(slots=True)
class _Found:
    """What went wrong, and how often."""

    n: int = 0
    n_orphans: int = 0
    n_unserved: int = 0
    broken: list[str] = field(default_factory=list)
    mispriced: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    variants: Counter[str] = field(default_factory=Counter)


def check_rules(result: Result, *, n: int, seed: int) -> None:
    """Target 8.

    Parameters
    ----------
    result : Result
        Gets figures and checks.
    n : int
        How many disruptions; 0 leaves this out.
    seed : int
        Where the dice begin.
    """
    if not n:
        return
    found = _Found()
    for scenario, iterations in disruptions(n, seed=seed):
        _try(found, scenario, iterations, seed=found.n)
    result.figures["random disruptions"] = {
        "n": found.n,
        "n_orphans": found.n_orphans,
        "n_unserved": found.n_unserved,
        "by_variant": dict(found.variants),
        "broken": found.broken[:MOST_SHOWN],
        "mispriced": found.mispriced[:MOST_SHOWN],
        "unlike": found.unlike[:MOST_SHOWN],
    }
    result.at_most("8: random disruptions with a rule broken", len(found.broken), 0)
    result.at_most("8: prices that are not the sum from scratch", len(found.mispriced), 0)
    result.at_most("8: answers that differ for equal dice", len(found.unlike), 0)
    result.at_least("8: random disruptions", found.n, n)


def disruptions(n: int, *, seed: int) -> Iterator[tuple[Scenario, int]]:
    """Draw disruptions.

    Parameters
    ----------
    n : int
        How many.
    seed : int
        Where the dice begin.

    Yields
    ------
    Scenario, int
        What happened, and how many rounds to search.
    """
    dice, drawn = random.Random(seed), 0
    while drawn < n:
        couriers = dice.randint(2, 12)
        size = Size(
            n_customers=couriers * dice.randint(3, 9),
            n_couriers=couriers,
            side=dice.choice((40, 100, 300)),
            window=dice.choice((5, 30, 120)),
            service=dice.choice((0, 5, 10)),
            spare_share=dice.choice((0.0, 0.2, 1.0)),
        )
        town, plan = make_town(size, seed=dice.randrange(1 << 30))
        for _ in range(DISRUPTIONS_A_TOWN):
            variant = dice.choice(VARIANTS)
            wish = Wish(
                n_broken=dice.randint(1, min(4, couriers - 1)),
                variant=SERVICE if variant == PRICED else variant,
                seed=dice.randrange(1 << 30),
                clock_share=dice.choice((0.0, 0.1, 0.25, 0.4, 0.6)),
            )
            try:
                scenario = broken_down(town, plan, wish)
            except ValueError:
                continue  # nobody is on the road at that hour
            if drawn < n:
                drawn += 1
                scenario = with_prices(scenario) if variant == PRICED else scenario
                yield scenario, dice.choice(SEARCHES)


def _try(found: _Found, scenario: Scenario, iterations: int, *, seed: int) -> None:
    """Ask twice, judge, and note what is wrong."""
    routes, price = _ask(scenario, iterations, seed)
    verdict = judge(scenario, routes)
    name = f"{scenario.id}, {iterations} rounds, seed {seed}"
    found.n += 1
    found.n_orphans += scenario.n_orphans
    found.n_unserved += verdict.n_unserved
    found.variants[scenario.wish.variant] += 1
    if verdict.broken:
        found.broken.append(f"{name}: {verdict.broken[0]}")
    if price != verdict.cost:
        found.mispriced.append(f"{name}: {price} told, {verdict.cost} summed")
    if _ask(scenario, iterations, seed) != (routes, price):
        found.unlike.append(name)


def _ask(scenario: Scenario, iterations: int, seed: int) -> tuple[Routes, int]:
    """Routes and price from a world built afresh."""
    resident = Resident(scenario)
    answer = resident.world.answer(iterations=iterations, seed=seed)
    return resident.nodes(answer.routes), int(answer.price)
