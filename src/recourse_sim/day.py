"""This file knows how a day goes: what is due next, ours or the platform's, until its end."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, Protocol

from recourse_sim.answers import Customers, answer_offer
from recourse_sim.chance import Chance
from recourse_sim.courier import CourierLife, Mode
from recourse_sim.demand import DayPlan, OrderPlan
from recourse_sim.door import Door, Refused
from recourse_sim.fleet import CourierPlan
from recourse_sim.hazards import Hazards, Weather
from recourse_sim.hours import Day, SimClock
from recourse_sim.parameters import Parameters
from recourse_sim.phones import Phones
from recourse_sim.score import ACCOUNTABLE_WITHIN_S
from recourse_sim.transport import Transport
from recourse_sim.ways import Ways
from recourse_sim.world import World

__all__ = ["Platform", "Scenario", "SimulatedDay", "play"]

_TICK_S = 60.0


class Platform(Protocol):
    """The platform in process, as far as the simulator may know it."""

    def work(self) -> int:
        """Perform what is due; return how many commands were performed."""
        ...

    def next_due_at(self) -> datetime | None:
        """When the next command falls due."""
        ...

    def newest_message(self) -> int:
        """Number of the newest message, as the header of a write tells it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One day to play, for every policy alike.

    Attributes
    ----------
    seed : int
        Where all luck comes from.
    day : Day
        Calendar.
    params : Parameters
        Every number.
    plan : DayPlan
        Sites and orders.
    fleet : tuple of CourierPlan
        Couriers.
    stress : float
        Every hazard is multiplied by it.
    """

    seed: int
    day: Day
    params: Parameters
    plan: DayPlan
    fleet: tuple[CourierPlan, ...]
    stress: float = 1.0

    @property
    def opens_s(self) -> float:
        """When the day begins: phones are heard from then on, and things go wrong."""
        first_s = min((o.placed_s for o in self.plan.orders), default=self.params.demand.opens_s)
        return min(first_s, self.params.demand.opens_s)

    @property
    def begins_s(self) -> float:
        """When the simulator begins: before the first parcel comes in."""
        return self.opens_s - 120

    @property
    def ends_s(self) -> float:
        """When it ends: after the last orders had time to arrive, and every promise has ended."""
        usual_s = self.params.demand.closes_s + self.params.demand.drain_s
        last_s = max((order.latest_s for order in self.plan.orders), default=0.0)
        return max(float(usual_s), last_s + ACCOUNTABLE_WITHIN_S)


class SimulatedDay:
    """Couriers, customers and merchants of one day, and one platform they all talk to.

    Parameters
    ----------
    scenario : Scenario
        What is to happen.
    transport : Transport
        How requests reach the platform.
    ways : Ways
        True travel, shared by all policies.
    hazards_on : bool, optional
        Whether anything goes wrong.
    """

    def __init__(
        self, scenario: Scenario, transport: Transport, ways: Ways, *, hazards_on: bool = True
    ) -> None:
        chance = Chance(scenario.seed)
        params = scenario.params
        self.scenario = scenario
        self.world = World(
            day=scenario.day,
            chance=chance,
            params=params,
            door=Door(transport, scenario.day),
            ways=ways,
            hazards=Hazards(chance, params.hazards, stress=scenario.stress if hazards_on else 0.0),
            weather=Weather(chance, params.hazards),
            now_s=scenario.begins_s,
        )
        self.customers = Customers(self.world)
        self.phones = Phones(self.world)
        self.read_until = 0
        self.messages: list[dict[str, Any]] = []

    # -- the beginning --------------------------------------------------------------------

    def open(self, *, already: Collection[str] = ()) -> None:
        """Register sites and couriers, and note everything that is known to come.

        Parameters
        ----------
        already : collection of str
            External names of orders that the platform has already.
        """
        world, scenario = self.world, self.scenario
        for site in scenario.plan.sites:
            world.door.register_site(site)
        for vehicle in dict.fromkeys(plan.vehicle for plan in scenario.fleet):
            world.ways.learn(vehicle, [o.dropoff for o in scenario.plan.orders])
        for plan in scenario.fleet:
            world.door.register_courier(plan)
            world.lives[plan.id] = CourierLife(plan, world)
        for order in scenario.plan.orders:
            if order.external_id not in already:
                world.agenda.note(max(world.now_s, order.placed_s), self._posting(order))
        for life in world.lives.values():
            life.begin_day()
        opens_s = scenario.opens_s
        world.agenda.note(max(world.now_s, opens_s), self._ping)
        world.agenda.note(max(world.now_s, opens_s) + 1.0, self._tick)

    def _posting(self, order: OrderPlan) -> Callable[[], None]:
        return lambda: self.post(order)

    def post(self, order: OrderPlan) -> None:
        """Hand an order to the platform, as its merchant."""
        try:
            made = self.world.door.post_order(order)
        except Refused as refusal:
            self.world.refused("order", refusal)
            return
        self.admit(made, order)

    def admit(self, made: dict[str, Any], order: OrderPlan) -> None:
        """Take note of an order that the platform has."""
        self.world.truth.orders[made["id"]] = order
        self.customers.tokens[made["id"]] = made["track_token"]

    # -- what recurs ----------------------------------------------------------------------

    def _ping(self) -> None:
        self.phones.ping()
        self.world.later(self.scenario.params.phone.ping_every_s, self._ping)

    def _tick(self) -> None:
        """Let a minute of hazards pass for everybody on the road."""
        for life in self.world.lives.values():
            if life.mode is Mode.ON:
                cause = self.world.hazards.spend(life.id, life.circumstances(), spent_s=_TICK_S)
                if cause is not None:
                    life.strike(cause)
        self.world.later(_TICK_S, self._tick)

    # -- messages -------------------------------------------------------------------------

    @property
    def has_news(self) -> bool:
        """Whether something was said to a phone or a customer that was not read yet."""
        return self.world.door.newest_message > self.read_until

    def read_messages(self) -> None:
        """Read what is new for phones and customers, and let them act on it."""
        while True:
            news, self.read_until = self.world.door.messages(self.read_until)
            for message in news:
                self._deliver(message)
            if not news or self.read_until >= self.world.door.newest_message:
                return

    def _deliver(self, message: dict[str, Any]) -> None:
        whom, _, name = message["to"].partition(":")
        if whom == "customer":
            self.messages.append(message)
            self.customers.read(name, message["data"])
            return
        life = self.world.lives.get(name)
        if life is None or life.mode is not Mode.ON:
            return
        if message["kind"] == "offer":
            answer_offer(life, message["data"])
        elif message["kind"] == "route" and int(message["data"]["version"]) > life.version:
            life.fetch_route()

    # -- the end --------------------------------------------------------------------------

    def close(self) -> None:
        """Stop everybody where they are and add up their hours."""
        for life in self.world.lives.values():
            if life.mode in (Mode.ON, Mode.DARK_ON):
                self.world.truth.duty_s[life.id] += self.world.now_s - life.on_since_s
                life.halt()

    def credit_replacements(self) -> None:
        """Count what was delivered as a replacement for the order it replaces.

        A replacement is an order that the platform made itself; its external id is the first one's
        with something after a ``#``.
        """
        truth = self.world.truth
        first = {plan.external_id: order_id for order_id, plan in truth.orders.items()}
        for done in (truth.delivered_s, truth.at_point_s):
            for order_id in [i for i in done if i not in truth.orders]:
                name = self.world.door.order(order_id)["external_id"].partition("#")[0]
                if name in first:
                    done[first[name]] = min(done[order_id], done.get(first[name], done[order_id]))

    def step(self) -> None:
        """Do the next thing on the agenda."""
        world = self.world
        world.now_s = max(world.now_s, world.agenda.next_s)
        world.agenda.pop()()


def play(
    simulated: SimulatedDay,
    platform: Platform,
    clock: SimClock,
    *,
    tell: Callable[[float], None] = lambda _: None,
) -> None:
    """Play a whole day against a platform in process, in virtual time.

    Time goes on to whatever is due next, ours or the platform's, and only when nothing is due.

    Parameters
    ----------
    simulated : SimulatedDay
        The day.
    platform : Platform
        What is examined.
    clock : SimClock
        Clock that the platform reads.
    tell : callable, optional
        Told the time of day (seconds after local midnight) as it goes on.
    """
    world, day, ends_s = simulated.world, simulated.scenario.day, simulated.scenario.ends_s
    clock.advance(world.now_s)
    simulated.open()
    while True:
        due_at = platform.next_due_at()
        due_s = inf if due_at is None else max(world.now_s, day.seconds(due_at))
        if simulated.has_news and (due_at is None or due_at > clock.now()):
            # What was said is acted on before time goes on; a look at what is due comes anyway.
            simulated.read_messages()
            continue
        t_s = min(due_s, world.agenda.next_s)
        if t_s > ends_s:
            break
        clock.advance(t_s)
        world.now_s = max(world.now_s, t_s)
        if due_s > t_s or not _settle(simulated, platform):
            if world.agenda.next_s > ends_s:
                break
            clock.advance(world.agenda.next_s)
            simulated.step()
        tell(world.now_s)
    clock.advance(ends_s)
    world.now_s = ends_s
    simulated.close()


def _settle(simulated: SimulatedDay, platform: Platform) -> int:
    """Let the platform do everything that is due now, and everybody read what it says."""
    n_done = platform.work()
    door = simulated.world.door
    if n_done:
        door.newest_message = max(door.newest_message, platform.newest_message())
    if simulated.has_news:
        simulated.read_messages()
    return n_done
