"""This file knows how a command that failed too often is looked at, and tried anew at a word."""

from typing import cast

from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.errors import NotFound
from recourse.model.events import CommandUnparked, dotted
from recourse.model.ports import EventFilter, Transaction

__all__ = ["parked", "unpark", "unparked"]


def parked(platform: Platform) -> list[tuple[Command, str]]:
    """Return what failed too often, or killed whoever began it, with what was last wrong with it.

    Returns
    -------
    list of tuple of Command and str
        Oldest first.
    """
    return platform.store.parked()


def unpark(tx: Transaction, platform: Platform, key: str, *, actor: str, why: str) -> Command:
    """Take a command out of parking: it is due at once, and counts as never tried.

    Parameters
    ----------
    tx : Transaction
        To record in.
    platform : Platform
        Whose store.
    key : str
        Which command.
    actor, why : str
        Who says so, and what was mended; kept in the log.

    Returns
    -------
    Command
        The command.

    Raises
    ------
    NotFound
        If no command of that key is parked.
    """
    found = next((one for one, _ in parked(platform) if one.key == key), None)
    if found is None:
        raise NotFound(kind="parked command", id=key)
    told = CommandUnparked(
        at=platform.now(),
        command_key=key,
        what=found.name,
        actor=actor,
        why=why,
        order_id=found.order_id,
        courier_id=found.courier_id,
        case_id=found.case_id,
    )
    tx.record(events=[told], unparked=[key])
    return found


def unparked(tx: Transaction, *, after: int, limit: int) -> list[tuple[int, CommandUnparked]]:
    """Return who had what tried anew, when and why.

    Parameters
    ----------
    tx : Transaction
        To read in.
    after : int
        Only what has a higher number in the log.
    limit : int
        At most so many.

    Returns
    -------
    list of tuple of int and CommandUnparked
        Each with its number in the log, oldest first.
    """
    wanted = EventFilter(after=after, kinds=(dotted(CommandUnparked),), limit=limit)
    return [(one.number, cast("CommandUnparked", one.event)) for one in tx.events(wanted)]
