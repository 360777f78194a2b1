"""Four eyes: a remedy above an amount waits until a dispatcher has said yes or no to it."""

from dataclasses import replace

from recourse import redress
from recourse.flow.make_good import granting, history_of, payout_ranks
from recourse.flow.platform import Platform
from recourse.flow.policies import rules_of
from recourse.flow.refunds import still_owed
from recourse.flow.views.plain import Data, plain, stamp
from recourse.model.cases import Case
from recourse.model.errors import Conflict, Invalid, NotFound
from recourse.model.events import RemedyGranted, RemedyProposed, RemedyRefused, dotted
from recourse.model.orders import Order
from recourse.model.ports import EventFilter, Transaction
from recourse.model.redress import Remedy
from recourse.redress.facts import History
from recourse.redress.policy import RemedyPolicy

__all__ = ["approve", "refuse", "waiting"]

_KINDS = tuple(dotted(kind) for kind in (RemedyProposed, RemedyGranted, RemedyRefused))


def waiting(tx: Transaction) -> list[Data]:
    """List the remedies that wait for a dispatcher, oldest first.

    Parameters
    ----------
    tx : Transaction
        To read in.

    Returns
    -------
    list of dict
        Each with its worth, its rule and since when it waits.
    """
    return [
        {**plain(remedy), "granted_at": None, "proposed_at": stamp(remedy.granted_at)}
        for remedy in _open(tx).values()
    ]


def approve(tx: Transaction, platform: Platform, remedy_id: str, *, actor: str) -> Remedy:
    """Give a remedy that waited; saying yes again changes nothing.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        What the stages work with.
    remedy_id : str
        Which one.
    actor : str
        Who says so; kept in the log.

    Returns
    -------
    Remedy
        As it was given.

    Raises
    ------
    NotFound
        If it was never proposed.
    Conflict
        If it was refused, its budget or stock is used up by now, or it no longer follows from
        what has happened since.
    """
    case_id = remedy_id.partition("/")[0]
    given = next((one for one in tx.remedies(case_id) if one.id == remedy_id), None)
    if given is not None:
        return given
    remedy = replace(_proposed(tx, remedy_id), granted_at=platform.now())
    case = tx.cases([case_id])[case_id]
    order = tx.orders([case.order_id])[case.order_id]
    policy = rules_of(tx, platform, case).redress
    history = history_of(tx, platform, order, policy)
    values, events, commands = granting(
        tx,
        platform,
        case,
        remedy,
        policy=policy,
        ranks=payout_ranks(tx, platform, case),
        history=history,
        approved_by=actor,
    )
    _check_follows(tx, case, order, remedy, policy=policy, history=history)
    # The case is written too: who says yes and who says no at one instant meet there.
    tx.record([case, *values], events=events, commands=commands)
    return remedy


def _check_follows(
    tx: Transaction,
    case: Case,
    order: Order,
    remedy: Remedy,
    *,
    policy: RemedyPolicy,
    history: History,
) -> None:
    """Refuse what was owed when it was proposed, and is not any more."""
    kept, late_s = redress.lateness(order)
    assessed = redress.assess(
        case,
        order,
        kept=kept,
        late_s=late_s,
        now=remedy.granted_at,
        policy=policy,
        history=history,
    )
    by_rule = [one.rule for one in assessed if one.id == remedy.id and one.kind is remedy.kind]
    if by_rule != [remedy.rule]:
        detail = f"by what has happened since, rule {remedy.rule} does not apply; refuse it"
        raise Conflict(rule="remedy_no_longer_follows", detail=detail)
    if still_owed(tx, order, remedy) != remedy:
        detail = "what was sent back has been paid for since; refuse it"
        raise Conflict(rule="remedy_no_longer_follows", detail=detail)


def refuse(tx: Transaction, platform: Platform, remedy_id: str, *, actor: str, why: str) -> None:
    """Do not give a remedy that waited, for a reason that is kept.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        What the stages work with.
    remedy_id : str
        Which one.
    actor, why : str
        Who says so, and their reason.

    Raises
    ------
    NotFound
        If it was never proposed.
    Invalid
        If no reason is given.
    Conflict
        If it was given or refused already.
    """
    if not why.strip():
        raise Invalid(field="why", why="say why; it is kept with the case")
    remedy = _proposed(tx, remedy_id)
    case = tx.cases([remedy.case_id])[remedy.case_id]
    told = RemedyRefused(
        at=platform.now(),
        remedy_id=remedy_id,
        case_id=remedy.case_id,
        actor=actor,
        why=why.strip(),
    )
    tx.record([case], events=[told])


def _proposed(tx: Transaction, remedy_id: str) -> Remedy:
    """A remedy that still waits."""
    case_id = remedy_id.partition("/")[0]
    found = _open(tx, case_id)
    if remedy_id in found:
        return found[remedy_id]
    for one in tx.events(EventFilter(case_id=case_id, kinds=_KINDS)) if case_id else ():
        if isinstance(one.event, RemedyProposed) and one.event.remedy.id == remedy_id:
            raise Conflict(rule="remedy_is_decided", detail="it was given or refused already")
    raise NotFound(kind="remedy that waits", id=remedy_id)


def _open(tx: Transaction, case_id: str = "") -> dict[str, Remedy]:
    """Remedies that were proposed and neither given nor refused."""
    found: dict[str, Remedy] = {}
    wanted = EventFilter(case_id=case_id, kinds=_KINDS)
    while page := tx.events(wanted):
        for one in page:
            match one.event:
                case RemedyProposed(remedy=remedy):
                    found[remedy.id] = remedy
                case RemedyGranted(remedy_id=id_) | RemedyRefused(remedy_id=id_):
                    found.pop(id_, None)
        wanted = replace(wanted, after=page[-1].number)
    return found
