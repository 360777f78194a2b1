"""This file knows how one variant is played: by merchant, couriers, customer and dispatcher."""

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count

from benchmarks.faults.lives import Live
from benchmarks.faults.mortal import Fate
from benchmarks.faults.stage import Killed, stage_for
from benchmarks.faults.turns import FAR, LATER, turn
from benchmarks.faults.variants import CANCELS, HOLDERS, NOBODY_FOUND, SILENT, TOLD, Variant
from recourse.flow import disrupt, returns, roster, views
from recourse.flow.platform import DispatchParams
from recourse.model.assignments import Custodian, OfferStatus
from recourse.model.cases import CASE_OPEN, Case, CaseStatus, Way
from recourse.model.couriers import ON_DUTY, Contract
from recourse.model.errors import CannotPlan, Conflict, Forbidden, NotFound
from recourse.model.orders import ORDER_ENDS, Order, OrderStatus
from recourse.model.places import SiteKind
from recourse.model.reasons import REASONS, Actor, ReasonCode
from recourse.model.routes import StopKind
from tests.flow.town import MORNING, PING_S, at

__all__ = ["Player"]

_DAYS = timedelta(days=5)
_BEYOND_HELP = timedelta(seconds=DispatchParams().max_late_s)
_MANY, _PATIENCE = 12, 5_000
_HELPERS = ("mei", "wu", "li")
_AT_THE_POINT = "the point keeps it too long"


