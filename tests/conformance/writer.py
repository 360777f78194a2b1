"""Write units of work until killed, and say after each that it is written.

Run as ``python -m tests.conformance.writer URL FIRST``.
"""

import sys

from tests.conformance.day import Day
from tests.conformance.values import opened


def main() -> None:
    url, first = sys.argv[1], int(sys.argv[2])
    with opened(url) as store:
        day = Day(store)
        number = first
        while True:
            day.admit(f"o-{number}")
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            number += 1


if __name__ == "__main__":
    main()
