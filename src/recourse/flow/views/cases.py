"""A case as the dispatcher reads it: where it stands, and why every other way lost."""

from recourse import planning
from recourse.flow.platform import Platform
from recourse.flow.views.errands import errands_of
from recourse.flow.views.orders import order_log
from recourse.flow.views.plain import Data, plain, stamp
from recourse.model.cases import Case
from recourse.model.errors import NotFound
from recourse.model.ports import Transaction

__all__ = ["case_view", "cases_view"]


def cases_view(tx: Transaction) -> list[Data]:
    """The open cases, oldest first, as one line each."""
    return [_line(case) for case in tx.open_cases()]


def _line(case: Case) -> Data:
    """A case without its decision's losers."""
    option = case.decision.option if case.decision else None
    return {
        "id": case.id,
        "order_id": case.order_id,
        "disruption_id": case.disruption_id,
        "status": case.status.value,
        "cause": case.cause.value,
        "from_courier_id": case.from_courier_id,
        "held_by": case.held_by,
        "opened_at": stamp(case.opened_at),
        "promised_by": stamp(case.promised_by),
        "new_courier_at": stamp(case.new_courier_at),
        "closed_at": stamp(case.closed_at),
        "outcome": case.outcome,
        "way": option.way.value if option else None,
        "to_courier_id": option.courier_id if option else "",
        "arrival_at": stamp(option.arrival_at) if option else None,
    }


def case_view(tx: Transaction, platform: Platform, case_id: str) -> Data:
    """A case whole, its reasons in Chinese and English.

    Returns
    -------
    dict
        Plain data.

    Raises
    ------
    NotFound
        If there is no such case.
    """
    case = tx.cases([case_id]).get(case_id)
    if case is None:
        raise NotFound(kind="case", id=case_id)
    rejections = case.decision.rejections if case.decision else ()
    names = {c.id: c.name for c in tx.couriers({r.courier_id for r in rejections}).values()}
    return {
        **_line(case),
        "excluded": list(case.excluded),
        "decision": plain(case.decision),
        "reasons": [
            {
                "way": lost.way.value,
                "loss": lost.loss.value,
                "courier_id": lost.courier_id,
                "amount": lost.amount,
                "en": planning.explain(lost, locale="en", names=names),
                "zh": planning.explain(lost, locale="zh", names=names),
            }
            for lost in rejections
        ],
        "remedies": [plain(remedy) for remedy in tx.remedies(case_id)],
        "errands": errands_of(tx, case.order_id),
        "log": order_log(tx, case.order_id),
        "zone": platform.zone.key,
    }
