"""What if: every way out of a case as it stands now, with prices and reasons; nothing changes."""

from itertools import count

from recourse import planning
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.flow.scene import scene_of
from recourse.flow.views.plain import Data, plain, stamp
from recourse.model.cases import Case, CaseStatus, Option, Rejection, Way
from recourse.model.couriers import Contract
from recourse.model.errors import Conflict, Invalid, NotFound
from recourse.model.ports import Transaction
from recourse.recovery import Wish
from recourse.recovery.weigh import weigh

__all__ = ["what_if"]

_SETTLED = frozenset({CaseStatus.CARRIED, CaseStatus.CLOSED})


def what_if(
    tx: Transaction,
    platform: Platform,
    case_id: str,
    *,
    way: Way | None = None,
    courier_id: str = "",
    site_id: str = "",
) -> Data:
    """Look at every way out of a case; with a way or a courier named, at what that would come to.

    Parameters
    ----------
    tx : Transaction
        To read in; nothing is recorded.
    platform : Platform
        What the stages work with.
    case_id : str
        An open case that nobody carries.
    way : Way, optional
        What is asked about; None for whatever is best.
    courier_id, site_id : str
        By whom, and to which point; empty for whatever is best.

    Returns
    -------
    dict
        ``best``, the open ``options`` with prices, and the ``reasons`` of all that is closed.

    Raises
    ------
    NotFound
        If there is no such case or courier.
    Conflict
        If somebody carries the order, or the case is closed.
    Invalid
        If there is no such point.
    """
    case = tx.cases([case_id]).get(case_id)
    if case is None:
        raise NotFound(kind="case", id=case_id)
    if case.status in _SETTLED:
        raise Conflict(
            rule=f"case_{case.status.value}",
            detail="there is nothing to choose; a closed case can be reopened",
        )
    if courier_id and courier_id not in tx.couriers([courier_id]):
        raise NotFound(kind="courier", id=courier_id)
    if site_id and site_id not in tx.sites([site_id]):
        raise Invalid(field="site_id", why="there is no such point")
    wish = _wish(case, way, courier_id, site_id)
    numbers = count(1)
    scene = scene_of(tx, platform, [case], wishes={case.id: wish} if wish else {})
    weighed = weigh(
        case,
        scene=scene,
        world=platform.catch_up(tx),
        now=platform.now(),
        params=rules_of(tx, platform, case).recovery,
        plan_params=platform.params.repair,
        new_id=lambda: f"what-if-{next(numbers)}",
    )
    ids = {one.courier_id for one in weighed.options} | {
        one.courier_id for one in weighed.rejections
    }
    couriers = tx.couriers(ids - {""})
    names = {id_: one.name for id_, one in couriers.items()}
    asked = {id_ for id_, one in couriers.items() if one.contract is Contract.ASKED}
    return {
        "case_id": case.id,
        "order_id": case.order_id,
        "status": case.status.value,
        "at": stamp(platform.now()),
        "zone": platform.zone.key,
        "promised_by": stamp(case.promised_by),
        "asked": {"way": way.value if way else None, "courier_id": courier_id, "site_id": site_id},
        "best": _option(weighed.best, names, asked),
        "options": [_option(one, names, asked) for one in weighed.options],
        "reasons": [_reason(one, names) for one in weighed.rejections],
    }


def _wish(case: Case, way: Way | None, courier_id: str, site_id: str) -> Wish | None:
    """What is asked about, as the engine hears it."""
    if way is None and not (courier_id or site_id):
        return None
    if way is None:
        way = Way.PICKUP_POINT if site_id else Way.HANDOVER if case.held_by else Way.COURIER
    return Wish(way=way, courier_id=courier_id, site_id=site_id, by="dispatcher")


def _option(one: Option, names: dict[str, str], asked: set[str]) -> Data:
    """One open way with its price."""
    data: Data = plain(one)
    data["courier_name"] = names.get(one.courier_id, "")
    data["is_asked"] = one.courier_id in asked
    return data


def _reason(lost: Rejection, names: dict[str, str]) -> Data:
    """One closed way or passed-over courier, with its reason in both languages."""
    return {
        "way": lost.way.value,
        "loss": lost.loss.value,
        "courier_id": lost.courier_id,
        "amount": lost.amount,
        "en": planning.explain(lost, locale="en", names=names),
        "zh": planning.explain(lost, locale="zh", names=names),
    }
