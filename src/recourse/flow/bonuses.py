"""Bonuses: extra pay goes with a question, from a budget, and is paid once the order is brought.

It is reserved with the question, promised with the yes, and paid or given back with the end of the
duty; each step lies in the transaction of what it goes with.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from recourse import bonuses
from recourse.flow import outside
from recourse.flow.demands import demands_of
from recourse.flow.geo import metres
from recourse.flow.learn import catch_up_answers
from recourse.flow.platform import Platform
from recourse.model.assignments import Assignment, AssignmentStatus, Offer
from recourse.model.bonuses import BONUS_ENDS, Bonus, BonusState
from recourse.model.entitlements import Budget
from recourse.model.events import AssignmentEnded, BonusEnded, BonusWeighed, Event, LedgerPosted
from recourse.model.orders import Order, OrderStatus
from recourse.model.places import Place
from recourse.model.ports import Record, Transaction
from recourse.model.redress import RemedyKind

__all__ = ["Purse", "Stake", "give_back", "hear_assignment_ended", "promise"]

_SLASHES_OF_A_DAY = 2
_NO_YES = frozenset({AssignmentStatus.DECLINED, AssignmentStatus.OFFER_EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What goes with one question, and why so much.

    Attributes
    ----------
    each_cents : int
        For each of its orders.
    asked : Asked
        The question.
    price : float
        What a cent had to save, in cents.
    """

    each_cents: int
    asked: bonuses.Asked
    price: float


