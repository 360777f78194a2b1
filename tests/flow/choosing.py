"""A town where a lost order may be brought in a later slot, or straight for a price."""

from datetime import datetime

from recourse.flow import views
from recourse.model.cases import Case, CaseStatus, Way
from recourse.model.orders import Order, OrderKind
from recourse.model.reasons import ReasonCode
from recourse.recovery import RecoveryParams
from tests.flow.town import Town

__all__ = ["BREAKDOWN", "PRICE_CENTS", "RULES", "decided", "lost_grocery", "slots_of"]

PRICE_CENTS = 1_500
RULES = RecoveryParams(n_slots=3, has_express=True, express_price_cents=PRICE_CENTS)
BREAKDOWN = ReasonCode.VEHICLE_BREAKDOWN


def lost_grocery(town: Town) -> Order:
    """Groceries at the shop, waiting for people: nobody is left who could bring them."""
    town.on_duty("bo")
    order = town.meal(kind=OrderKind.GROCERY, is_perishable=False)
    town.work()
    town.accept("bo")
    town.withdraw("bo", BREAKDOWN)
    town.work()
    assert town.case(order.id).status is CaseStatus.HUMAN
    return order


def slots_of(town: Town, order: Order) -> list[tuple[datetime, datetime]]:
    """The windows on the page."""
    shown = town.do(views.tracked, order.id)["slots"]
    assert {one["way"] for one in shown} <= {"slot"}
    return [
        (
            datetime.fromisoformat(one["slot"]["earliest_at"]),
            datetime.fromisoformat(one["slot"]["latest_at"]),
        )
        for one in shown
    ]


def decided(town: Town, order: Order) -> tuple[CaseStatus, Way]:
    """How its case stands, and by which way."""
    case: Case = town.case(order.id)
    assert case.decision is not None
    return case.status, case.decision.option.way
