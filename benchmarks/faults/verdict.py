"""This file knows what a story came to, and what is wrong with it beside the calm one."""

from collections import Counter
from dataclasses import asdict, dataclass, fields

from benchmarks.faults.player import Player
from recourse.audit import audit
from recourse.model.cases import CaseStatus
from recourse.model.events import CustodyPassed, LedgerPosted
from recourse.model.orders import ORDER_ENDS, OrderStatus

__all__ = ["End", "Faulty", "end_of", "faults_of"]

_LIES_WELL = OrderStatus.AVAILABLE_FOR_PICKUP


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What one story came to; times are left out, because a death costs a lease.

    Attributes
    ----------
    orders : tuple
        Name and status of the order and of each one that replaces it.
    cases : tuple
        Status and outcome of every case.
    looks : tuple of int
        How often each case was decided. One that waits is looked at again every few minutes, and
        who comes at that very minute comes before the look or after it: fewer is no difference.
    duties : tuple
        Order, courier and end of every assignment.
    hands : tuple
        Who held each parcel, one after the other.
    paid : tuple
        Beneficiary, kind, amount and rule of every remedy, and the key of every entry.
    told : tuple
        Kinds of the notices in order.
    asked : tuple
        Courier and answer of every question; a tie of instants is nobody's difference.
    n_parked : int
        Commands that failed too often.
    findings : tuple of str
        What the auditor found.
    """

    orders: tuple[tuple[str, str], ...]
    cases: tuple[tuple[str, str], ...]
    looks: tuple[int, ...]
    duties: tuple[tuple[str, str, str], ...]
    hands: tuple[tuple[str, str], ...]
    paid: tuple[tuple[str, ...], ...]
    told: tuple[str, ...]
    asked: tuple[tuple[str, str], ...]
    n_parked: int
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """What is wrong with one story, each a number that must be 0.

    Attributes
    ----------
    lost : int
        Parcels nobody holds, or orders that neither ended nor have a case.
    doubled_remedies, doubled_notices, doubled_offers : int
        More than the calm run gave, sent or asked.
    unended : int
        Orders and cases that have not ended, nor lie where the customer fetches them.
    broken : int
        Rules and rows the auditor found broken, and commands that were parked.
    different : int
        1 if anything is not as in the calm run, but for fewer looks at a case.
    """

    lost: int = 0
    doubled_remedies: int = 0
    doubled_notices: int = 0
    doubled_offers: int = 0
    unended: int = 0
    broken: int = 0
    different: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not any(asdict(self).values())


def end_of(player: Player) -> End:
    """Read what a story came to, and let the auditor read everything."""
    town, orders = player.town, player.orders()
    name = {order.id: order.external_id for order in orders}
    cases = [case for order in orders for case in town.cases(order.id)]
    remedies = [one for case in cases for one in town.remedies(case.id)]
    duties = [duty for order in orders for duty in town.duties(order.id)]
    offers = town.read(lambda tx: tx.offers([d.offer_id for d in duties if d.offer_id]))
    report = audit(town.url)
    return End(
        orders=tuple((order.external_id, order.status.value) for order in orders),
        cases=tuple((case.status.value, case.outcome) for case in cases),
        looks=tuple(case.n_decisions for case in cases),
        duties=tuple(sorted((name[d.order_id], d.courier_id, d.status.value) for d in duties)),
        hands=tuple(
            (name[one.order_id], one.to_holder_id)
            for one in town.happened(CustodyPassed)
            if one.order_id in name
        ),
        paid=tuple(
            sorted(
                [
                    (one.beneficiary_id, one.kind.value, str(one.amount_cents), one.rule)
                    for one in remedies
                ]
                + [(one.key.partition("/")[2],) for one in town.happened(LedgerPosted)]
            )
        ),
        told=tuple(kind for order in orders for kind in town.told(order.id)),
        asked=tuple(sorted((one.courier_id, one.status.value) for one in offers.values())),
        n_parked=len(town.parked()),
        findings=tuple(report.lines()[1:]),
    )


def faults_of(end: End, calm: End) -> Faulty:
    """Hold a story against the calm one.

    Returns
    -------
    Faulty
        All zeros if nothing is wrong.
    """
    ends = {status.value for status in ORDER_ENDS}
    closed = CaseStatus.CLOSED.value
    waits = any(status == _LIES_WELL.value for _, status in end.orders)
    unended = sum(status not in ends | {_LIES_WELL.value} for _, status in end.orders)
    unended += sum(status != closed for status, _ in end.cases if not waits)
    return Faulty(
        lost=sum("nothing_is_lost" in line or "custod" in line for line in end.findings),
        doubled_remedies=_more(end.paid, calm.paid),
        doubled_notices=_more(end.told, calm.told),
        doubled_offers=_more(end.asked, calm.asked),
        unended=unended,
        broken=len(end.findings) + end.n_parked,
        different=int(_differs(end, calm)),
    )


def _differs(end: End, calm: End) -> bool:
    """Whether anything is not as in the calm run; a case may have been looked at less often."""
    more_looks = any(a > b for a, b in zip(end.looks, calm.looks, strict=False))
    alike = {f.name for f in fields(End)} - {"looks"}
    return more_looks or any(getattr(end, name) != getattr(calm, name) for name in alike)


def _more(found: tuple[object, ...], wanted: tuple[object, ...]) -> int:
    """How many there are beyond those there should be."""
    return (Counter(found) - Counter(wanted)).total()