class Player:
    """Plays one variant to its end.

    Parameters
    ----------
    url : str
        Address of a migrated, empty database.
    variant : Variant
        What is to happen.
    fate : Fate
        Where workers die.
    live : callable
        Lets a worker live until it is done or dies.
    """

    def __init__(self, url: str, variant: Variant, fate: Fate, live: Live) -> None:
        self.variant = variant
        self.killed = Killed(fate)
        self.town = stage_for(url, self.killed, live)
        self.order_id = ""
        self._answered: set[str] = set()
        self._n_asked = 0
        self._turned = False
        self.n_come = 0
        self._chose = variant.customer == SILENT
        self._is_helped = False
        self.lost_at = MORNING

    # -- the story ------------------------------------------------------------------------

    def play(self) -> None:
        """Tell the story: set out, lose the courier, live on until everything has ended."""
        self._set_out()
        if HOLDERS[self.variant.holder] is Custodian.COURIER:
            self.town.visit("bo")
        self._lose()
        self._live_on()

    def _set_out(self) -> None:
        town = self.town
        town.site("kitchen", SiteKind.MERCHANT, at(2, 2))
        town.site("station", SiteKind.STATION, at(3, 3))
        town.site("point", SiteKind.POINT, at(4, 4))
        holder, is_alone = self.variant.holder, self.variant.turn == NOBODY_FOUND
        if holder in {"station", "parcel in hand"}:
            self.order_id = town.parcel("a", at(5, 5)).id
            if not is_alone:
                town.of_station("bo", at(3, 3))
                town.wait_for("bo", self.order_id)
            return
        spoils = holder == "meal in hand"
        self.order_id = town.meal("a", at(5, 5), is_perishable=spoils).id
        if is_alone and holder == "merchant":
            return
        town.on_duty("bo", at(2, 2))
        self._say_yes()
        if holder == "customer":
            town.finish("bo")
            again = town.do(
                returns.ask_return,
                self.order_id,
                ready_at=town.now,
                until_at=town.now + timedelta(hours=2),
            )
            self.order_id = again.id
            if is_alone:
                town.do(roster.duty, "bo", on=False)
                town.whereabouts.clear()
            else:
                self._say_yes()

    def _say_yes(self) -> None:
        """Let the first courier be asked, and say yes."""
        self.town.work()
        self.town.accept("bo")
        self.town.work()

    def _lose(self) -> None:
        """Lose the courier, by what they say or by what is no longer heard of them."""
        town, cause = self.town, self.variant.cause
        if not self._comes_late():
            self.come(_HELPERS[:2])
        if self.variant.turn == "nobody works for half an hour":
            self._say_lost(cause)
            town.clock.set(town.now + timedelta(minutes=31))
            town.work()
        elif self.variant.turn == NOBODY_FOUND:
            town.mute.add("bo")
            town.work()
            # Every look between now and then would find nobody either.
            town.clock.set(town.order(self.order_id).promise.latest_at + _BEYOND_HELP)
            self._wait_for_a_case()
        elif cause is ReasonCode.SIGNAL_LOST:
            town.mute.add("bo")
            self._wait_for_a_case()
        else:
            self._say_lost(cause)
            town.work()
        # To the second: a death costs less, so whoever waits from here waits as in the calm run.
        self.lost_at = town.now.replace(microsecond=0)

    def _wait_for_a_case(self) -> None:
        while not self.town.cases(self.order_id):
            self.town.wait(60)

    def _say_lost(self, cause: ReasonCode) -> None:
        row = REASONS[cause]
        actor = Actor.COURIER if row.can_hand_over else Actor.PLATFORM
        self.town.do(disrupt.withdraw, "bo", code=cause, actor=actor.value)
        if not row.can_hand_over:
            self.town.mute.add("bo")

    def _live_on(self) -> None:
        """Let everybody do what they do until nothing is left to be done."""
        town, until = self.town, self.town.now + _DAYS
        for _ in range(_PATIENCE):
            if town.now > until or self._is_over():
                break
            if not any(act() for act in self._acts()):
                self._let_time_pass()
        town.wait(60)

    def _acts(self) -> tuple[Callable[[], bool], ...]:
        return (self._choose, self._answer, self._take_the_turn, self._ride, self._relieve)

    def _is_over(self) -> bool:
        """Whether every order has ended, or lies where its customer fetches it."""
        waits = {CaseStatus.WAITING}
        return all(
            order.status in ORDER_ENDS
            or (
                order.status is OrderStatus.AVAILABLE_FOR_PICKUP
                and all(case.status in waits for case in self.open_cases(order.id))
                and self.variant.turn != "the point keeps it too long"
            )
            for order in self.orders()
        ) and (self._turned or self.variant.turn not in {"it is taken up again"})

    # -- what people do -------------------------------------------------------------------

    def _comes_late(self) -> bool:
        """Whether nobody is free before the customer has chosen, or the turn has come."""
        waits = {
            "",
            "the next courier is lost too",
            "the customer cancels while a courier thinks",
            "it is taken up again",
        }
        return self.variant.customer != SILENT or self.variant.turn not in waits

    def come(self, names: Collection[str]) -> None:
        """Bring couriers on duty who could help."""
        told = self.variant.courier == TOLD
        contract = Contract.ASSIGNED if told else Contract.ASKED
        for number, name in enumerate(names):
            facts = {"shift_end_at": self.town.now + timedelta(hours=10)}
            self.town.on_duty(
                name,
                at(6 - number, 6),
                contract=contract,
                shift_start_at=self.town.now,
                **facts,
            )
        self.town.work()

    def _choose(self) -> bool:
        """The customer says once what they want, as soon as they are heard."""
        if self._chose:
            return False
        wanted = self.variant.customer
        try:
            if wanted == CANCELS:
                self.town.cancel(self.order_id)
            else:
                self._consent_and_choose(Way(wanted))
        except (Conflict, Forbidden):
            # A clear answer: it is too late, or the parcel is in somebody's hands.
            return self._give_up_choosing()
        self._chose = True
        self.town.work()
        self.come([n for n in _HELPERS[:2] if n not in self.town.whereabouts])
        return True

    def _consent_and_choose(self, way: Way) -> None:
        if way in {Way.EXPRESS, Way.SLOT} and not self._is_helped:
            # Somebody must be free for the one, and work later for the other.
            self._is_helped = True
            self.come([n for n in _HELPERS[:2] if n not in self.town.whereabouts])
        slots = self.town.do(views.tracked, self.order_id)["slots"] if way is Way.SLOT else []
        begins = [datetime.fromisoformat(one["slot"]["earliest_at"]) for one in slots]
        self.town.choose(
            self.order_id,
            way,
            "point" if way is Way.PICKUP_POINT else "",
            slot_at=begins[-1] if begins else None,
        )

    def _give_up_choosing(self) -> bool:
        if self.town.now < self.lost_at + FAR:
            return False
        self._chose = True
        self.come([n for n in _HELPERS[:2] if n not in self.town.whereabouts])
        return True

    def _answer(self) -> bool:
        """Couriers answer: the first who is asked as the variant says, those after them yes."""
        done = False
        for offer in self.town.open_offers():
            first = self._n_asked == 0
            answer = self.variant.courier if first else OfferStatus.ACCEPTED.value
            if offer.id in self._answered:
                continue
            self._n_asked += 1
            self._answered.add(offer.id)
            done = True
            if self.variant.turn == "the customer cancels while a courier thinks" and first:
                self._cancel_if_possible()
            elif answer == OfferStatus.DECLINED.value:
                self.town.decline(offer.courier_id)
            elif answer == OfferStatus.REVOKED.value:
                self.town.press_sos(offer.courier_id)
                self.town.whereabouts.pop(offer.courier_id, None)
            elif answer != OfferStatus.EXPIRED.value:
                self._accept(offer.courier_id)
            self.town.work()
        return done

    def _accept(self, courier_id: str) -> None:
        try:
            self.town.accept(courier_id)
        except CannotPlan:
            self.town.decline(courier_id)

    def _cancel_if_possible(self) -> None:
        try:
            self.town.cancel(self.order_id)
        except Forbidden:
            self._n_asked = 1

    def _ride(self) -> bool:
        """Whoever has a stop and is heard of makes it."""
        town = self.town
        for name in sorted(town.read(lambda tx: tx.routes())):
            stops = town.route(name).stops
            if name in town.mute or not stops or stops[0].kind is StopKind.GIVE:
                continue
            if name not in town.whereabouts:
                continue
            if stops[0].earliest_at > town.now + timedelta(hours=1):
                continue
            # On the way there the route may have changed; then the next look finds the new stop.
            with suppress(NotFound, Forbidden):
                town.visit(name)
            return True
        return False

    def _relieve(self) -> bool:
        """Whoever has nothing to do for long goes home, and next day somebody comes."""
        town, rests = self.town, self._rests()
        at_work = [n for n in town.whereabouts if rests and not town.route(n).stops]
        for name in at_work:
            if town.state(name) in ON_DUTY and name not in town.mute:
                town.do(roster.duty, name, on=False)
            town.whereabouts.pop(name)
        if at_work:
            town.work()
            return True
        if self._needs_the_holder():
            self.hear_of_the_holder()
            return True
        is_wanted = self.n_come < _MANY and not rests and self._needs_somebody()
        if is_wanted and town.now >= self.lost_at + LATER:
            self.n_come += 1
            self.come([f"new-{self.n_come}"])
            return True
        return False

    def _take_the_turn(self) -> bool:
        if self._turned or not turn(self):
            return False
        self._turned = True
        self.town.work()
        return True

    def _needs_somebody(self) -> bool:
        """Whether nobody who could be asked is there, or nobody who is there will have it."""
        looks_long = any(
            order.status is OrderStatus.DISPATCHING
            and order.promise.earliest_at < self.town.now + FAR
            for order in self.orders()
        )
        is_alone = not self._at_work() or looks_long
        return is_alone and not self.town.open_offers()

    def _needs_the_holder(self) -> bool:
        """Whether nothing is waited for but that a silent holder brings it back."""
        is_late = self.town.now >= self.lost_at + 2 * LATER
        returns = {order.status for order in self.orders()} == {OrderStatus.RETURN_IN_PROGRESS}
        return is_late and returns and "bo" in self.town.mute

    def hear_of_the_holder(self) -> None:
        """Let the one who was silent be heard of."""
        self.town.mute.discard("bo")
        self.town.whereabouts["bo"] = at(4, 5)
        self.town.ping("bo")
        self.town.work()

    def _rests(self) -> bool:
        """Whether everything waits for tomorrow, or lies at a point."""
        soon = self.town.now + timedelta(hours=2)
        live = [order for order in self.orders() if order.status not in ORDER_ENDS]
        return all(
            order.status is OrderStatus.AVAILABLE_FOR_PICKUP
            or (order.status is OrderStatus.SCHEDULED and order.promise.earliest_at > soon)
            for order in live
        )

    def _at_work(self) -> list[str]:
        """Who is on duty and heard of."""
        return [
            name
            for name in set(self.town.whereabouts) - self.town.mute
            if self.town.state(name) in ON_DUTY
        ]

    # -- looking --------------------------------------------------------------------------

    def orders(self) -> list[Order]:
        """The order of the story and every one that replaces it."""
        first = self.town.order(self.order_id)
        found = [first]
        for number in count(1):
            name = f"{first.external_id}#r{number}"
            again = self.town.read(
                lambda tx, name=name: tx.order_by_external(first.merchant_id, name)  # type: ignore[misc]
            )
            if again is None:
                return found
            found.append(again)
        return found

    def open_cases(self, order_id: str) -> list[Case]:
        """Cases of an order that have not closed."""
        return [case for case in self.town.cases(order_id) if case.status in CASE_OPEN]

    def _let_time_pass(self) -> None:
        """Until something is due, at most a minute while somebody is on the road."""
        town = self.town
        due = town.store.next_due_at()
        ahead_s = 3_600.0 if due is None else (due - town.now).total_seconds()
        on_the_road = set(town.whereabouts) - town.mute
        town.wait(min(max(ahead_s, 1.0), PING_S if on_the_road else 3_600.0))
