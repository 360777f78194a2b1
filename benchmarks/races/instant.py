"""This file knows four wills at one instant: accept, expire, cancel and revoke, in every ordering.

All four look at the same open question before any of them writes; then they write one after the
other, in each of the 24 orderings. The first must win and the others must see a clean `Conflict`.
Whoever lost tries again, as a worker or a person would, and must find that it is over.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import permutations

from recourse.adapters.store import migrate
from recourse.flow import disrupt, offers, order, roster
from recourse.model.assignments import AssignmentStatus, Offer, OfferStatus
from recourse.model.commands import Command
from recourse.model.errors import Conflict, RecourseError
from recourse.model.orders import ORDER_ENDS
from recourse.model.places import SiteKind
from recourse.model.ports import Transaction
from recourse.model.reasons import ReasonCode
from tests.flow.town import Town, at

__all__ = ["ORDERINGS", "WILLS", "at_one_instant"]

WILLS = ("accept", "expire", "cancel", "revoke")
ORDERINGS = tuple(permutations(WILLS))
_ENDS = {
    "accept": OfferStatus.ACCEPTED,
    "expire": OfferStatus.EXPIRED,
    "cancel": OfferStatus.REVOKED,
    "revoke": OfferStatus.REVOKED,
}


def at_one_instant(
    url: str, ordering: tuple[str, ...], *, times: int, tell: Callable[[], object] = lambda: None
) -> Counter[str]:
    """Let four wills meet again and again in one ordering.

    Parameters
    ----------
    url : str
        Address of an empty database.
    ordering : tuple of str
        Who writes first, second, and so on.
    times : int
        How often.
    tell : callable, optional
        Called after every time.

    Returns
    -------
    Counter of str
        ``won``, ``lost``, ``unclean ...`` and ``wrong ...``: ends of the single wills.
    """
    migrate(url)
    ends: Counter[str] = Counter()
    with ExitStack() as stack:
        towns = {name: Town(url) for name in WILLS}
        for town in towns.values():
            stack.callback(town.close)
        first = towns["accept"]
        first.site("kitchen", SiteKind.MERCHANT, at(2, 2))
        first.on_duty("bo", at(2, 2))
        for number in range(times):
            ends.update(_meet(towns, ordering, f"a-{number}"))
            tell()
    return ends


def _meet(towns: dict[str, Town], ordering: tuple[str, ...], name: str) -> Iterator[str]:
    """One question, four wills; what became of each."""
    town = towns["accept"]
    order_id = town.meal(name).id
    town.work()
    offer = town.offer_to("bo")
    pending = [(will, *_looked(towns[will], will, offer, order_id)) for will in WILLS]
    by_will = {will: manager for will, manager, _ in pending}
    for rank, will in enumerate(ordering):
        yield _written(by_will[will], is_first=rank == 0)
    yield from _again(towns, offer, order_id)
    yield from _wrong(town, offer, ordering[0], order_id)
    _clear(town, order_id)


def _looked(
    town: Town, will: str, offer: Offer, order_id: str
) -> tuple[AbstractContextManager[Transaction], Transaction]:
    """Look and decide, but do not write yet."""
    manager = town.store.begin()
    tx = manager.__enter__()
    _do(tx, town, will, offer, order_id)
    return manager, tx


def _do(tx: Transaction, town: Town, will: str, offer: Offer, order_id: str) -> None:
    """What one will does about the question."""
    platform = town.platform
    match will:
        case "accept":
            offers.accept(tx, platform, offer.id)
        case "expire":
            payload = {"offer_id": offer.id}
            due = Command(key="-", name="expire", due_at=offer.deadline_at, payload=payload)
            offers.expire(tx, platform, due)
        case "cancel":
            code = ReasonCode.CUSTOMER_CANCELED
            order.cancel(tx, platform, order_id, actor="customer", code=code)
        case _:
            disrupt.withdraw(tx, platform, "bo", code=ReasonCode.COURIER_EMERGENCY)


def _written(manager: AbstractContextManager[Transaction], *, is_first: bool) -> str:
    """Write what was decided; the first must win, the others must be refused."""
    try:
        manager.__exit__(None, None, None)
    except Conflict:
        return "lost" if not is_first else "unclean: the first one lost"
    except Exception as error:  # noqa: BLE001 - whatever else comes out is what is looked for
        return f"unclean {type(error).__name__}: {error}"
    return "won" if is_first else "unclean: a second one won"


def _again(towns: dict[str, Town], offer: Offer, order_id: str) -> Iterator[str]:
    """Whoever lost tries again: it is over for the question, and every answer is a clean one."""
    for will in ("accept", "expire"):
        try:
            with towns[will].store.begin() as tx:
                _do(tx, towns[will], will, offer, order_id)
        except RecourseError:
            yield "refused again"
        else:
            yield "nothing to do" if will == "expire" else "unclean: accepted twice"


def _wrong(town: Town, offer: Offer, winner: str, order_id: str) -> Iterator[str]:
    """What is wrong afterwards: the question must have the end of who was first, and no other."""
    found = town.read(lambda tx: tx.offers([offer.id]))[offer.id].status
    if found is not _ENDS[winner]:
        yield f"wrong: {winner} was first and the question ended {found.value}"
    live = [one for one in town.duties(order_id) if one.status is AssignmentStatus.ACTIVE]
    if len(live) != (winner == "accept"):
        yield f"wrong: {len(live)} duties after {winner}"


def _clear(town: Town, order_id: str) -> None:
    """End the order and bring the courier back, for the next time."""
    if town.order(order_id).status not in ORDER_ENDS:
        town.cancel(order_id)
    town.do(roster.duty, "bo", on=True)
    town.work()
