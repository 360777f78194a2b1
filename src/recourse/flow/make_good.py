"""Make good: a closed case gives what is owed, each remedy once, through the ledger."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import cast

from recourse import redress
from recourse.flow import outside
from recourse.flow.counting import counted
from recourse.flow.entitlements import ended, entitling, guarantees, stock_left, taking
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.flow.refunds import meeting_at, still_owed
from recourse.model.cases import Case
from recourse.model.commands import Command
from recourse.model.entitlements import EntitlementState
from recourse.model.events import (
    Event,
    LedgerPosted,
    OrderAdmitted,
    RemedyGranted,
    RemedyProposed,
    RemedyWithheld,
    dotted,
)
from recourse.model.orders import Order
from recourse.model.ports import EventFilter, Record, Transaction
from recourse.model.reasons import REASONS
from recourse.model.redress import NoticeKind, Remedy, RemedyKind
from recourse.redress.abuse import held_back, keys_of
from recourse.redress.facts import History
from recourse.redress.given import days_back
from recourse.redress.policy import OWED, RemedyPolicy, is_goodwill

__all__ = ["granting", "history_of", "pay", "payout_ranks"]


def pay(tx: Transaction, platform: Platform, command: Command) -> None:
    """Assess what a closed case owes to one beneficiary, and post it."""
    case = tx.cases([command.case_id])[command.case_id]
    owed_to = f"{command.payload['beneficiary']}:"
    order = tx.orders([case.order_id])[case.order_id]
    given = {(r.kind, r.beneficiary_id) for r in tx.remedies(case.id)}
    kept, late_s = redress.lateness(order)
    now, policy = platform.now(), rules_of(tx, platform, case).redress
    history = history_of(tx, platform, order, policy)
    remedies = redress.assess(
        case,
        order,
        kept=kept,
        late_s=late_s,
        now=now,
        policy=policy,
        history=history,
    )
    values: list[Record] = []
    events: list[Event] = []
    commands: list[Command] = []
    ranks = payout_ranks(tx, platform, case)
    for assessed in remedies:
        remedy = still_owed(tx, order, assessed)
        if remedy is None or not remedy.beneficiary_id.startswith(owed_to):
            continue
        if (remedy.kind, remedy.beneficiary_id) in given:
            continue
        told = _waits(platform, policy, case, order, remedy)
        if told:
            events += told
            continue
        more = granting(tx, platform, case, remedy, policy=policy, ranks=ranks, history=history)
        values += more[0]
        events += more[1]
        commands += more[2]
    if events:
        tx.record(values, events=events, commands=commands)


def _waits(
    platform: Platform, policy: RemedyPolicy, case: Case, order: Order, remedy: Remedy
) -> list[Event]:
    """What is written of a remedy that is not given now: held back, or for a second look."""
    now = platform.now()
    proposed = RemedyProposed(at=now, remedy=remedy, case_id=case.id)
    why, is_asked = "", False
    if is_goodwill(remedy):
        keys, count = keys_of(case, order), platform.given.count
        why, is_asked = held_back(policy.abuse, keys, count=count, now=now)
    if why:
        withheld = RemedyWithheld(
            at=now,
            case_id=case.id,
            order_id=order.id,
            remedy=remedy,
            why=why,
            is_asked=is_asked,
        )
        return [withheld, proposed] if is_asked else [withheld]
    return [proposed] if _wants_four_eyes(policy, remedy) else []


def history_of(tx: Transaction, platform: Platform, order: Order, policy: RemedyPolicy) -> History:
    """Return what is known before a remedy for the customer of an order is decided."""
    now = platform.now()
    known = _given_lately(tx, platform, policy).history(
        order.customer.id, currency=order.currency, now=now, merchant_id=order.merchant_id
    )
    return replace(
        known,
        stock_left=stock_left(tx, policy),
        has_guarantee=bool(guarantees(tx, order, now=now)),
    )


def _wants_four_eyes(policy: RemedyPolicy, remedy: Remedy) -> bool:
    """Whether a dispatcher must say yes first."""
    least_cents = policy.limits.four_eyes_from_cents
    return least_cents is not None and remedy.amount_cents >= least_cents


def granting(
    tx: Transaction,
    platform: Platform,
    case: Case,
    remedy: Remedy,
    *,
    policy: RemedyPolicy,
    ranks: Iterator[int],
    history: History,
    approved_by: str = "",
) -> tuple[list[Record], list[Event], list[Command]]:
    """Return what giving a remedy writes: the remedy, its entry, its payout, the notice of it."""
    entry = redress.post(remedy)
    granted = RemedyGranted(
        at=remedy.granted_at,
        remedy_id=remedy.id,
        case_id=remedy.case_id,
        beneficiary_id=remedy.beneficiary_id,
        kind=remedy.kind,
        amount_cents=remedy.amount_cents,
        currency=remedy.currency,
        rule=remedy.rule,
        approved_by=approved_by,
    )
    posted = LedgerPosted(
        at=entry.at, key=entry.key, currency=entry.currency, postings=entry.postings
    )
    order = tx.orders([case.order_id])[case.order_id]
    values, events, commands = entitling(order, remedy)
    if not values:
        values, events, commands = outside.pay_out(
            platform,
            entry,
            person_id=remedy.beneficiary_id,
            what=remedy.kind,
            rank=next(ranks),
            order_id=case.order_id,
            case_id=case.id,
        )
    values += meeting_at(order, remedy)
    values += taking(tx, platform, order, remedy, policy=policy, history=history)
    values += _counting(tx, platform, policy, case, order, remedy)
    if remedy.kind is RemedyKind.REFUND and history.has_guarantee:
        now = platform.now()
        used = ended(guarantees(tx, order, now=now)[0], EntitlementState.USED, now=now)
        values += used[0]
        events += used[1]
    commands += _told(platform, case, remedy)
    return [remedy, entry, *values], [granted, posted, *events], commands


def _counting(
    tx: Transaction,
    platform: Platform,
    policy: RemedyPolicy,
    case: Case,
    order: Order,
    remedy: Remedy,
) -> list[Record]:
    """Return the counters of whoever is counted: who gives to the same one at once meets there.

    How many there were is counted from the log, which knows all that was ever given; of two who
    count at one instant the second is refused by these rows, and counts again.

    Returns
    -------
    list of Record
        Empty where the policy counts nobody, and for what is owed.
    """
    if not is_goodwill(remedy):
        return []
    keys = keys_of(case, order)
    wanted = {"person" if one.by == "share" else one.by for one in policy.abuse}
    return [counted(tx, platform, by, keys[by]) for by in sorted(wanted) if keys[by]]


def payout_ranks(tx: Transaction, platform: Platform, case: Case) -> Iterator[int]:
    """Places for what is paid out for a case, after what its order was paid already."""
    payouts = platform.params.errands.payouts
    return outside.ranks(tx, case.order_id, payouts.name if payouts else "")


def _until(remedy: Remedy) -> str:
    """Until when what is no money may be claimed."""
    return (remedy.granted_at + timedelta(days=remedy.days)).isoformat()


def _told(platform: Platform, case: Case, remedy: Remedy) -> list[Command]:
    """The notice that tells a customer what was given; the baselines tell nobody."""
    is_customers = remedy.beneficiary_id.startswith("customer:")
    if not is_customers or platform.params.recovery.policy != "recourse":
        return []
    return [
        Command(
            key=f"{remedy.id}/notice",
            name="notice",
            due_at=platform.now(),
            payload={
                "kind": NoticeKind.REMEDY.value,
                "group": REASONS[case.cause].public.value,
                "amount_cents": remedy.amount_cents,
                "remedy": remedy.kind.value,
                **({"item": remedy.item} if remedy.item else {}),
                **({"until_at": _until(remedy)} if remedy.days else {}),
            },
            order_id=case.order_id,
            case_id=case.id,
        )
    ]


def _given_lately(tx: Transaction, platform: Platform, policy: RemedyPolicy) -> redress.Given:
    """Bring the account of what was given up to the log; only what is new and counts is read."""
    days = days_back(policy)
    if platform.given.days < days:
        # A log of years is not read from its beginning; a day more, for clocks that differ.
        mark = tx.number_at(platform.now() - timedelta(days=days + 1))
        platform.given = redress.Given(platform.zone, days=days, mark=mark)
    given = platform.given
    wanted = EventFilter(after=given.mark, kinds=(dotted(RemedyGranted),))
    while found := tx.events(wanted):
        granted = [cast("RemedyGranted", one.event) for one in found]
        # What is owed is in no budget and under no limit: its case and order, most of the work,
        # are not read. Those of goodwill are, whatever this policy asks: the next may ask more.
        cases = tx.cases({one.case_id for one in granted if one.kind not in OWED})
        orders = tx.orders({case.order_id for case in cases.values()})
        for one in granted:
            case = cases.get(one.case_id)
            order = orders.get(case.order_id) if case else None
            line = (one.at, one.beneficiary_id, one.kind, one.amount_cents, one.currency)
            given.add([line], merchant_id=order.merchant_id if order else "")
            if case and order and one.kind not in OWED:
                keys = {by: key for by, key in keys_of(case, order).items() if by != "orders"}
                given.note(keys, at=one.at)
        given.mark = found[-1].number
        wanted = replace(wanted, after=given.mark)
    if any(limit.by == "share" for limit in policy.abuse):
        _count_orders(tx, given)
    return given


def _count_orders(tx: Transaction, given: redress.Given) -> None:
    """Count the orders of every customer up to the log; only what is new is read."""
    wanted = EventFilter(after=given.order_mark, kinds=(dotted(OrderAdmitted),))
    while found := tx.events(wanted):
        admitted = [cast("OrderAdmitted", one.event) for one in found]
        orders = tx.orders([one.order_id for one in admitted])
        for one in admitted:
            order = orders[one.order_id]
            given.note({"orders": f"{order.merchant_id}/{order.customer.id}"}, at=one.at)
        given.order_mark = found[-1].number
        wanted = replace(wanted, after=given.order_mark)
