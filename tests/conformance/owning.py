"""Own an area and write, one order for every line that comes in, until killed or refused.

Run as ``python -m tests.conformance.owning URL``; it says what is written, and what is refused.
"""

import sys

from recourse.model.errors import LeaseLost
from tests.conformance.day import Day
from tests.conformance.values import NOON, opened

AREA, LEASE_S = "vancouver", 60


def main() -> None:
    with opened(sys.argv[1]) as store:
        store.own(AREA, owner="the first", now=NOON, lease_s=LEASE_S)
        day = Day(store)
        for number, _ in enumerate(sys.stdin):
            try:
                day.admit(f"o-{number}")
                said = str(number)
            except LeaseLost:
                said = "refused"
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()
            if said == "refused":
                return


if __name__ == "__main__":
    main()