class Purse:
    """The budgets of one unit of work: what one question takes, the next one no longer finds.

    They are rows that are written by compare-and-set: of two units of work that take the last of
    one, one is second, and decides again on what is left.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        Budgets, model and clock.

    Attributes
    ----------
    platform : Platform
        The same.
    """

    def __init__(self, tx: Transaction, platform: Platform) -> None:
        self._tx, self.platform = tx, platform
        self._budgets: dict[str, Budget] = {}

    def stake(self, courier_id: str, wanted: Sequence[Order]) -> Stake | None:
        """Decide what extra pay goes with a question.

        Parameters
        ----------
        courier_id : str
            Who is asked.
        wanted : sequence of Order
            For what; never empty.

        Returns
        -------
        Stake or None
            None where nobody set a budget.
        """
        params = self.platform.params.bonuses
        if params.day_cents is None:
            return None
        params = replace(params, model=catch_up_answers(self._tx, self.platform))
        n_drawing = Counter(id_ for order in wanted for id_ in self._ids(order))
        self._open(list(n_drawing))
        # Budgets of several merchants bind together: what is dear to one of them is dear.
        price = max(self._price(order) for order in wanted)
        left_cents = min(self._left_cents(id_) // n for id_, n in n_drawing.items())
        asked = _asked(self._tx, self.platform, courier_id, wanted)
        each_cents = bonuses.choose_bonus(
            asked, price=price, left_cents=left_cents * len(wanted), params=params
        )
        return Stake(each_cents=each_cents, asked=asked, price=price)

    def take(
        self, stake: Stake, found: Mapping[str, Order], asked: Sequence[Assignment]
    ) -> tuple[list[Record], list[Event]]:
        """Take what goes with a question from its budgets.

        Parameters
        ----------
        stake : Stake
            What was decided.
        found : dict of str to Order
            The orders that are asked for.
        asked : sequence of Assignment
            The question about each of them.

        Returns
        -------
        tuple of list of record and list of Event
            The budgets and bonuses, none where nothing goes with it, and what says why so much.
        """
        events: list[Event] = [
            _weighed(self.platform, stake, found[one.order_id], one) for one in asked
        ]
        if not stake.each_cents:
            return [], events
        drawn = {id_ for one in asked for id_ in self._ids(found[one.order_id])}
        values: list[Record] = []
        for one in asked:
            for id_ in self._ids(found[one.order_id]):
                was = self._budgets[id_]
                self._budgets[id_] = replace(was, used=was.used + stake.each_cents)
            values.append(self._bonus(stake, found[one.order_id], one))
        return [*(self._budgets[id_] for id_ in sorted(drawn)), *values], events

    def _bonus(self, stake: Stake, order: Order, asked: Assignment) -> Bonus:
        """The row of one order."""
        day_id, *merchant_ids = self._ids(order)
        return Bonus(
            assignment_id=asked.id,
            order_id=order.id,
            courier_id=asked.courier_id,
            amount_cents=stake.each_cents,
            currency=order.currency,
            budget_id=day_id,
            merchant_budget_id=merchant_ids[0] if merchant_ids else "",
            stage=stake.asked.stage,
            made_at=asked.began_at,
        )

    def _ids(self, order: Order) -> list[str]:
        """Names of the budgets an order draws on: of the day, and of its merchant where bound."""
        day = self.platform.now().astimezone(self.platform.zone).date().isoformat()
        name = f"bonus/{day}/{order.currency}"
        is_bound = self.platform.params.bonuses.merchant_day_cents is not None
        return [name, f"{name}/{order.merchant_id}"] if is_bound else [name]

    def _open(self, ids: Sequence[str]) -> None:
        """Read budgets; one nothing was taken from yet is new.

        What is set is in force at once; below what was used it gives no more that day.
        """
        params = self.platform.params.bonuses
        unread = [id_ for id_ in ids if id_ not in self._budgets]
        known = self._tx.budgets(unread)
        for id_ in unread:
            is_merchants = id_.count("/") > _SLASHES_OF_A_DAY
            most = (params.merchant_day_cents if is_merchants else params.day_cents) or 0
            was = known.get(id_) or Budget(id=id_, most=most, used=0)
            self._budgets[id_] = replace(was, most=max(most, was.used))

    def _left_cents(self, id_: str) -> int:
        """What a budget still has."""
        return self._budgets[id_].most - self._budgets[id_].used

    def _price(self, order: Order) -> float:
        """What a cent for an order must save: the multipliers of its budgets, added up."""
        params = self.platform.params.bonuses
        pace = bonuses.pace_share(self.platform.now(), self.platform.zone, params)
        drawn = [self._budgets[id_] for id_ in self._ids(order)]
        return sum(bonuses.price_of(one.used, one.most, pace=pace, params=params) for one in drawn)


def _weighed(platform: Platform, stake: Stake, order: Order, one: Assignment) -> BonusWeighed:
    """What the log says of a question: how much goes with it, and why so much."""
    asked = stake.asked
    amounts = np.array([stake.each_cents * asked.n_orders, 0])
    p_yes, p_without = bonuses.p_accept(
        asked, amounts, model=platform.params.bonuses.model
    ).tolist()
    return BonusWeighed(
        at=one.began_at,
        assignment_id=one.id,
        order_id=order.id,
        courier_id=one.courier_id,
        offer_id=one.offer_id,
        amount_cents=stake.each_cents,
        currency=order.currency,
        stage=asked.stage,
        n_orders=asked.n_orders,
        pickup_m=round(asked.pickup_m),
        local_h=round(asked.local_h, 2),
        price=round(stake.price, 4),
        p_yes=round(p_yes, 4),
        p_yes_without=round(p_without, 4),
    )


def promise(tx: Transaction, offer: Offer, asked: Sequence[Assignment]) -> list[Record]:
    """Return the bonuses of an accepted offer as promised: the budgets stay as they are."""
    if not offer.bonus_cents:
        return []
    found = tx.bonuses([one.id for one in asked])
    return [replace(bonus, state=BonusState.PROMISED) for bonus in found.values()]


def give_back(
    tx: Transaction, platform: Platform, offer: Offer, asked: Sequence[Assignment]
) -> tuple[list[Record], list[Event]]:
    """Return the bonuses of an offer without a yes as released, and their budgets without them.

    Returns
    -------
    tuple of list of record and list of Event
        Empty where nothing went with the offer.
    """
    if not offer.bonus_cents:
        return [], []
    found = tx.bonuses([one.id for one in asked if one.offer_id == offer.id])
    return _released(tx, platform, [one for one in found.values() if one.state not in BONUS_ENDS])


def hear_assignment_ended(tx: Transaction, platform: Platform, event: Event) -> None:
    """Pay the bonus of who brought the order; any other end gives it back to its budgets."""
    ended = cast("AssignmentEnded", event)
    bonus = tx.bonuses([ended.assignment_id]).get(ended.assignment_id)
    if bonus is None or bonus.state in BONUS_ENDS:
        return
    if ended.status is AssignmentStatus.COMPLETED:
        _pay(tx, platform, bonus)
    else:
        values, events = _released(tx, platform, [bonus])
        tx.record(values, events=events)


def _ended(platform: Platform, bonus: Bonus, state: BonusState) -> tuple[Bonus, BonusEnded]:
    """A bonus as it ended, and what says so."""
    told = BonusEnded(
        at=platform.now(),
        assignment_id=bonus.assignment_id,
        order_id=bonus.order_id,
        courier_id=bonus.courier_id,
        amount_cents=bonus.amount_cents,
        currency=bonus.currency,
        state=state,
    )
    return replace(bonus, state=state, ended_at=platform.now()), told


def _released(
    tx: Transaction, platform: Platform, given: Sequence[Bonus]
) -> tuple[list[Record], list[Event]]:
    """Return bonuses as given back, and their budgets."""
    ids = {id_ for one in given for id_ in (one.budget_id, one.merchant_budget_id) if id_}
    budgets = tx.budgets(ids)
    values: list[Record] = []
    events: list[Event] = []
    for bonus in given:
        for id_ in filter(None, (bonus.budget_id, bonus.merchant_budget_id)):
            was = budgets[id_]
            budgets[id_] = replace(was, used=was.used - bonus.amount_cents)
        over, told = _ended(platform, bonus, BonusState.RELEASED)
        values.append(over)
        events.append(told)
    return [*budgets.values(), *values], events


def _pay(tx: Transaction, platform: Platform, bonus: Bonus) -> None:
    """Post a bonus, and have it paid out where somebody pays couriers."""
    paid, told = _ended(platform, bonus, BonusState.PAID)
    entry = bonuses.earn(bonus, at=platform.now())
    posted = LedgerPosted(
        at=entry.at, key=entry.key, currency=entry.currency, postings=entry.postings
    )
    payouts = platform.params.errands.payouts
    values, events, commands = outside.pay_out(
        platform,
        entry,
        person_id=f"courier:{bonus.courier_id}",
        what=RemedyKind.COURIER_PAY,
        rank=next(outside.ranks(tx, bonus.order_id, payouts.name if payouts else "")),
        order_id=bonus.order_id,
    )
    tx.record([paid, entry, *values], events=[told, posted, *events], commands=commands)


def _asked(
    tx: Transaction, platform: Platform, courier_id: str, wanted: Sequence[Order]
) -> bonuses.Asked:
    """What the answer to a question depends on."""
    now = platform.now().astimezone(platform.zone)
    runs = [_without_yes(tx.assignments_of(order.id)) for order in wanted]
    seen = tx.progress([courier_id]).get(courier_id)
    pickup = demands_of(tx, platform, wanted[:1])[0].pickup
    return bonuses.Asked(
        stage=max(len(run) for run in runs),
        n_orders=len(wanted),
        pickup_m=metres(Place(lon=seen.lon, lat=seen.lat), pickup) if seen and pickup else 0.0,
        local_h=now.hour + now.minute / 60,
        is_after_loss=any(order.status is OrderStatus.RECOVERING for order in wanted),
        last_cents=max((one.bonus_cents for run in runs for one in run), default=0),
    )


def _without_yes(asked: Sequence[Assignment]) -> list[Assignment]:
    """Who was asked since somebody last carried the order, and did not say yes."""
    carried = [i for i, one in enumerate(asked) if one.accepted_at is not None]
    since = asked[carried[-1] + 1 :] if carried else asked
    return [one for one in since if one.status in _NO_YES]
