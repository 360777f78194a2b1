"""What phones and customers receive: one feed, read by a gateway that carries many of them."""

from collections.abc import Iterator

from recourse.flow.platform import Platform
from recourse.flow.views.plain import Data, stamp
from recourse.model.events import (
    Event,
    NoticeSent,
    OfferAnswered,
    OfferMade,
    Recorded,
    RiskRose,
    RouteChanged,
    dotted,
)
from recourse.model.ports import EventFilter, Transaction

__all__ = ["messages", "newest_message"]

_KINDS = tuple(
    dotted(kind) for kind in (OfferMade, OfferAnswered, RouteChanged, NoticeSent, RiskRose)
)


def newest_message(platform: Platform) -> int:
    """Return the number of the newest message, for whoever wonders whether to read.

    Only the part of the log written since the last call is looked at.

    Returns
    -------
    int
        0 before the first.
    """
    newest, looked_until = platform.messages_until
    found, looked_until = platform.store.newest(_KINDS, after=looked_until)
    newest = found or newest
    platform.messages_until = (newest, looked_until)
    return newest


def messages(tx: Transaction, *, after: int, limit: int, courier_id: str = "") -> Data:
    """Return the messages after a number, oldest first, and the number to ask after next.

    Parameters
    ----------
    tx : Transaction
        To read in.
    after : int
        Number of the last message already read; 0 at first.
    limit : int
        At most so many events are looked at.
    courier_id : str, optional
        Only what is for this courier.

    Returns
    -------
    dict
        ``messages`` and ``next``.
    """
    found = tx.events(EventFilter(after=after, kinds=_KINDS, limit=limit))
    whom = {f"courier:{courier_id}"} if courier_id else set()
    spoken = [message for one in found for message in _spoken(one)]
    return {
        "messages": [one for one in spoken if not whom or one["to"] in whom],
        "next": found[-1].number if found else after,
    }


def _spoken(recorded: Recorded) -> Iterator[Data]:
    """Each message that one event becomes."""
    to, kind, data = _addressed(recorded.event)
    yield {
        "number": recorded.number,
        "to": to,
        "kind": kind,
        "data": data,
        "at": stamp(recorded.event.at),
    }


def _addressed(event: Event) -> tuple[str, str, Data]:
    """To whom an event speaks, as what, and what it says."""
    match event:
        case OfferMade():
            return (
                f"courier:{event.courier_id}",
                "offer",
                {
                    "offer_id": event.offer_id,
                    "order_ids": list(event.order_ids),
                    "deadline_at": stamp(event.deadline_at),
                    "pay_cents": event.pay_cents,
                    "bonus_cents": event.bonus_cents,
                    "overtime_s": event.overtime_s,
                },
            )
        case OfferAnswered():
            return (
                f"courier:{event.courier_id}",
                "offer_over",
                {"offer_id": event.offer_id, "answer": event.answer.value},
            )
        case RouteChanged():
            return (
                f"courier:{event.courier_id}",
                "route",
                {"version": event.version, "why": event.why},
            )
        case NoticeSent():
            return (
                f"customer:{event.order_id}",
                "notice",
                {
                    "kind": event.kind.value,
                    "text": event.text,
                    "latest_at": stamp(event.latest_at),
                },
            )
        case RiskRose():
            return (
                f"courier:{event.courier_id}",
                "prompt",
                {"signs": list(event.signs), "p_drop": round(event.p_drop, 4)},
            )
        case _:
            message = f"{dotted(type(event))} speaks to nobody"
            raise TypeError(message)
