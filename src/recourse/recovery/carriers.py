"""This file knows how couriers are found for orphans: what is asked, and who is left out."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recourse.model.assignments import Custodian
from recourse.model.cases import Case, Loss, Rejection, Way
from recourse.model.reasons import REASONS, ReasonCode
from recourse.planning import Demand, Insertion, PlanParams, World, place_met
from recourse.recovery.demand import demand_of, in_hands, on_board, on_shelf, to_point
from recourse.recovery.express import direct_at, free_couriers
from recourse.recovery.options import at_point, can_meet
from recourse.recovery.params import RecoveryParams
from recourse.recovery.scene import Scene

__all__ = ["Carriers", "Found"]

_SENDS = frozenset({Way.COURIER, Way.HANDOVER, Way.PICKUP_POINT, Way.EXPRESS})
"""A wish for one of these sends a courier, whatever was the cause."""


@dataclass(frozen=True, slots=True)
class Found:
    """Who could carry what, and why the others could not.

    Attributes
    ----------
    insertions : mapping of order id to Insertion
        The routes found; all of one courier are the same route.
    rejections : mapping of order id to tuple of Rejection
        Couriers who lost, nearest first.
    """

    insertions: Mapping[str, Insertion]
    rejections: Mapping[str, tuple[Rejection, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriers:
    """Asks planning for couriers, for all cases of a call together.

    Attributes
    ----------
    scene, world, now, params, plan_params, new_id
        As given to `decide`.
    """

    scene: Scene
    world: World
    now: datetime
    params: RecoveryParams
    plan_params: PlanParams
    new_id: Callable[[], str]

    def find(
        self,
        cases: Sequence[Case],
        *,
        to_point: Mapping[str, str] | None = None,
        straight: Collection[str] = (),
        only: str = "",
    ) -> Found:
        """Find couriers for cases.

        A holder we had lost contact with and who is heard of again goes on with what is on board;
        nobody else's parcels are put on that route in the same call.

        Parameters
        ----------
        cases : sequence of Case
            Whose orders are to be carried.
        to_point : mapping of case id to site id, optional
            Which of them go to a pickup point.
        straight : collection of case id, optional
            Which of them are for somebody who has nothing else to do.
        only : str
            The one courier to look at; nobody is left out then.

        Returns
        -------
        Found
            Routes and reasons.
        """
        points = to_point or {}
        back = sorted({case.held_by for case in cases if self._goes_on(case)})
        demands = [
            demand
            for case in cases
            if not self._goes_on(case)
            and (demand := self._demand(case, points.get(case.id, ""), only)) is not None
        ]
        direct = {case.order_id: case for case in cases if case.id in straight}
        demands = [
            self._direct(one, direct[one.order_id]) if one.order_id in direct else one
            for one in demands
        ]
        busy = dict.fromkeys(self.scene.busy, Loss.HAS_OPEN_OFFER)
        found = self._place(demands, [only] if only else None, busy | self._kept_free(back))
        for holder_id in back:
            own = [
                self._on_board(case)
                for case in cases
                if case.held_by == holder_id and self._goes_on(case)
            ]
            mine = self._place(own, [holder_id], {})
            found = Found(
                {**found.insertions, **mine.insertions}, {**found.rejections, **mine.rejections}
            )
        return found

    def _place(
        self,
        demands: Sequence[Demand],
        courier_ids: Sequence[str] | None,
        barred: Mapping[str, Loss],
    ) -> Found:
        """Place demands on routes, late ones too, each met where it is best met."""
        if not demands:
            return Found({}, {})
        placement = place_met(
            self.world,
            demands,
            now=self.now,
            params=self.plan_params,
            courier_ids=courier_ids,
            max_late_s=self.params.max_late_s,
            ids=self.new_id,
            barred=barred,
        )
        return Found({one.order_id: one for one in placement.insertions}, placement.rejections)

    def _demand(self, case: Case, point_id: str, only: str) -> Demand | None:
        """What planning must know to send another courier; None if none may or can be sent."""
        wish = self.scene.wishes.get(case.id)
        is_wished = wish is not None and wish.way in _SENDS
        if not REASONS[case.cause].is_retryable and not is_wished:
            return None
        base = self._base(case, only)
        if point_id:
            by = self.now + timedelta(hours=1)
            base = to_point(base, self.scene.sites[point_id])
            base = replace(base, latest_at=max(base.latest_at, by))
        if case.held_by:
            if not can_meet(case, self.scene):
                return None
            seen = self.scene.progress[case.held_by]
            return in_hands(base, seen, world=self.world, now=self.now)
        if at_point(self.scene.orders[case.order_id], self.scene):
            return None
        custody = self.scene.custody.get(case.order_id)
        if custody is None or custody.custodian is Custodian.COURIER:
            return base
        return on_shelf(base, custody)

    def _base(self, case: Case, only: str) -> Demand:
        """What every demand of a case says about the order, and who is left out."""
        excluded: frozenset[str] = frozenset() if only else frozenset(case.excluded)
        wish = self.scene.wishes.get(case.id)
        if wish is not None and wish.courier_id:
            excluded |= frozenset(self.world.courier_ids()) - {wish.courier_id}
        base = demand_of(
            self.scene.orders[case.order_id],
            promised_by=case.promised_by,
            early_s=self.params.early_s,
            excluded=excluded,
            weight=self.params.orphan_weight,
        )
        dropped_by = case.from_courier_id if case.from_courier_id in excluded else ""
        return replace(base, dropped_by=dropped_by)

    def _direct(self, demand: Demand, case: Case) -> Demand:
        """Return the same for who is free alone, by when a direct ride is held to bring it."""
        # What is put on that route later is priced by how late it would make this one.
        scene, order = self.scene, self.scene.orders[case.order_id]
        free = free_couriers(case, couriers=scene.couriers, n_stops=scene.n_stops, busy=scene.busy)
        where = demand.pickup or order.pickup
        return replace(
            demand,
            earliest_at=None,
            latest_at=direct_at(order, where, now=self.now, params=self.params),
            excluded=demand.excluded | (frozenset(self.world.courier_ids()) - free),
        )

    def _on_board(self, case: Case) -> Demand:
        """What the holder goes on with."""
        return on_board(self._base(case, ""), case.held_by)

    def _goes_on(self, case: Case) -> bool:
        """Whether a holder we had lost contact with is back and may go on."""
        seen = self.scene.progress.get(case.held_by) if case.held_by else None
        return (
            case.cause is ReasonCode.SIGNAL_LOST
            and seen is not None
            and not seen.is_silent
            and case.held_by not in case.excluded
        )

    def _kept_free(self, holder_ids: Sequence[str]) -> dict[str, Loss]:
        """Holders who are back get their own parcels first."""
        return dict.fromkeys(holder_ids, Loss.HAS_OPEN_OFFER)
