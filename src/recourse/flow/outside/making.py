"""This file knows which errands a notice and a debt make, in the transaction that makes them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from recourse import errands
from recourse.flow.platform import Platform
from recourse.model.commands import ERRAND, Command
from recourse.model.errands import Channel, Errand, ErrandKind, ErrandState
from recourse.model.events import ErrandEnded, Event
from recourse.model.orders import Order
from recourse.model.ports import Record, Transaction
from recourse.model.redress import Entry, Notice, RemedyKind

__all__ = [
    "Made",
    "command_of",
    "ended",
    "hand_on",
    "on_channel",
    "open_channels",
    "pay_out",
    "ranks",
]

Made = tuple[list[Record], list[Event], list[Command]]
_DAY = timedelta(days=1)


def hand_on(
    tx: Transaction, platform: Platform, notice: Notice, order: Order, *, promised_by: datetime
) -> Made:
    """Make the errand that hands a notice to the preferred channel of its customer.

    Parameters
    ----------
    tx : Transaction
        To read in.
    platform : Platform
        Whose channels count.
    notice : Notice
        What is told.
    order : Order
        About which order.
    promised_by : datetime
        End of the window the customer relied on before.

    Returns
    -------
    tuple of (list of Record, list of Event, list of Command)
        To be recorded with the notice; empty lists when only the page tells them.
    """
    if not platform.params.errands.channels:
        return [], [], []
    channels = open_channels(tx, platform, notice, order)
    return on_channel(tx, platform, notice, order, channels=channels, promised_by=promised_by)


def open_channels(
    tx: Transaction, platform: Platform, notice: Notice, order: Order
) -> list[Channel]:
    """Channels that can carry a notice, the preferred first."""
    channels = platform.params.errands.channels
    has_push = any(one.ended_at is None for one in tx.push_subscriptions(order.id))
    return errands.channels_for(order, notice.kind, channels=channels, has_push=has_push)


def on_channel(
    tx: Transaction,
    platform: Platform,
    notice: Notice,
    order: Order,
    *,
    channels: Sequence[Channel],
    promised_by: datetime,
) -> Made:
    """Make the errand for the first of some channels: at once, after quiet hours, or dropped."""
    if not channels:
        return [], [], []
    channel, now = channels[0], platform.now()
    due_at = errands.quiet_until(channel, now, zone=platform.zone)
    if due_at is None or errands.is_urgent(
        notice.kind, promised_by=promised_by, quiet_end_at=due_at
    ):
        due_at = now
    person_id = f"customer:{order.customer.id}"
    rank = next(ranks(tx, order.id, channel.name))
    made = Errand(
        id=f"{notice.key}@{channel.name}",
        kind=ErrandKind.NOTICE,
        peer=channel.name,
        about=notice.key,
        what=notice.kind.value,
        order_id=order.id,
        case_id=notice.case_id,
        person_id=person_id,
        rank=rank,
        state=ErrandState.WAITING,
        made_at=now,
        due_at=due_at,
        give_up_at=due_at + timedelta(seconds=platform.params.errands.notice_s),
    )
    lately = tx.errands_for(person_id, since_at=now - _DAY)
    if _is_first(lately, notice) or not errands.is_over_cap(channel, lately, now):
        return [made], [], [command_of(made, due_at=due_at)]
    dropped = ended(made, ErrandState.DROPPED, now=now, detail="told often enough lately")
    return [dropped[0]], [dropped[1]], []


def _is_first(lately: Sequence[Errand], notice: Notice) -> bool:
    """Whether a case has told its customer nothing yet: the first notice passes every cap."""
    return bool(notice.case_id) and all(one.case_id != notice.case_id for one in lately)


def pay_out(
    platform: Platform,
    entry: Entry,
    *,
    person_id: str,
    what: RemedyKind,
    rank: int,
    order_id: str,
    case_id: str = "",
) -> Made:
    """Make the errand that pays out what an entry of the ledger says is owed to a person.

    Parameters
    ----------
    platform : Platform
        Who pays is among its parameters; nobody leaves it at the ledger.
    entry : Entry
        Credits the person.
    person_id : str
        Their account, e.g. ``"customer:c-7"``.
    what : RemedyKind
        What is given.
    rank : int
        Place among the payouts of this order, from `ranks`.
    order_id, case_id : str
        Which order it makes good; the case, or empty.

    Returns
    -------
    tuple of (list of Record, list of Event, list of Command)
        To be recorded with the entry; empty lists when nobody pays this kind out.
    """
    payouts = platform.params.errands.payouts
    if payouts is None or (payouts.kinds and what.value not in payouts.kinds):
        return [], [], []
    now = platform.now()
    made = Errand(
        id=f"{entry.key}@{payouts.name}",
        kind=ErrandKind.PAYOUT,
        peer=payouts.name,
        about=entry.key,
        what=what.value,
        order_id=order_id,
        case_id=case_id,
        person_id=person_id,
        rank=rank,
        state=ErrandState.WAITING,
        made_at=now,
        due_at=now,
        give_up_at=now + timedelta(seconds=platform.params.errands.payout_s),
    )
    return [made], [], [command_of(made, due_at=now)]


def ranks(tx: Transaction, order_id: str, peer: str) -> Iterator[int]:
    """Count on from the errands an order has at a peer.

    Parameters
    ----------
    tx : Transaction
        To read in.
    order_id, peer : str
        Which order, which peer; an empty peer for nobody.

    Returns
    -------
    iterator of int
        The next free places.
    """
    known = [one.rank for one in tx.errands_of(order_id) if one.peer == peer] if peer else []
    return count(max(known, default=0) + 1)


def command_of(errand: Errand, *, due_at: datetime) -> Command:
    """The command that does an errand; every turn has a key of its own."""
    return Command(
        key=f"errand/{errand.id}/{errand.turn}",
        name=ERRAND,
        due_at=due_at,
        payload={"errand_id": errand.id, "peer": errand.peer, "turn": errand.turn},
        order_id=errand.order_id,
        case_id=errand.case_id,
    )


def ended(
    errand: Errand, state: ErrandState, *, now: datetime, detail: str
) -> tuple[Errand, ErrandEnded]:
    """An errand at its end, and the event that says so."""
    over = replace(errand, state=state, detail=detail, ended_at=now)
    event = ErrandEnded(
        at=now,
        errand_id=errand.id,
        kind=errand.kind,
        peer=errand.peer,
        what=errand.what,
        state=state,
        order_id=errand.order_id,
        case_id=errand.case_id,
        detail=detail,
    )
    return over, event
