"""This file knows how a courier reports afterwards what was done while the phone was dark."""

from collections.abc import Sequence

from recourse.model.routes import StopKind
from recourse_sim.door import Refused
from recourse_sim.stops import StopView
from recourse_sim.world import World

__all__ = ["report_late"]


def report_late(courier_id: str, done: Sequence[StopView], world: World) -> None:
    """Report stops that were made in the dark; what no longer is a stop, as a delivery."""
    for stop in done:
        try:
            world.door.arrive(courier_id, stop.id)
            world.door.complete(courier_id, stop.id, stop.order_ids)
        except Refused as refusal:
            world.refused("late report", refusal)
            if stop.kind is StopKind.DROPOFF:
                _report_brought(courier_id, stop, world)


def _report_brought(courier_id: str, stop: StopView, world: World) -> None:
    """Report the parcels that reached their customers at a stop the platform has given up."""
    for order_id in stop.order_ids:
        if order_id not in world.truth.delivered_s:
            continue
        try:
            world.door.report_delivery(courier_id, order_id)
        except Refused as refusal:
            world.refused("late delivery", refusal)
