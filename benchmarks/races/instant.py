"""This file knows four wills at one instant: accept, expire, cancel and revoke, in every ordering.

All four look at the same open question before any of them writes; then they write one after the
other, in each of the 24 orderings. The first must win and the others must see a clean `Conflict`.
Whoever lost tries again, as a worker or a person would, and must find that it is over.
"""

import multiprocessing
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from itertools import permutations
from typing import Any

from recourse.adapters.store import migrate
from recourse.audit import audit
from recourse.flow import disrupt, offers, order, roster
from recourse.model.assignments import AssignmentStatus, Offer, OfferStatus
from recourse.model.commands import Command
from recourse.model.errors import Conflict, RecourseError
from recourse.model.orders import ORDER_ENDS
from recourse.model.places import SiteKind
from recourse.model.ports import Transaction
from recourse.model.reasons import ReasonCode
from tests.flow.town import Town, at, streets

__all__ = ["ORDERINGS", "WILLS", "at_all_instants", "at_one_instant"]

WILLS = ("accept", "expire", "cancel", "revoke")
ORDERINGS = tuple(permutations(WILLS))
_ENDS = {
    "accept": OfferStatus.ACCEPTED,
    "expire": OfferStatus.EXPIRED,
    "cancel": OfferStatus.REVOKED,
    "revoke": OfferStatus.REVOKED,
}
_N_BESIDE = 8
"""Orderings played beside each other, each by a process of its own on a database of its own.

Within one of them a will waits for the will before it, and all wait for the disk: alone it would
leave the processors idle.
"""
_TOLD_EVERY = 10


def at_all_instants(urls: Sequence[str], *, times: int) -> Iterator[tuple[Counter[str], list[str]]]:
    """Let four wills meet in every ordering, several orderings beside each other.

    Parameters
    ----------
    urls : sequence of str
        Addresses of empty databases, one for each ordering.
    times : int
        How often in each.

    Yields
    ------
    tuple of Counter and list of str
        Ends of single wills, as `at_one_instant` counts them, as they come in; and what the auditor
        found in a database when its ordering was through.
    """
    streets()
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    players = [context.Process(target=_play, args=(i, urls, times, told)) for i in range(_N_BESIDE)]
    for player in players:
        player.start()
    n_through = 0
    while n_through < len(ORDERINGS):
        ends, findings, is_through = told.get()
        n_through += is_through
        yield ends, findings
    for player in players:
        player.join()


def _play(i: int, urls: Sequence[str], times: int, told: Any) -> None:  # noqa: ANN401 - a queue
    """Play every n-th ordering, and tell from time to time how it goes."""
    for ordering, url in list(zip(ORDERINGS, urls, strict=True))[i::_N_BESIDE]:
        since: Counter[str] = Counter()
        try:
            for number, ends in enumerate(_instants(url, ordering, times=times), 1):
                since.update(ends)
                if number % _TOLD_EVERY == 0:
                    told.put((since, [], False))
                    since = Counter()
            told.put((since, audit(url).lines()[1:], True))
        except Exception:  # noqa: BLE001 - what breaks off is a finding, and the others go on
            since["unclean: broke off"] += 1
            told.put((since, [traceback.format_exc(limit=-6)], True))


def at_one_instant(url: str, ordering: tuple[str, ...], *, times: int) -> Counter[str]:
    """Let four wills meet again and again in one ordering.

    Parameters
    ----------
    url : str
        Address of an empty database.
    ordering : tuple of str
        Who writes first, second, and so on.
    times : int
        How often.

    Returns
    -------
    Counter of str
        ``won``, ``lost``, ``unclean ...`` and ``wrong ...``: ends of the single wills.
    """
    total: Counter[str] = Counter()
    for ends in _instants(url, ordering, times=times):
        total.update(ends)
    return total


def _instants(url: str, ordering: tuple[str, ...], *, times: int) -> Iterator[Counter[str]]:
    """Ends of the wills, one instant after the other."""
    migrate(url)
    with ExitStack() as stack:
        towns = {name: Town(url) for name in WILLS}
        for town in towns.values():
            stack.callback(town.close)
        first = towns["accept"]
        first.site("kitchen", SiteKind.MERCHANT, at(2, 2))
        first.on_duty("bo", at(2, 2))
        for number in range(times):
            yield Counter(_meet(towns, ordering, f"a-{number}"))


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
