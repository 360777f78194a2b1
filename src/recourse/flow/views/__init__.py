"""What people and programs may read: plain data for the doors, decided by nobody here."""

from recourse.flow.views.cases import case_view, cases_view
from recourse.flow.views.errands import errands_in, errands_of
from recourse.flow.views.live import snapshot, tick
from recourse.flow.views.messages import messages, newest_message
from recourse.flow.views.neighbours import neighbours_at
from recourse.flow.views.orders import order_log, order_view, tracked
from recourse.flow.views.remedies import remedies
from recourse.flow.views.routes import path, route_view
from recourse.flow.views.told import told

__all__ = [
    "case_view",
    "cases_view",
    "errands_in",
    "errands_of",
    "messages",
    "neighbours_at",
    "newest_message",
    "order_log",
    "order_view",
    "path",
    "remedies",
    "route_view",
    "snapshot",
    "tick",
    "told",
    "tracked",
]
