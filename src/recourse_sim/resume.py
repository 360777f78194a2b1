"""This file knows how a day that was cut off is taken up again, from what the platform tells.

The simulator keeps no database of its own. After a crash every courier is found where the platform
last saw them, with the route and the parcels it says they have; luck is the same as before, since
it depends on the seed and not on what was drawn.
"""

from typing import Any

from recourse_sim.courier import CourierLife, Mode
from recourse_sim.day import SimulatedDay
from recourse_sim.hazards import Cause

__all__ = ["resume"]

_PAGE = 1000
_OUT = {"unavailable": Cause.BREAKDOWN, "sos": Cause.ACCIDENT}
_BACK_AFTER_S = 1_800.0
_MINUTE_S = 60.0


def resume(simulated: SimulatedDay, t_s: float) -> None:
    """Take a day up again at a time.

    Parameters
    ----------
    simulated : SimulatedDay
        A fresh one for the same scenario.
    t_s : float
        Present time, seconds after local midnight.
    """
    world = simulated.world
    world.now_s = t_s
    known = _orders(simulated)
    simulated.open(already=known)
    simulated.read_until = world.door.last_message()
    _custody(simulated)
    state = world.door.ask("GET", "/v1/state")
    seen = {row["id"]: (float(row["lon"]), float(row["lat"])) for row in state["couriers"]}
    for courier in world.door.ask("GET", "/v1/couriers")["couriers"]:
        life = world.lives.get(courier["id"])
        if life is not None:
            _take_up(life, courier, seen.get(life.id, life.lon_lat))


def _orders(simulated: SimulatedDay) -> set[str]:
    """Orders that the platform has, entered into the truth; their external names."""
    plans = {plan.external_id: plan for plan in simulated.scenario.plan.orders}
    after, known = "", set()
    while True:
        page = simulated.world.door.ask("GET", f"/v1/orders?after={after}&limit={_PAGE}")
        for order in page["orders"]:
            plan = plans.get(order["external_id"])
            if plan is not None:
                known.add(plan.external_id)
                simulated.admit(order, plan)
        after = page.get("next") or ""
        if not after:
            return known


def _custody(simulated: SimulatedDay) -> None:
    """Whose hands every parcel is in, from the log of custody."""
    world = simulated.world
    for event in world.door.events(names=["custody.passed"]):
        data, at_s = event["data"], world.day.seconds(event["at"])
        order_id = data["order_id"]
        if order_id not in world.truth.orders:
            continue
        before = world.lives.get(data["from_holder_id"])
        if before is not None:
            before.carried.discard(order_id)
        match data["to_custodian"]:
            case "courier":
                world.truth.take(order_id, data["to_holder_id"])
                life = world.lives.get(data["to_holder_id"])
                if life is not None:
                    life.carried.add(order_id)
            case "customer":
                world.truth.deliver(order_id, at_s)
            case "point":
                world.truth.leave_at_point(order_id, at_s)
            case _:
                world.truth.put_down(order_id)


def _take_up(life: CourierLife, courier: dict[str, Any], lon_lat: tuple[float, float]) -> None:
    """Let one courier go on from where the platform last saw them."""
    world, state = life.world, courier["state"]
    if state == "offline":
        return
    since = courier.get("duty_since_at") or courier["shift_start_at"]
    life.stand_at(lon_lat, on_since_s=world.day.seconds(since))
    if state in _OUT:
        life.mode = Mode.OUT
        world.truth.begin_spell(life.id, _OUT[state], world.now_s)
        world.later(world.params.courier.holder_waits_s, life.leave)
    elif state == "signal_lost":
        life.mode = Mode.DARK
        world.truth.begin_spell(life.id, Cause.SILENCE, world.now_s)
        world.later(_BACK_AFTER_S, life.come_to_light)
    else:
        life.mode = Mode.ON
        _spend_past_hours(life)
        life.fetch_route()


def _spend_past_hours(life: CourierLife) -> None:
    """Use up the luck of the hours already worked: what struck then does not strike again."""
    world = life.world
    for _ in range(int((world.now_s - life.on_since_s) // _MINUTE_S)):
        world.hazards.spend(life.id, life.circumstances(), spent_s=_MINUTE_S)
