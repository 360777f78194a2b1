"""This file knows what happens at a stop: how long it takes, which parcels change hands."""

from typing import TYPE_CHECKING

from recourse.model.routes import StopKind
from recourse_sim.door import Refused
from recourse_sim.stops import StopView, read_route

if TYPE_CHECKING:
    from recourse_sim.courier import CourierLife

__all__ = ["Visit"]

_LOOK_AGAIN_S = 60.0
_POINT_SERVICE_S = 60.0


class Visit:
    """One courier at one stop.

    Parameters
    ----------
    life : CourierLife
        Who.
    stop : StopView
        Where, as the route said on arrival.
    """

    def __init__(self, life: "CourierLife", stop: StopView) -> None:
        self.life, self.stop = life, stop
        self.came_s = life.world.now_s
        self.ends_s = self._ends_s()

    def _ends_s(self) -> float:
        """When the stop is done if all goes well."""
        life, stop, world = self.life, self.stop, self.life.world
        plans = [world.truth.orders[i] for i in stop.order_ids if i in world.truth.orders]
        demand, habits = world.params.demand, world.params.courier
        begins_s = max(self.came_s, stop.earliest_s)
        match stop.kind:
            case StopKind.PICKUP:
                lying = [
                    p
                    for i, p in zip(stop.order_ids, plans, strict=False)
                    if i not in world.truth.holder
                ]
                begins_s = max([begins_s, *(p.ready_s for p in lying)])
                service_s = demand.pickup_service_s + habits.per_parcel_s * (len(plans) - 1)
            case StopKind.DROPOFF:
                service_s = max((p.service_s for p in plans), default=demand.dropoff_service_s)
            case StopKind.TAKE:
                service_s = habits.meet_s
            case _:
                service_s = int(_POINT_SERVICE_S)
        key = (stop.kind.value, stop.order_ids[0] if stop.order_ids else stop.id)
        return begins_s + world.chance.about(
            service_s, habits.service_sigma, "service", life.id, *key
        )

    def finish(self) -> None:
        """Pass on what is really there, and tell the platform."""
        life, stop = self.life, self.stop
        passed = self._passed()
        if stop.kind is StopKind.GIVE:
            waited_s = life.world.now_s - self.came_s
            if waited_s < life.world.params.courier.giver_waits_s:
                life.wait_until(life.world.now_s + _LOOK_AGAIN_S)
                return
        if stop.kind is StopKind.TAKE and not passed:
            waited_s = life.world.now_s - self.came_s
            if waited_s < life.world.params.courier.taker_waits_s:
                life.wait_until(life.world.now_s + _LOOK_AGAIN_S)
                return
        if life.mode.value == "dark_on" and life.is_at_station(stop):
            # Whoever fell silent at the counter is heard of by its scanner.
            life.come_to_light()
            if life.visit is not self:
                return
        if life.mode.value == "dark_on":
            self._hand_on(passed)
            life.stop_done(stop, None)
            return
        what = "complete" if passed else "fail"
        try:
            if passed:
                route = life.world.door.complete(life.id, stop.id, passed)
            else:
                route = life.world.door.fail(life.id, stop.id, life.fail_code(stop))
        except Refused as refusal:
            life.stop_refused(what, stop, refusal)
            return
        self._hand_on(passed)
        if not passed:
            life.stop_failed(stop)
        life.stop_done(stop, read_route(route, life.world.day))

    def _passed(self) -> list[str]:
        """Orders whose parcels can change hands here."""
        life, stop, truth = self.life, self.stop, self.life.world.truth
        match stop.kind:
            case StopKind.PICKUP:
                return [
                    i
                    for i in stop.order_ids
                    if i not in truth.holder and i not in truth.delivered_s
                ]
            case StopKind.TAKE:
                giver = life.world.lives.get(stop.from_courier_id)
                if giver is None or not giver.can_meet(stop.place):
                    return []
                return [i for i in stop.order_ids if i in giver.carried]
            case StopKind.GIVE:
                return []
            case _:
                return [i for i in stop.order_ids if i in life.carried]

    def _hand_on(self, passed: list[str]) -> None:
        """Let parcels change hands."""
        life, stop, truth = self.life, self.stop, self.life.world.truth
        now_s = life.world.now_s
        for order_id in passed:
            match stop.kind:
                case StopKind.PICKUP:
                    truth.take(order_id, life.id)
                    life.picked_up(order_id)
                case StopKind.TAKE:
                    life.world.lives[stop.from_courier_id].carried.discard(order_id)
                    truth.take(order_id, life.id)
                    life.picked_up(order_id)
                case StopKind.DROPOFF:
                    life.carried.discard(order_id)
                    truth.deliver(order_id, now_s)
                case StopKind.POINT:
                    life.carried.discard(order_id)
                    truth.leave_at_point(order_id, now_s)
                case StopKind.RETURN:
                    life.carried.discard(order_id)
                    truth.put_down(order_id)
