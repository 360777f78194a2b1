"""Make good: a closed case gives what is owed, each remedy once, through the ledger."""

from datetime import timedelta

from recourse import redress
from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.events import Event, LedgerPosted, RemedyGranted
from recourse.model.orders import OrderStatus
from recourse.model.ports import Record, Transaction

__all__ = ["pay"]


def pay(tx: Transaction, platform: Platform, command: Command) -> None:
    """Assess what a closed case owes to one beneficiary, and post it."""
    case = tx.cases([command.case_id])[command.case_id]
    owed_to = f"{command.payload['beneficiary']}:"
    order = tx.orders([case.order_id])[case.order_id]
    given = {(r.kind, r.beneficiary_id) for r in tx.remedies(case.id)}
    is_delivered = order.status is OrderStatus.DELIVERED and order.ended_at is not None
    due_at = order.first_promise.latest_at
    late = (order.ended_at - due_at) if is_delivered and order.ended_at else timedelta()
    remedies = redress.assess(
        case,
        order,
        kept=is_delivered and late <= timedelta(),
        late_s=max(int(late.total_seconds()), 0),
        now=platform.now(),
        params=platform.params.redress,
    )
    values: list[Record] = []
    events: list[Event] = []
    for remedy in remedies:
        if not remedy.beneficiary_id.startswith(owed_to):
            continue
        if (remedy.kind, remedy.beneficiary_id) in given:
            continue
        entry = redress.post(remedy)
        values += [remedy, entry]
        events += [
            RemedyGranted(
                at=remedy.granted_at,
                remedy_id=remedy.id,
                case_id=remedy.case_id,
                beneficiary_id=remedy.beneficiary_id,
                kind=remedy.kind,
                amount_cents=remedy.amount_cents,
                currency=remedy.currency,
                rule=remedy.rule,
            ),
            LedgerPosted(
                at=entry.at, key=entry.key, currency=entry.currency, postings=entry.postings
            ),
        ]
    if values:
        tx.record(values, events=events)
