"""Standing: a courier who is heard of, does not move and does not say why is asked, then let go."""

from datetime import datetime, timedelta

from recourse import tracking
from recourse.flow.disrupt import withdraw
from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.couriers import ON_DUTY, Progress
from recourse.model.events import Event, RiskRose
from recourse.model.ports import Transaction
from recourse.model.reasons import Actor, ReasonCode
from recourse.model.routes import Route

__all__ = ["let_go", "notice_standing"]


def notice_standing(
    platform: Platform, route: Route, *, before: Progress | None, seen: Progress
) -> tuple[list[Event], list[Command]]:
    """Return what asks a courier who has begun to stand still too long, and what lets them go."""
    params = platform.params.track
    since_at = tracking.stands_since(seen, route, params=params)
    if since_at is None or before is None or platform.params.recovery.policy != "recourse":
        return [], []
    was_at, is_at = before.pinged_at, seen.pinged_at
    events: list[Event] = []
    commands: list[Command] = []
    if was_at < since_at + timedelta(seconds=params.still_ask_s) <= is_at:
        asked = RiskRose(
            at=platform.now(), courier_id=seen.courier_id, p_drop=seen.p_drop, signs=("still_min",)
        )
        events.append(asked)
    if was_at < since_at + timedelta(seconds=params.still_gone_s) <= is_at:
        commands.append(_let_go_of(platform, seen.courier_id, since_at))
    return events, commands


def _let_go_of(platform: Platform, courier_id: str, since_at: datetime) -> Command:
    """The command that lets a courier go who has stood still since then."""
    return Command(
        key=f"standing/{courier_id}/{since_at.isoformat()}",
        name="standing",
        due_at=platform.now(),
        courier_id=courier_id,
    )


def let_go(tx: Transaction, platform: Platform, command: Command) -> None:
    """Count no longer on a courier who has stood still for too long and has not answered."""
    courier_id, params = command.courier_id, platform.params.track
    courier = tx.couriers([courier_id])[courier_id]
    seen, route = tx.progress([courier_id]).get(courier_id), tx.routes([courier_id])[courier_id]
    since_at = tracking.stands_since(seen, route, params=params) if seen else None
    if courier.state not in ON_DUTY or since_at is None:
        return
    if platform.now() < since_at + timedelta(seconds=params.still_gone_s):
        return
    withdraw(
        tx,
        platform,
        courier_id,
        code=ReasonCode.COURIER_NOT_RESPONDING,
        actor=Actor.PLATFORM.value,
        note="stands still far from the next stop and does not answer",
    )
