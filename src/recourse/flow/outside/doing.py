"""This file knows one call to a peer: what is written before it, and what after.

Before anything leaves, the call is written down with the outcome *unknown*. Whoever dies meanwhile
leaves exactly that, and whoever takes over follows it as any other unknown outcome: they ask, or
give the same key again, or leave it to people.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recourse import durable, errands
from recourse.flow.outside.making import command_of, ended, on_channel, open_channels
from recourse.flow.platform import Platform
from recourse.model.commands import Command, Json
from recourse.model.errands import (
    Act,
    Call,
    Channel,
    Errand,
    ErrandKind,
    ErrandState,
    ErrandTry,
    Later,
    PayoutPeer,
    PushSubscription,
    Reach,
)
from recourse.model.events import Event, LedgerPosted, OrderAdmitted, PromiseMade, dotted
from recourse.model.orders import Order
from recourse.model.ports import EventFilter, Record, Transaction
from recourse.model.redress import Notice
from recourse.model.webhooks import Reached, TryOutcome
from recourse.recovery.words import notice_title
from recourse.redress.ledger import settle

__all__ = ["conclude", "line_of", "paid", "prepare"]

_LOOKS_AGAIN = timedelta(seconds=1)
_DIED = Reached(outcome=TryOutcome.UNKNOWN, detail="we died before the answer")
_NOBODY = "there is no way to reach them any more"


@dataclass(frozen=True, slots=True)
class _Found:
    """An errand and what is needed to do it."""

    errand: Errand
    peer: Channel | PayoutPeer | None
    order: Order
    tries: list[ErrandTry]
    line: list[Errand]

    @property
    def is_open(self) -> bool:
        """Whether the thing may have been done without our knowing: whoever can ask, asks."""
        return _is_open(self.tries)


def _is_open(tries: list[ErrandTry]) -> bool:
    """Whether the thing may have been done, after every call so far."""
    is_open = False
    for one in tries:
        reached = Reached(outcome=one.outcome, status=one.status)
        is_open = errands.leaves_open(one.act, reached, was_open=is_open)
    return is_open


def line_of(command: Command) -> str:
    """Who waits for whom: the errands of one order at one peer go one after the other."""
    return f"{command.payload['peer']}/{command.order_id}"


def prepare(tx: Transaction, platform: Platform, command: Command) -> Call | Later | None:
    """Write down that a peer is called now, and return what to say.

    Returns
    -------
    Call, Later or None
        None when there is nothing to say: it came to its end, or it does so here.
    """
    found = _find(tx, platform, command)
    errand, now = found.errand, platform.now()
    if errand.state is not ErrandState.WAITING or command.payload["turn"] != errand.turn:
        return None
    if found.tries and found.tries[-1].ended_at is None:
        _follow(tx, platform, found, _DIED)
        return None
    if not found.is_open and errands.must_wait(errand, line=found.line, now=now):
        return Later(now + _LOOKS_AGAIN)
    call = _call(tx, platform, found)
    if (why := _why_not(found, call, now)) is not None or call is None:
        _end(tx, platform, found, *(why or (ErrandState.REFUSED, _NOBODY)))
        return None
    number = errand.n_tries + 1
    tried = ErrandTry(errand_id=errand.id, number=number, act=call.act, began_at=now)
    tx.record([replace(errand, n_tries=number), tried])
    return call


def _why_not(found: _Found, call: Call | None, now: datetime) -> tuple[ErrandState, str] | None:
    """The end of an errand that is not begun, or not gone on with; None to call."""
    if not found.is_open and errands.is_overtaken(found.errand, line=found.line, now=now):
        return ErrandState.DROPPED, "a newer notice was there first"
    if not found.is_open and now >= found.errand.give_up_at:
        return ErrandState.REFUSED, "nobody took it in time"
    if call is None:
        return (ErrandState.UNKNOWN if found.is_open else ErrandState.REFUSED), _NOBODY
    return None


def conclude(tx: Transaction, platform: Platform, command: Command, reached: Reached) -> None:
    """Write down what came of a call, and what follows: an end, or the next call."""
    found = _find(tx, platform, command)
    if found.errand.state is not ErrandState.WAITING:
        # Somebody settled it meanwhile: what we know now is kept, and changes nothing.
        tx.record([_tried(found, reached, platform.now())])
        return
    _follow(tx, platform, found, reached)


def _follow(tx: Transaction, platform: Platform, found: _Found, reached: Reached) -> None:
    """Go where an answer leads."""
    errand, now, params = found.errand, platform.now(), platform.params.errands
    tried = _tried(found, reached, now)
    gone = [
        replace(one, ended_at=now)
        for one in _live(tx, errand.order_id)
        if one.endpoint in reached.gone
    ]
    tx.record([tried, *gone])
    takes_key = found.peer is not None and found.peer.takes_key
    step = errands.follow(
        tried.act,
        reached,
        takes_key=takes_key,
        can_be_asked=found.peer is not None and found.peer.can_be_asked,
        is_over=now >= errand.give_up_at,
        was_open=_is_open(found.tries[:-1]),
    )
    if step.act is None:
        _end(tx, platform, found, step.state, reached.detail)
        return
    age_s = (now - errand.made_at).total_seconds()
    pauses = durable.RetryParams(
        first_s=params.first_s, cap_s=errands.longest_pause_s(age_s, params=params)
    )
    due_at = durable.retry_at(errand.n_tries, key=errand.id, now=now, params=pauses)
    due_at = max(due_at, now + timedelta(seconds=min(reached.retry_after_s, params.cap_s)))
    if step.act is Act.ASK and not takes_key:
        due_at = max(due_at, now + timedelta(seconds=params.keyless_s))
    errand = replace(errand, turn=errand.turn + 1, detail=reached.detail[:200])
    tx.record([errand], commands=[command_of(errand, due_at=due_at)])


def _tried(found: _Found, reached: Reached, now: datetime) -> ErrandTry:
    """The last call, with what came of it."""
    return replace(
        found.tries[-1],
        outcome=reached.outcome,
        status=reached.status,
        detail=reached.detail[:200],
        ended_at=now,
    )


def _end(
    tx: Transaction, platform: Platform, found: _Found, state: ErrandState, detail: str
) -> None:
    """Bring an errand to an end, with what that means: money is booked, another channel tried."""
    now = platform.now()
    over, event = ended(found.errand, state, now=now, detail=detail[:200])
    values: list[Record] = [over]
    events: list[Event] = [event]
    commands: list[Command] = []
    if state is ErrandState.DONE and over.kind is ErrandKind.PAYOUT:
        more_values, more_events = paid(tx, over, now=now)
        values += more_values
        events += more_events
    if state is ErrandState.REFUSED and over.kind is ErrandKind.NOTICE:
        made = _next_channel(tx, platform, found)
        values += made[0]
        events += made[1]
        commands += made[2]
    tx.record(values, events=events, commands=commands)


def paid(tx: Transaction, errand: Errand, *, now: datetime) -> tuple[list[Record], list[Event]]:
    """What a payout that was done writes into the ledger: owed becomes paid, once."""
    owed = tx.entries([errand.about])[errand.about]
    entry = settle(owed, person_id=errand.person_id, at=now)
    posted = LedgerPosted(
        at=entry.at, key=entry.key, currency=entry.currency, postings=entry.postings
    )
    return [entry], [posted]


def _next_channel(
    tx: Transaction, platform: Platform, found: _Found
) -> tuple[list[Record], list[Event], list[Command]]:
    """The same notice over the next channel, if one certainly did not take it."""
    errand = found.errand
    notices = {one.key: one for _, one in tx.notices(order_id=errand.order_id)}
    notice = notices[errand.about]
    if errands.is_overtaken(errand, line=found.line, now=platform.now()):
        return [], [], []
    channels = open_channels(tx, platform, notice, found.order)
    names = [one.name for one in channels]
    rest = channels[names.index(errand.peer) + 1 :] if errand.peer in names else channels
    tried = {one.peer for one in found.line if one.about == errand.about}
    rest = [one for one in rest if one.name not in tried]
    return on_channel(
        tx,
        platform,
        notice,
        found.order,
        channels=rest,
        promised_by=_relied_on(tx, notice, found.order),
    )


def _relied_on(tx: Transaction, notice: Notice, order: Order) -> datetime:
    """End of the window the customer relied on before a notice: it may itself have made another."""
    wanted = EventFilter(order_id=order.id, kinds=(dotted(OrderAdmitted), dotted(PromiseMade)))
    ends = [
        one.event.promise.latest_at
        for one in tx.events(wanted)
        if isinstance(one.event, OrderAdmitted)
        or (isinstance(one.event, PromiseMade) and one.event.at < notice.sent_at)
    ]
    return ends[-1] if ends else order.promise.latest_at


def _find(tx: Transaction, platform: Platform, command: Command) -> _Found:
    """An errand, its peer, its order, the calls so far, and what else the order has."""
    errand_id = str(command.payload["errand_id"])
    errand = tx.errands([errand_id])[errand_id]
    params = platform.params.errands
    peers: dict[str, Channel | PayoutPeer] = {one.name: one for one in params.channels}
    if params.payouts is not None:
        peers[params.payouts.name] = params.payouts
    return _Found(
        errand=errand,
        peer=peers.get(errand.peer),
        order=tx.orders([errand.order_id])[errand.order_id],
        tries=tx.errand_tries(errand_id),
        line=tx.errands_of(errand.order_id),
    )


def _call(tx: Transaction, platform: Platform, found: _Found) -> Call | None:
    """What is said to the peer now; None when nobody can be reached."""
    errand, peer = found.errand, found.peer
    if peer is None:
        return None
    act = Act.ASK if found.is_open and peer.can_be_asked else Act.SEND
    if isinstance(peer, PayoutPeer):
        return Call(peer=peer.name, act=act, key=errand.id, data=_sum(tx, errand))
    to = _address(tx, peer, found.order)
    if not to and act is Act.SEND:
        return None
    notices = {one.key: one for _, one in tx.notices(order_id=errand.order_id)}
    notice = notices[errand.about]
    data: dict[str, Json] = {
        "title": notice_title(notice.locale),
        "text": notice.text,
        "locale": notice.locale,
        "kind": notice.kind.value,
    }
    return Call(peer=peer.name, act=act, key=errand.id, to=to, data=data)


def _address(tx: Transaction, channel: Channel, order: Order) -> str:
    """Where the customer is reached over a channel, one a line; empty when nowhere any more."""
    if channel.reach is not Reach.PUSH:
        return order.customer.contact
    live = _live(tx, order.id)
    return "\n".join(f"{one.endpoint} {one.p256dh} {one.auth}" for one in live)


def _live(tx: Transaction, order_id: str) -> list[PushSubscription]:
    """The browsers that want to be told about an order."""
    return [one for one in tx.push_subscriptions(order_id) if one.ended_at is None]


def _sum(tx: Transaction, errand: Errand) -> dict[str, Json]:
    """What is said to whoever pays: how much, to whom, why."""
    owed = tx.entries([errand.about])[errand.about]
    cents = -sum(one.amount_cents for one in owed.postings if one.account == errand.person_id)
    return {
        "beneficiary": errand.person_id,
        "amount_cents": cents,
        "currency": owed.currency,
        "kind": errand.what,
        "order_id": errand.order_id,
        "reason": owed.memo,
    }
