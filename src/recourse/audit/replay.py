"""This file knows what the log alone says: every rule is asked at every event."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from recourse.audit import moves
from recourse.audit.chain import Chain
from recourse.audit.reading import Row
from recourse.audit.report import Breach

__all__ = ["Hands", "OrderSeen", "Replay"]

Hearer = Callable[[Row], None]


@dataclass(slots=True)
class Hands:
    """One interval of custody: kind of holder, holder, from, until."""

    custodian: str
    holder_id: str
    from_at: datetime
    until_at: datetime | None = None


@dataclass(slots=True)
class OrderSeen:
    """One order as the log has it."""

    status: str = "created"
    kind: str = ""
    has_ended: bool = False
    hands: list[Hands] = field(default_factory=list)
    live: str = ""
    offered: str = ""
    open_offer: str = ""
    open_case: str = ""
    dropped_by: set[str] = field(default_factory=set)
    lapsed_with: set[str] = field(default_factory=set)
    consents: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class DutySeen:
    """One assignment as the log has it."""

    order_id: str
    courier_id: str
    status: str


@dataclass(slots=True)
class CaseSeen:
    """One case as the log has it."""

    order_id: str
    status: str
    is_open: bool


class Replay:
    """The state of everything, recomputed event by event.

    Parameters
    ----------
    policy : str
        ``"recourse"``; under any other, a courier who dropped an order may be asked again.
    """

    def __init__(self, *, policy: str = "recourse") -> None:
        self.policy = policy
        self.n_events = 0
        self.breaches: list[Breach] = []
        self.orders: dict[str, OrderSeen] = {}
        self.duties: dict[str, DutySeen] = {}
        self.offers: dict[str, str] = {}
        self.cases: dict[str, CaseSeen] = {}
        self.couriers: dict[str, str] = {}
        self.remedies: dict[tuple[str, str, str], int] = {}
        self.entries: dict[str, tuple[tuple[str, int], ...]] = {}
        self.notices: set[str] = set()
        self.refused: set[str] = set()
        self.chain = Chain()
        self.orphans: dict[tuple[str, str], int] = {}
        self.met: set[tuple[str, str, datetime]] = set()
        self._courier_to_courier: list[tuple[Row, str, str]] = []
        self._last = 0
        never = datetime.min.replace(tzinfo=UTC)
        self._row = Row(0, "", never, {}, never, None, "", "")
        self._hears: dict[str, Hearer] = {
            "order.admitted": self._admitted,
            "order.moved": self._moved,
            "order.ended": self._ended,
            "custody.passed": self._passed,
            "consent.given": self._consented,
            "offer.made": self._asked,
            "offer.answered": self._answered,
            "assignment.offered": self._duty_offered,
            "assignment.began": self._duty_began,
            "assignment.ended": self._duty_ended,
            "courier.registered": self._courier_known,
            "courier.moved": self._courier_moved,
            "courier.came_to_light": self._courier_back,
            "stop.completed": self._stop_done,
            "disruption.recognised": self._disrupted,
            "case.opened": self._case_opened,
            "case.moved": self._case_moved,
            "case.closed": self._case_closed,
            "case.reopened": self._case_reopened,
            "remedy.granted": self._granted,
            "remedy.refused": self._refused,
            "ledger.posted": self._posted,
            "notice.sent": self._told,
        }

    def hear(self, row: Row) -> None:
        """Take one event, in the order of the log."""
        self._row = row
        self.n_events += 1
        self._ask(row.number > self._last, "log_numbers_rise", "log", f"after {self._last}")
        self._ask(
            row.number == self._last + 1,
            "log_has_no_gap",
            "log",
            f"{self._last} is followed by {row.number}",
        )
        self._last = row.number
        for rule, detail in self.chain.faults(row):
            self._breach(rule, "log", detail)
        if known := self._hears.get(row.name):
            known(row)

    def finish(self) -> None:
        """Ask what only the whole log can answer: hands of parcels, and who was erased."""
        for number in self.chain.unspoken():
            self.breaches.append(
                Breach(
                    rule="erased_by_a_word",
                    number=number,
                    subject="log",
                    detail="its salt is gone and nobody recorded why",
                )
            )
        for row, order_id, to_courier in self._courier_to_courier:
            self._row = row
            self._ask(
                (order_id, to_courier, row.at) in self.met,
                "couriers_pass_only_at_a_handover",
                order_id,
                f"{to_courier} has it without a completed handover stop",
            )

    def _ask(self, is_well: bool, rule: str, subject: str, detail: str) -> None:  # noqa: FBT001
        """Write a breach down unless all is well."""
        if not is_well:
            self._breach(rule, subject, detail)

    def _breach(self, rule: str, subject: str, detail: str) -> None:
        """Write a breach down."""
        self.breaches.append(
            Breach(rule=rule, number=self._row.number, subject=subject, detail=detail)
        )

    def _order(self, order_id: str) -> OrderSeen:
        """Return the order; one that was never admitted is a breach."""
        if order_id not in self.orders:
            self._breach("order_is_admitted_first", order_id, "never admitted")
            self.orders[order_id] = OrderSeen()
        return self.orders[order_id]

    def _admitted(self, row: Row) -> None:
        data = row.data
        order_id = data["order_id"]
        self._ask(order_id not in self.orders, "order_is_admitted_once", order_id, "again")
        first = Hands(data["custodian"], data["holder_id"], row.at)
        self.orders[order_id] = OrderSeen(kind=data["kind"], hands=[first])

    def _moved(self, row: Row) -> None:
        order_id, was, now = row.data["order_id"], row.data["was"], row.data["now"]
        order = self._order(order_id)
        self._ask(
            order.status == was, "order_state_follows", order_id, f"{order.status}, not {was}"
        )
        self._ask(not order.has_ended, "order_end_is_final", order_id, f"{was} became {now}")
        self._ask(moves.may(moves.ORDER, was, now), "order_move_is_legal", order_id, f"{was}>{now}")
        order.status = now

    def _ended(self, row: Row) -> None:
        order_id, status = row.data["order_id"], row.data["status"]
        order = self._order(order_id)
        self._ask(status in moves.ORDER_ENDS, "order_ends_in_an_end", order_id, status)
        self._ask(order.status == status, "order_state_follows", order_id, f"ended as {status}")
        self._ask(not order.has_ended, "order_ends_once", order_id, status)
        order.has_ended = True
        for key in [key for key in self.orphans if key[1] == order_id]:
            del self.orphans[key]

    def _passed(self, row: Row) -> None:
        data = row.data
        order_id, to, holder_id = data["order_id"], data["to_custodian"], data["to_holder_id"]
        order = self._order(order_id)
        if not order.hands:
            return
        held = order.hands[-1]
        said = (data["from_custodian"], data["from_holder_id"])
        self._ask(
            (held.custodian, held.holder_id) == said,
            "custody_follows",
            order_id,
            f"held by {held.custodian} {held.holder_id}, passed by {' '.join(said)}",
        )
        count = len(order.hands) + 1
        self._ask(data["number"] == count, "custody_counts", order_id, f"{data['number']}")
        self._ask(row.at >= held.from_at, "custody_goes_forward", order_id, f"{held.from_at}")
        is_allowed = moves.may(moves.CUSTODY, held.custodian, to)
        self._ask(is_allowed, "custody_may_pass", order_id, f"{held.custodian} to {to}")
        if held.custodian == to == "courier":
            self._courier_to_courier.append((row, order_id, holder_id))
        if to in {"point", "neighbour"}:
            is_agreed = holder_id in order.consents
            self._ask(is_agreed, f"{to}_needs_consent", order_id, f"{to} {holder_id}")
        held.until_at = row.at
        order.hands.append(Hands(to, holder_id, row.at))

    def _consented(self, row: Row) -> None:
        data = row.data
        self._order(data["order_id"]).consents.setdefault(data["site_id"], data["consent_id"])

    def _asked(self, row: Row) -> None:
        offer_id, courier_id = row.data["offer_id"], row.data["courier_id"]
        self._ask(offer_id not in self.offers, "offer_is_made_once", offer_id, "again")
        self.offers[offer_id] = "open"
        for order_id in row.data["order_ids"]:
            order = self._order(order_id)
            self._ask(not order.open_offer, "one_open_offer", order_id, f"{order.open_offer} open")
            order.open_offer = offer_id
            self._never_again(order, order_id, courier_id)

    def _never_again(self, order: OrderSeen, order_id: str, courier_id: str) -> None:
        """Ask that an order is not put to a courier who dropped it."""
        if self.policy == "recourse":
            dropped = order.dropped_by | order.lapsed_with
            detail = f"{courier_id} dropped it"
            self._ask(courier_id not in dropped, "never_asked_again", order_id, detail)

    def _answered(self, row: Row) -> None:
        offer_id, answer = row.data["offer_id"], row.data["answer"]
        was = self.offers.get(offer_id, "unknown")
        self._ask(was == "open", "offer_is_answered_once", offer_id, f"{was} before {answer}")
        self.offers[offer_id] = answer
        for order_id in row.data["order_ids"]:
            order = self._order(order_id)
            if order.open_offer == offer_id:
                order.open_offer = ""

    def _duty_offered(self, row: Row) -> None:
        duty_id, order_id = row.data["assignment_id"], row.data["order_id"]
        order = self._order(order_id)
        self._ask(not order.offered, "one_offered_assignment", order_id, f"{order.offered} too")
        order.offered = duty_id
        self.duties[duty_id] = DutySeen(order_id, row.data["courier_id"], "offered")

    def _duty_began(self, row: Row) -> None:
        duty_id, order_id = row.data["assignment_id"], row.data["order_id"]
        courier_id = row.data["courier_id"]
        order, known = self._order(order_id), self.duties.get(duty_id)
        if known is not None:
            self._ask(
                moves.may(moves.ASSIGNMENT, known.status, "active"),
                "assignment_move_is_legal",
                duty_id,
                f"{known.status}>active",
            )
            self._ask(known.courier_id == courier_id, "assignment_stays", duty_id, courier_id)
        self._ask(not order.live, "one_live_assignment", order_id, f"{order.live} is live")
        self._ask(not order.has_ended, "no_duty_after_the_end", order_id, duty_id)
        self._never_again(order, order_id, courier_id)
        order.live = duty_id
        order.offered = "" if order.offered == duty_id else order.offered
        self.duties[duty_id] = DutySeen(order_id, courier_id, "active")

    def _duty_ended(self, row: Row) -> None:
        duty_id, status = row.data["assignment_id"], row.data["status"]
        duty = self.duties.get(duty_id)
        if duty is None:
            self._breach("assignment_begins_first", duty_id, status)
            return
        is_legal = moves.may(moves.ASSIGNMENT, duty.status, status)
        self._ask(is_legal, "assignment_move_is_legal", duty_id, f"{duty.status}>{status}")
        duty.status = status
        order = self._order(duty.order_id)
        order.live = "" if order.live == duty_id else order.live
        order.offered = "" if order.offered == duty_id else order.offered
        if status == "withdrawn":
            order.dropped_by.add(duty.courier_id)
        if status == "lapsed":
            order.lapsed_with.add(duty.courier_id)

    def _courier_known(self, row: Row) -> None:
        self.couriers.setdefault(row.data["courier_id"], "")

    def _courier_moved(self, row: Row) -> None:
        courier_id, was, now = row.data["courier_id"], row.data["was"], row.data["now"]
        # A courier is registered in any state; the first move says which it was.
        known = self.couriers.get(courier_id) or was
        self._ask(known == was, "courier_state_follows", courier_id, f"{known}, not {was}")
        is_legal = moves.may(moves.COURIER, was, now)
        self._ask(is_legal, "courier_move_is_legal", courier_id, f"{was}>{now}")
        self.couriers[courier_id] = now

    def _courier_back(self, row: Row) -> None:
        for order in self.orders.values():
            order.lapsed_with.discard(row.data["courier_id"])

    def _stop_done(self, row: Row) -> None:
        if row.data["kind"] == "take":
            courier_id = row.data["courier_id"]
            self.met |= {(order_id, courier_id, row.at) for order_id in row.data["order_ids"]}

    def _disrupted(self, row: Row) -> None:
        broke: dict[str, Any] = row.data["disruption"]
        for order_id in (*broke["orphaned"], *broke["held"]):
            self.orphans[broke["id"], order_id] = row.number

    def _case_opened(self, row: Row) -> None:
        case_id, order_id = row.data["case_id"], row.data["order_id"]
        order = self._order(order_id)
        others = order.open_case not in {"", case_id}
        self._ask(not others, "one_open_case", order_id, f"{order.open_case} is open")
        order.open_case = case_id
        known = self.cases.get(case_id)
        if known is None:
            self.cases[case_id] = CaseSeen(order_id, "deciding", is_open=True)
        self.orphans.pop((row.data["disruption_id"], order_id), None)

    def _case_moved(self, row: Row) -> None:
        case_id, was, now = row.data["case_id"], row.data["was"], row.data["now"]
        case = self.cases.get(case_id)
        if case is None:
            self._breach("case_opens_first", case_id, now)
            return
        self._ask(case.status == was, "case_state_follows", case_id, f"{case.status}, not {was}")
        self._ask(moves.may(moves.CASE, was, now), "case_move_is_legal", case_id, f"{was}>{now}")
        case.status = now

    def _case_closed(self, row: Row) -> None:
        case_id = row.data["case_id"]
        case = self.cases.get(case_id)
        if case is None:
            self._breach("case_opens_first", case_id, "closed")
            return
        self._ask(case.is_open, "case_closes_once", case_id, "closed before")
        self._ask(case.status == "closed", "case_state_follows", case_id, case.status)
        case.is_open = False
        order = self._order(case.order_id)
        order.open_case = "" if order.open_case == case_id else order.open_case

    def _case_reopened(self, row: Row) -> None:
        case_id, order_id, was = row.data["case_id"], row.data["order_id"], row.data["was"]
        order, case = self._order(order_id), self.cases.get(case_id)
        if case is None:
            self._breach("case_opens_first", case_id, "reopened")
            return
        self._ask(not case.is_open, "case_reopens_closed", case_id, case.status)
        self._ask(order.has_ended, "order_reopens_ended", order_id, order.status)
        self._ask(
            order.status == was, "order_state_follows", order_id, f"{order.status}, not {was}"
        )
        self._ask(was in moves.REOPENS, "order_end_is_final", order_id, f"{was} was reopened")
        self._ask(bool(row.data["why"]), "reopening_has_a_reason", order_id, "none")
        order.status, order.has_ended, order.open_case = "recovering", False, case_id
        case.is_open = True

    def _granted(self, row: Row) -> None:
        data = row.data
        key = (data["case_id"], data["kind"], data["beneficiary_id"])
        self._ask(key not in self.remedies, "one_remedy", data["case_id"], " ".join(key[1:]))
        self._ask(data["amount_cents"] > 0, "remedy_is_positive", data["case_id"], key[1])
        is_refused = data["remedy_id"] in self.refused
        self._ask(not is_refused, "refused_stays_refused", data["case_id"], data["remedy_id"])
        self.remedies[key] = data["amount_cents"]

    def _refused(self, row: Row) -> None:
        self.refused.add(row.data["remedy_id"])

    def _posted(self, row: Row) -> None:
        key = row.data["key"]
        lines = tuple((line["account"], line["amount_cents"]) for line in row.data["postings"])
        self._ask(key not in self.entries, "entry_is_posted_once", key, "again")
        total = sum(cents for _, cents in lines)
        self._ask(total == 0 and len(lines) > 1, "ledger_sums_to_zero", key, f"sum {total}")
        self.entries[key] = lines

    def _told(self, row: Row) -> None:
        key = row.data["key"]
        self._ask(key not in self.notices, "notice_is_sent_once", key, "again")
        self.notices.add(key)
