"""Let thousands of things go wrong with every rule on; no rule, price or replay may be broken.

Towns, couriers, orders and days are drawn. After each disruption an answer is asked for and judged
by code that shares nothing with the engine; its price is compared with the judge's sum and with the
sum from scratch; and each day is lived again from what was written down of it.
"""

import argparse
import sys
import time
from pathlib import Path

from benchmarks.disruptions.days import Found, live
from benchmarks.report import Result

A_DAY = 10
MOST_SHOWN = 20


def main() -> int:
    """Live the days, and check what was found."""
    parser = argparse.ArgumentParser(prog="disruptions", description=__doc__)
    parser.add_argument("--n", type=int, default=10_000, help="disruptions")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    result = Result(
        name="disruptions",
        seeds=(given.seed,),
        budget=f"{given.n} disruptions, {A_DAY} in a town, one thread",
    )
    found, began_s = Found(), time.process_time()
    seed = given.seed * 1_000_000
    while found.n < given.n:
        live(found, seed, min(A_DAY, given.n - found.n))
        seed += 1
    result.figures["disruptions"] = {
        "n": found.n,
        "kinds": dict(found.kinds),
        "relays told": found.n_relays,
        "orders without a courier": found.n_unserved,
        "cpu_s": round(time.process_time() - began_s, 1),
        "broken": found.broken[:MOST_SHOWN],
        "mispriced": found.mispriced[:MOST_SHOWN],
        "drifted": found.drifted[:MOST_SHOWN],
        "unlike": found.unlike[:MOST_SHOWN],
    }
    result.at_least("disruptions answered", found.n, given.n)
    result.at_most("answers that break a rule", len(found.broken), 0)
    result.at_most("prices that are not the judge's", len(found.mispriced), 0)
    result.at_most("prices by difference that are not those from scratch", len(found.drifted), 0)
    result.at_most("days that are other when lived again", len(found.unlike), 0)
    result.at_least("relays told, for a hundred disruptions", 100 * found.n_relays / found.n, 0.1)
    return result.finish(given.json)


if __name__ == "__main__":
    sys.exit(main())
