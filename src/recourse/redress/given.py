"""This file knows what was given lately: by day, and to whom."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo

from recourse.model.redress import RemedyKind
from recourse.redress.facts import History
from recourse.redress.policy import OWED, RemedyPolicy

__all__ = ["Given", "days_back"]

_LATELY_DAYS = 30
_LATELY = timedelta(days=_LATELY_DAYS)
_Grant = tuple[datetime, str, RemedyKind, int, str]


class Given:
    """A running account of what was given, from which the history of a customer is read.

    Parameters
    ----------
    zone : tzinfo
        Where a day begins and ends.
    days : int, optional
        How far back it goes; what is older is forgotten.
    mark : int, optional
        Number of the last event of the log before that.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> given = Given(UTC)
    >>> given.add([(noon, "customer:c-7", RemedyKind.COUPON, 500, "CNY")])
    >>> given.history("c-7", currency="CNY", now=noon + timedelta(hours=20))
    History(spent_today_cents=0, n_given_30d=1, given_30d_cents=500, tenant_today_cents=0)
    """

    def __init__(self, zone: tzinfo, *, days: int = _LATELY_DAYS, mark: int = 0) -> None:
        self._zone = zone
        self.days = days
        self._by_day: defaultdict[tuple[date, str, str], int] = defaultdict(int)
        self._to: defaultdict[tuple[str, str], deque[tuple[datetime, int]]] = defaultdict(deque)
        self._noted: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
        self.mark = mark
        """Number of the newest event of the log that was taken in, for whoever reads one."""
        self.order_mark = mark
        """The same for the orders that are counted."""

    def add(self, grants: Iterable[_Grant], *, merchant_id: str = "") -> None:
        """Take in what was given, oldest first: when, to whom, which kind, minor units, currency.

        Couriers' pay is no gift to a customer and is passed over.
        """
        for at, beneficiary_id, kind, amount_cents, currency in grants:
            if kind is RemedyKind.COURIER_PAY:
                continue
            if kind not in OWED:
                day = at.astimezone(self._zone).date()
                self._by_day[day, currency, ""] += amount_cents
                if merchant_id:
                    self._by_day[day, currency, merchant_id] += amount_cents
            self._to[beneficiary_id, currency].append((at, amount_cents))

    def note(self, keys: Mapping[str, str], *, at: datetime) -> None:
        """Take in that a remedy or an order counts for these, oldest first."""
        oldest_at = at - timedelta(days=self.days)
        for by, key in keys.items():
            if key:
                noted = self._noted[by, key]
                noted.append(at)
                if noted[0] < oldest_at:
                    del noted[: bisect_left(noted, oldest_at)]

    def count(self, by: str, key: str, since_at: datetime) -> int:
        """How many a key had since an instant."""
        noted = self._noted.get((by, key), [])
        return len(noted) - bisect_left(noted, since_at)

    def history(
        self, customer_id: str, *, currency: str, now: datetime, merchant_id: str = ""
    ) -> History:
        """Return what is known before a remedy for this customer is decided."""
        to = self._to[f"customer:{customer_id}", currency]
        while to and to[0][0] < now - _LATELY:
            to.popleft()
        day = now.astimezone(self._zone).date()
        return History(
            spent_today_cents=self._by_day[day, currency, ""],
            n_given_30d=len(to),
            given_30d_cents=sum(amount_cents for _, amount_cents in to),
            tenant_today_cents=self._by_day[day, currency, merchant_id] if merchant_id else 0,
        )


def days_back(policy: RemedyPolicy) -> int:
    """How many days of what was given a policy asks about."""
    return max([_LATELY_DAYS, *(limit.days for limit in policy.abuse)])
