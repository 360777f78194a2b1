"""Whatever people do in whatever order: nothing is lost, hands are real, twice is once."""

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recourse.adapters.store import migrate
from recourse.flow import disrupt, offers, roster, stops
from recourse.model.assignments import ASSIGNMENT_LIVE
from recourse.model.cases import Way
from recourse.model.couriers import ON_DUTY
from recourse.model.errors import Conflict, Forbidden, RecourseError
from recourse.model.orders import ORDER_ENDS, OrderStatus
from recourse.model.places import SiteKind
from recourse.model.reasons import ReasonCode
from recourse.model.routes import StopKind, StopStatus
from tests.flow.town import Town, at

COURIERS = {"bo": at(2, 2), "mei": at(5, 3), "wu": at(1, 1)}
CODES = st.sampled_from(
    [
        ReasonCode.COURIER_TOO_FAR,
        ReasonCode.COURIER_OVERLOADED,
        ReasonCode.VEHICLE_BREAKDOWN,
        ReasonCode.COURIER_ILLNESS,
        ReasonCode.COURIER_EMERGENCY,
    ]
)
NTH = st.integers(min_value=0, max_value=5)
DOORS = st.tuples(st.integers(0, 7), st.integers(0, 7))


class Flow(RuleBasedStateMachine):
    """Two couriers on demand and one of the station, on SQLite."""

    @initialize()
    def begin(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self._folder.name) / 'store.db'}"
        migrate(url)
        self.town = town = Town(url)
        town.site("kitchen", SiteKind.MERCHANT, at(2, 2))
        town.site("station", SiteKind.STATION, at(1, 1))
        town.site("point", SiteKind.POINT, at(4, 4))
        town.on_duty("bo", COURIERS["bo"])
        town.on_duty("mei", COURIERS["mei"])
        town.of_station("wu", COURIERS["wu"])
        self.ids = [town.meal(f"n-{n}", at(6, n)).id for n in range(2)]
        town.work()
        for offer in town.open_offers():
            town.do(offers.accept, offer.id)

    def busy(self, nth: int) -> str:
        """One of the couriers on duty who have a stop to make; empty if nobody has."""
        town = self.town
        found = [who for who in COURIERS if town.route(who).stops and town.state(who) in ON_DUTY]
        return found[nth % len(found)] if found else ""

    def teardown(self) -> None:
        town = self.town
        town.wait(60)
        town.check()
        town.close()
        self._folder.cleanup()

    # -- merchants and customers ----------------------------------------------------------

    @precondition(lambda self: len(self.ids) < 6)
    @rule(door=DOORS, is_meal=st.booleans())
    def ask(self, door: tuple[int, int], is_meal: bool) -> None:
        name = f"n-{len(self.ids)}"
        asked = (self.town.meal if is_meal else self.town.parcel)(name, at(*door))
        again = (self.town.meal if is_meal else self.town.parcel)(name, at(*door))
        assert again.id == asked.id
        self.ids.append(asked.id)

    @precondition(lambda self: self.ids)
    @rule(nth=NTH)
    def cancel(self, nth: int) -> None:
        order_id = self.ids[nth % len(self.ids)]
        before = self.town.order(order_id)
        try:
            after = self.town.cancel(order_id)
        except Forbidden:
            assert self.town.order(order_id) == before
        else:
            assert after.status in ORDER_ENDS
            assert self.town.cancel(order_id).status is after.status

    @precondition(lambda self: self.ids)
    @rule(nth=NTH, way=st.sampled_from([Way.COURIER, Way.NEXT_DAY, Way.REFUND, Way.PICKUP_POINT]))
    def choose(self, nth: int, way: Way) -> None:
        site_id = "point" if way is Way.PICKUP_POINT else ""
        with suppress(Conflict):
            self.town.choose(self.ids[nth % len(self.ids)], way, site_id)

    @rule(way=st.sampled_from([Way.COURIER, Way.HANDOVER, Way.BRING_BACK, Way.REFUND]))
    def settle(self, way: Way) -> None:
        for case in self.town.read(lambda tx: tx.open_cases())[:1]:
            with suppress(Conflict):
                self.town.settle(case.id, way)

    # -- couriers -------------------------------------------------------------------------

    @rule(is_yes=st.booleans())
    def answer(self, is_yes: bool) -> None:
        for offer in self.town.open_offers()[:1]:
            if is_yes:
                self.town.do(offers.accept, offer.id)
            else:
                self.town.do(offers.decline, offer.id, code=ReasonCode.COURIER_TOO_FAR)
            with suppress(Conflict):
                self.town.do(offers.accept, offer.id)
                message = "an offer was answered twice"
                raise AssertionError(message)

    @rule(nth=NTH, is_whole=st.sampled_from([True, True, False]))
    def visit(self, nth: int, is_whole: bool) -> None:
        town, who = self.town, self.busy(nth)
        if not who:
            return
        stop = town.next_stop(who)
        if stop.status is not StopStatus.STARTED:
            town.whereabouts[who] = stop.place
            town.do(stops.reach, who, stop.id)
        town.do(stops.reach, who, stop.id)
        if (
            stop.from_courier_id
            and town.holder(stop.order_ids[0]).holder_id != stop.from_courier_id
        ):
            return
        if stop.kind is StopKind.GIVE:
            with suppress(Forbidden):
                town.do(stops.complete, who, stop.id)
                message = "a parcel was given to nobody"
                raise AssertionError(message)
            return
        scanned = None if is_whole else stop.order_ids[:1]
        town.do(stops.complete, who, stop.id, scanned=scanned)
        with suppress(RecourseError):
            town.do(stops.complete, who, stop.id)
            message = "a stop was completed twice"
            raise AssertionError(message)

    @rule(nth=NTH)
    def fail(self, nth: int) -> None:
        town, who = self.town, self.busy(nth)
        if not who:
            return
        stop = town.next_stop(who)
        town.whereabouts[who] = stop.place
        town.ping(who)
        town.do(stops.reach, who, stop.id)
        town.contact(who)
        town.wait(town.platform.params.attempt.wait_s)
        # Much may have happened in the meantime, to this stop as well.
        with suppress(RecourseError):
            town.do(stops.fail, who, stop.id, code=ReasonCode.CUSTOMER_UNREACHABLE)
        town.work()

    @rule(nth=NTH, code=CODES)
    def withdraw(self, nth: int, code: ReasonCode) -> None:
        if who := self.busy(nth):
            self.town.do(disrupt.withdraw, who, code=code)

    @rule()
    def come_back(self) -> None:
        for who in COURIERS:
            with suppress(RecourseError):
                self.town.do(roster.duty, who, on=True)

    # -- time -----------------------------------------------------------------------------

    @rule()
    def work(self) -> None:
        self.town.work()

    @rule(minutes=st.sampled_from([1, 2, 3, 15, 60]), silent=st.sampled_from(["", "", "bo", "wu"]))
    def wait(self, minutes: int, silent: str) -> None:
        self.town.wait(timedelta(minutes=minutes).total_seconds(), silent=[silent])

    # -- what always holds ----------------------------------------------------------------

    @invariant()
    def nothing_is_lost(self) -> None:
        town = self.town
        cases = {case.order_id for case in town.read(lambda tx: tx.open_cases())}
        for one in town.read(lambda tx: tx.orders(self.ids)).values():
            looked_for = one.status in {
                OrderStatus.CREATED,
                OrderStatus.SCHEDULED,
                OrderStatus.DISPATCHING,
            }
            is_ended = one.status in ORDER_ENDS
            heard = self._is_being_heard(one.id)
            assert is_ended or looked_for or town.carrier(one.id) or one.id in cases or heard, one

    def _is_being_heard(self, order_id: str) -> bool:
        """Whether the disruption that took an order has not been heard yet."""
        return (
            self.town.order(order_id).status is OrderStatus.RECOVERING
            and (self.town.store.next_due_at() or self.town.now) <= self.town.now
        )

    @invariant()
    def one_carrier_at_most(self) -> None:
        for order_id in self.ids:
            live = [d for d in self.town.duties(order_id) if d.status in ASSIGNMENT_LIVE]
            assert len(live) <= 1

    @invariant()
    def routes_hold_what_is_carried_or_brought_back(self) -> None:
        town = self.town
        for who in COURIERS:
            for stop in town.route(who).stops:
                for order_id in stop.order_ids:
                    holder = town.holder(order_id).holder_id
                    assert town.carrier(order_id) == who or holder == who

    @invariant()
    def money_closes(self) -> None:
        for case_id in {case.id for id_ in self.ids for case in self.town.cases(id_)}:
            given = self.town.remedies(case_id)
            assert len({(one.kind, one.beneficiary_id) for one in given}) == len(given)


Flow.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

test_whatever_people_do_nothing_is_lost = Flow.TestCase
