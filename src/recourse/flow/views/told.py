"""The log as a merchant reads it: its own orders, in the words of the webhooks."""

from collections.abc import Sequence

from recourse.flow.views.plain import Data, stamp
from recourse.flow.webhooks.relay import order_id_of
from recourse.flow.webhooks.told import data_of, is_told
from recourse.model.events import Recorded, dotted
from recourse.model.ports import Transaction

__all__ = ["told"]


def told(tx: Transaction, page: Sequence[Recorded], merchant_id: str) -> list[Data]:
    """What a merchant may read of a page of the log."""
    about = {one.number: order_id_of(tx, one.event) for one in page if is_told(one.event)}
    orders = tx.orders({order_id for order_id in about.values() if order_id})
    own = {order.id for order in orders.values() if order.merchant_id == merchant_id}
    return [
        {
            "number": one.number,
            "name": dotted(type(one.event)),
            "at": stamp(one.event.at),
            "recorded_at": stamp(one.recorded_at),
            "data": {"order_id": about[one.number], **data_of(one.event)},
        }
        for one in page
        if about.get(one.number, "") in own
    ]
