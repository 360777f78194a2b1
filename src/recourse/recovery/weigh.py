"""This file knows how every way out is looked at while none is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from recourse.model.cases import Case, Option, Rejection
from recourse.planning import PlanParams, World
from recourse.recovery.carriers import Carriers
from recourse.recovery.decide import View, best_of, ways_of
from recourse.recovery.params import RecoveryParams
from recourse.recovery.scene import Scene

__all__ = ["Weighed", "weigh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Every way out of one case, looked at and not taken.

    Attributes
    ----------
    best : Option
        What would be taken now.
    options : tuple of Option
        The open ways, cheapest first.
    rejections : tuple of Rejection
        The closed ways and the couriers who lost, each with its reason.
    """

    best: Option
    options: tuple[Option, ...]
    rejections: tuple[Rejection, ...]


def weigh(
    case: Case,
    *,
    scene: Scene,
    world: World,
    now: datetime,
    params: RecoveryParams,
    plan_params: PlanParams,
    new_id: Callable[[], str],
) -> Weighed:
    """Price every way out of one case as `decide` would, and decide nothing.

    Parameters
    ----------
    case : Case
        An open case that nobody carries.
    scene : Scene
        What is in view; a wish in it names a way or a courier to look at.
    world : World
        The resident routes; read, not changed.
    now : datetime
        The present instant.
    params : RecoveryParams
        Policy, prices and limits.
    plan_params : PlanParams
        What planning may do.
    new_id : callable
        Gives ids for stops that are never made.

    Returns
    -------
    Weighed
        All of them, also the last resorts.

    Examples
    --------
    >>> from recourse.model.examples import NOON, case_of, on_shelf, order_of
    >>> from recourse.planning.examples import LineTravel
    >>> scene = Scene(
    ...     orders={"o-1": order_of()}, custody={"o-1": on_shelf()}, couriers={}, progress={}
    ... )
    >>> weighed = weigh(
    ...     case_of(),
    ...     scene=scene,
    ...     world=World(LineTravel(), PlanParams()),
    ...     now=NOON,
    ...     params=RecoveryParams(),
    ...     plan_params=PlanParams(),
    ...     new_id=lambda: "t-1",
    ... )
    >>> weighed.best.way.value, [one.way.value for one in weighed.options]
    ('human', ['next_day', 'human', 'refund'])
    """
    view = View(scene=scene, world=world, now=now, params=params)
    carriers = Carriers(
        scene=scene, world=world, now=now, params=params, plan_params=plan_params, new_id=new_id
    )
    options, closed, _ = ways_of(case, carriers.find([case]), view, carriers)
    return Weighed(
        best=best_of(case, options, scene),
        options=tuple(sorted(options, key=lambda one: (one.cost_cents, one.way.value))),
        rejections=tuple(closed),
    )
