"""Make good: a closed case gives what is owed, each remedy once, through the ledger."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from recourse import redress
from recourse.flow import outside
from recourse.flow.platform import Platform
from recourse.model.cases import Case
from recourse.model.commands import Command
from recourse.model.events import Event, LedgerPosted, RemedyGranted, RemedyProposed
from recourse.model.ports import EventFilter, Record, Transaction
from recourse.model.reasons import REASONS
from recourse.model.redress import NoticeKind, Remedy

__all__ = ["granting", "pay", "payout_ranks"]


def pay(tx: Transaction, platform: Platform, command: Command) -> None:
    """Assess what a closed case owes to one beneficiary, and post it."""
    case = tx.cases([command.case_id])[command.case_id]
    owed_to = f"{command.payload['beneficiary']}:"
    order = tx.orders([case.order_id])[case.order_id]
    given = {(r.kind, r.beneficiary_id) for r in tx.remedies(case.id)}
    kept, late_s = redress.lateness(order)
    now = platform.now()
    remedies = redress.assess(
        case,
        order,
        kept=kept,
        late_s=late_s,
        now=now,
        policy=platform.params.redress,
        history=_given_lately(tx, platform).history(
            order.customer.id, currency=order.currency, now=now
        ),
    )
    values: list[Record] = []
    events: list[Event] = []
    commands: list[Command] = []
    ranks = payout_ranks(tx, platform, case)
    for remedy in remedies:
        if not remedy.beneficiary_id.startswith(owed_to):
            continue
        if (remedy.kind, remedy.beneficiary_id) in given:
            continue
        if _wants_four_eyes(platform, remedy):
            events.append(RemedyProposed(at=now, remedy=remedy, case_id=case.id))
            continue
        more = granting(platform, case, remedy, ranks=ranks)
        values += more[0]
        events += more[1]
        commands += more[2]
    if events:
        tx.record(values, events=events, commands=commands)


def _wants_four_eyes(platform: Platform, remedy: Remedy) -> bool:
    """Whether a dispatcher must say yes first."""
    least_cents = platform.params.redress.limits.four_eyes_from_cents
    return least_cents is not None and remedy.amount_cents >= least_cents


def granting(
    platform: Platform,
    case: Case,
    remedy: Remedy,
    *,
    ranks: Iterator[int],
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
    values, events, commands = outside.pay_out(
        platform,
        entry,
        person_id=remedy.beneficiary_id,
        what=remedy.kind,
        rank=next(ranks),
        order_id=case.order_id,
        case_id=case.id,
    )
    commands += _told(platform, case, remedy)
    return [remedy, entry, *values], [granted, posted, *events], commands


def payout_ranks(tx: Transaction, platform: Platform, case: Case) -> Iterator[int]:
    """Places for what is paid out for a case, after what its order was paid already."""
    payouts = platform.params.errands.payouts
    return outside.ranks(tx, case.order_id, payouts.name if payouts else "")


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
            },
            order_id=case.order_id,
            case_id=case.id,
        )
    ]


def _given_lately(tx: Transaction, platform: Platform) -> redress.Given:
    """Bring the account of what was given up to the log; only what is new is read."""
    given = platform.given
    wanted = EventFilter(after=given.mark, kinds=("remedy.granted",))
    while found := tx.events(wanted):
        events = [cast("RemedyGranted", one.event) for one in found]
        given.add((e.at, e.beneficiary_id, e.kind, e.amount_cents, e.currency) for e in events)
        given.mark = found[-1].number
        wanted = replace(wanted, after=given.mark)
    return given
