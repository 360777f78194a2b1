# ruff: noqa: RUF001 - Chinese has its own commas and colons
"""One timeline of an order in two voices: what a customer may know, and all a dispatcher must.

The customer reads what was told and where the order stands; of a cause only its public group. The
dispatcher reads every event, and of a decision every option with its price or its reason.
"""

from collections.abc import Iterator, Mapping

from recourse import planning
from recourse.flow.order import find
from recourse.flow.views.plain import Data, plain, stamp
from recourse.model.events import (
    CaseDecided,
    CaseOpened,
    CourierWithdrew,
    CustomerChose,
    Event,
    NoticeSent,
    OrderAdmitted,
    OrderMoved,
    dotted,
)
from recourse.model.orders import Order, OrderStatus
from recourse.model.ports import EventFilter, Transaction
from recourse.model.reasons import REASONS

__all__ = ["customer_story", "dispatcher_story"]

_S = OrderStatus
_MILESTONES: Mapping[str, Mapping[OrderStatus, str]] = {
    "en": {
        _S.SCHEDULED: "It is planned for a later round.",
        _S.ASSIGNED: "A courier has it to bring.",
        _S.PICKED_UP: "The courier has picked it up.",
        _S.DROPOFF_ARRIVED: "The courier is at the door.",
        _S.DELIVERED: "It was delivered.",
        _S.RECOVERING: "It lost its courier; another way is being found.",
        _S.AVAILABLE_FOR_PICKUP: "It is ready at the pickup point.",
        _S.ATTEMPT_FAILED: "It could not be handed over.",
        _S.RETURN_IN_PROGRESS: "It is being brought back.",
        _S.RETURNED: "It was brought back.",
        _S.CANCELED: "The order was ended.",
        _S.FAILED: "It could not be delivered.",
        _S.LOST: "It could not be found again.",
        _S.EXPIRED: "The order ran out of time.",
    },
    "zh": {
        _S.SCHEDULED: "订单已安排在稍后的批次配送。",
        _S.ASSIGNED: "已有配送员负责配送。",
        _S.PICKED_UP: "配送员已取货。",
        _S.DROPOFF_ARRIVED: "配送员已到达。",
        _S.DELIVERED: "订单已送达。",
        _S.RECOVERING: "原配送员无法完成配送，正在安排其他方式。",
        _S.AVAILABLE_FOR_PICKUP: "订单已到自提点，可以领取。",
        _S.ATTEMPT_FAILED: "未能完成交付。",
        _S.RETURN_IN_PROGRESS: "订单正在送回。",
        _S.RETURNED: "订单已送回。",
        _S.CANCELED: "订单已结束。",
        _S.FAILED: "订单未能送达。",
        _S.LOST: "订单物品未能找回。",
        _S.EXPIRED: "订单已超时失效。",
    },
}
_ADMITTED = {"en": "We took your order on.", "zh": "我们已接受您的订单。"}
_CHOSE = {"en": "You made your choice.", "zh": "您已作出选择。"}


def customer_story(tx: Transaction, order_id: str, *, locale: str = "") -> list[Data]:
    """Tell an order as its customer may read it.

    Parameters
    ----------
    tx : Transaction
        To read in.
    order_id : str
        Which order.
    locale : str
        ``"zh"`` or ``"en"``; empty for the customer's own.

    Returns
    -------
    list of dict
        ``at``, ``text`` and, where a courier was lost, the public ``group`` of the cause.
    """
    order = find(tx, order_id)
    locale = "zh" if (locale or order.customer.locale) == "zh" else "en"
    lines = []
    for _, event in _events(tx, order):
        text, group = _said(event, locale)
        if text or group:
            lines.append({"at": stamp(event.at), "text": text, "group": group})
    return lines


def _said(event: Event, locale: str) -> tuple[str, str]:
    """What an event says to a customer, and the public group of a cause; empty for nothing."""
    match event:
        case OrderAdmitted():
            return _ADMITTED[locale], ""
        case OrderMoved(now=now):
            return _MILESTONES[locale].get(now, ""), ""
        case NoticeSent(text=text):
            return text, ""
        case CustomerChose():
            return _CHOSE[locale], ""
        case CaseOpened(cause=cause):
            return "", REASONS[cause].public.value
    return "", ""


def dispatcher_story(tx: Transaction, order_id: str) -> list[Data]:
    """Tell an order with everything that is known of it.

    Parameters
    ----------
    tx : Transaction
        To read in.
    order_id : str
        Which order.

    Returns
    -------
    list of dict
        ``number``, ``at``, ``name``, ``data``; a decision has its ``option`` with its price and
        the ``reasons`` of all that lost, in Chinese and English.
    """
    order = find(tx, order_id)
    lines = []
    for number, event in _events(tx, order):
        line: Data = {
            "number": number,
            "at": stamp(event.at),
            "name": dotted(type(event)),
            "data": plain(event),
        }
        if isinstance(event, CaseDecided):
            lost = event.decision.rejections
            names = {c.id: c.name for c in tx.couriers({one.courier_id for one in lost}).values()}
            line["option"] = plain(event.decision.option)
            line["reasons"] = [
                {
                    "way": one.way.value,
                    "en": planning.explain(one, locale="en", names=names),
                    "zh": planning.explain(one, locale="zh", names=names),
                }
                for one in lost
            ]
        lines.append(line)
    return lines


def _events(tx: Transaction, order: Order) -> Iterator[tuple[int, Event]]:
    """What happened to an order, and the withdrawals that cost it a courier, oldest first."""
    found = {one.number: one.event for one in tx.events(_of(order.id))}
    cases = [e for e in found.values() if isinstance(e, CaseOpened)]
    for courier_id in {case.from_courier_id for case in cases} - {""}:
        wanted = EventFilter(courier_id=courier_id, kinds=(dotted(CourierWithdrew),), limit=5_000)
        instants = {case.at for case in cases if case.from_courier_id == courier_id}
        found |= {one.number: one.event for one in tx.events(wanted) if one.event.at in instants}
    yield from sorted(found.items())


def _of(order_id: str) -> EventFilter:
    return EventFilter(order_id=order_id, limit=5_000)
