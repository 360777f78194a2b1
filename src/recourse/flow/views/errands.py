"""What was done outside, as the dispatcher reads it: every errand, every call about it."""

from collections.abc import Collection

from recourse.flow.views.plain import Data, plain
from recourse.model.errands import Errand, ErrandState
from recourse.model.ports import Transaction

__all__ = ["errands_in", "errands_of"]


def errands_in(tx: Transaction, states: Collection[ErrandState], *, limit: int) -> list[Data]:
    """Errands in some states, newest first."""
    return [_line(one) for one in tx.errands_in(states, limit=limit)]


def errands_of(tx: Transaction, order_id: str) -> list[Data]:
    """Every errand of an order with every call about it."""
    return [
        {**_line(one), "tries": [_plain(tried) for tried in tx.errand_tries(one.id)]}
        for one in sorted(tx.errands_of(order_id), key=lambda one: (one.made_at, one.id))
    ]


def _line(errand: Errand) -> Data:
    """An errand without what only we need."""
    data = _plain(errand)
    del data["turn"]
    return data


def _plain(value: object) -> Data:
    data: Data = plain(value)
    del data["version"]
    return data
