"""This file knows what must hold when the log ends: nothing is lost, nothing waits for nobody."""

import json
from collections.abc import Iterator
from typing import Any

from recourse.audit.replay import CaseSeen, OrderSeen, Replay
from recourse.audit.report import Breach

__all__ = ["breaches_at_the_end"]

_CARRIED = frozenset(
    {
        "assigned",
        "pickup_enroute",
        "pickup_arrived",
        "picked_up",
        "dropoff_enroute",
        "dropoff_arrived",
    }
)
_HANDS_AT_THE_END = {
    "delivered": frozenset({"customer", "neighbour"}),
    "returned": frozenset({"merchant", "station"}),
}


def breaches_at_the_end(seen: Replay, commands: list[dict[str, Any]]) -> Iterator[Breach]:
    """Ask what must hold when nothing more has happened yet.

    Parameters
    ----------
    seen : Replay
        The state after the last event.
    commands : list of dict
        Commands that are not done: key, name, payload, order_id, case_id.

    Yields
    ------
    Breach
        Without an event number: the end of the log shows it.
    """
    waits = _Waits(commands)
    for order_id, order in seen.orders.items():
        yield from _order(seen, order_id, order, waits)
    for (disruption_id, order_id), number in seen.orphans.items():
        if number not in waits.heard_later:
            yield _breach("orphan_gets_a_case", order_id, f"lost by {disruption_id}")
    for case_id, case in seen.cases.items():
        if case.is_open and not _is_waiting(seen, case_id, case, waits):
            yield _breach("open_case_waits_for_something", case_id, case.status)


class _Waits:
    """What is still to be done, by what it concerns."""

    def __init__(self, commands: list[dict[str, Any]]) -> None:
        self.case_ids = {one["case_id"] for one in commands}
        self.case_ids |= {one["key"].partition("/")[0] for one in commands}
        self.order_ids = {one["order_id"] for one in commands}
        self.names = {one["name"] for one in commands}
        self.heard_later = {
            _payload(one).get("number") for one in commands if one["name"] == "hear"
        }
        for one in commands:
            listed = _payload(one).get("case_ids")
            self.case_ids.update(listed if isinstance(listed, list) else ())


def _payload(command: dict[str, Any]) -> dict[str, Any]:
    """Payload of a command, whether the driver has parsed it or not."""
    payload = command["payload"]
    parsed: dict[str, Any] = json.loads(payload) if isinstance(payload, str) else payload
    return parsed


def _breach(rule: str, subject: str, detail: str) -> Breach:
    return Breach(rule=rule, number=0, subject=subject, detail=detail)


def _order(seen: Replay, order_id: str, order: OrderSeen, waits: _Waits) -> Iterator[Breach]:
    """Every order is carried, looked after, or finished in the right hands."""
    if order.status in _CARRIED and not order.live:
        yield _breach("nothing_is_lost", order_id, f"{order.status}, and nobody carries it")
    is_orphan = any(key[1] == order_id for key in seen.orphans)
    if order.status == "recovering" and not (order.open_case or order.live or is_orphan):
        yield _breach("nothing_is_lost", order_id, "recovering without a case")
    if order.has_ended and order.live:
        yield _breach("no_duty_after_the_end", order_id, f"{order.live} is live")
    if order.has_ended and order.hands:
        allowed = _HANDS_AT_THE_END.get(order.status)
        if order.kind == "return" and order.status == "delivered":
            allowed = _HANDS_AT_THE_END["returned"]
        holder = order.hands[-1].custodian
        if allowed is not None and holder not in allowed:
            yield _breach("it_ends_in_the_right_hands", order_id, f"{order.status} with {holder}")


def _is_waiting(seen: Replay, case_id: str, case: CaseSeen, waits: _Waits) -> bool:
    """Whether somebody, or a timer, will take an open case on."""
    order = seen.orders[case.order_id]
    if case.status == "human" or case_id in waits.case_ids:
        return True
    if case.status == "carried":
        return bool(order.live)
    if case.status == "offering":
        return bool(order.open_offer)
    if case.status == "waiting":
        return case.order_id in waits.order_ids or bool({"wave", "dispatch"} & waits.names)
    return False
