"""This file knows, once more and on its own, which state may follow which.

Written from the words of the product, not from the tables it judges: a slip in either shows as a
difference. Everything is plain text, as the log has it.
"""

__all__ = [
    "ASSIGNMENT",
    "CASE",
    "COURIER",
    "CUSTODY",
    "LIVE",
    "ORDER",
    "ORDER_ENDS",
    "REOPENS",
    "may",
]


def _table(text: str) -> dict[str, frozenset[str]]:
    """Read lines of ``state: next next ...``."""
    rows = (line.partition(":") for line in text.strip().splitlines())
    return {state.strip(): frozenset(rest.split()) for state, _, rest in rows}


def may(table: dict[str, frozenset[str]], was: str, now: str) -> bool:
    """Whether a table lets one state follow another."""
    return now in table.get(was, frozenset())


ORDER = _table("""
created: scheduled dispatching assigned expired canceled failed
scheduled: dispatching assigned expired canceled failed
dispatching: scheduled assigned recovering expired canceled failed
assigned: pickup_enroute pickup_arrived picked_up recovering scheduled canceled failed
pickup_enroute: pickup_arrived picked_up recovering canceled failed
pickup_arrived: picked_up recovering canceled failed
picked_up: dropoff_enroute dropoff_arrived delivered available_for_pickup recovering lost \
return_in_progress failed
dropoff_enroute: dropoff_arrived delivered available_for_pickup attempt_failed recovering lost \
return_in_progress failed
dropoff_arrived: delivered attempt_failed available_for_pickup recovering lost \
return_in_progress failed
recovering: scheduled assigned picked_up return_in_progress available_for_pickup lost expired \
canceled failed
available_for_pickup: delivered return_in_progress expired canceled
attempt_failed: dropoff_enroute recovering return_in_progress available_for_pickup canceled failed
return_in_progress: assigned scheduled returned recovering lost
""")
ORDER_ENDS = frozenset({"delivered", "returned", "canceled", "failed", "lost", "expired"})
# Ends that a recorded word may undo.
REOPENS = frozenset({"canceled", "failed", "lost", "expired"})
LIVE = frozenset({"accepted", "active"})
ASSIGNMENT = _table("""
offered: accepted active declined offer_expired revoked
accepted: active completed withdrawn revoked lapsed transferred
active: completed withdrawn revoked lapsed transferred
""")
CASE = _table("""
deciding: offering awaiting_customer carried waiting human closed
offering: deciding awaiting_customer carried waiting human closed
awaiting_customer: deciding offering carried waiting human closed
carried: waiting closed deciding human
waiting: closed deciding carried human
human: carried closed deciding
closed: deciding
""")
_AT_WORK = "idle active delayed fatigue_warning rest_required on_break"
_GONE = "unavailable signal_lost sos offline"
COURIER = _table(
    "\n".join(f"{state}: {_AT_WORK} {_GONE}" for state in _AT_WORK.split())
    + """
offline: idle unavailable
unavailable: idle offline sos signal_lost
signal_lost: idle active offline unavailable sos
sos: unavailable offline idle
"""
)
# From whose hands a parcel may go into whose.
CUSTODY = _table("""
merchant: courier station customer
station: courier customer merchant
courier: customer courier station merchant point neighbour
point: customer courier
customer: courier
""")
