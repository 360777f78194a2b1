"""This file knows how a command that failed too often is looked at, and tried anew at a word."""

import logging

from recourse.flow.platform import Platform
from recourse.model.commands import Command
from recourse.model.errors import NotFound
from recourse.model.ports import Transaction

__all__ = ["parked", "unpark"]

_log = logging.getLogger(__name__)


def parked(platform: Platform) -> list[tuple[Command, str]]:
    """Return what failed too often, or killed whoever began it, with what was last wrong with it.

    Returns
    -------
    list of tuple of Command and str
        Oldest first.
    """
    return platform.store.parked()


def unpark(tx: Transaction, platform: Platform, key: str, *, actor: str) -> Command:
    """Take a command out of parking: it is due at once, and counts as never tried.

    Parameters
    ----------
    tx : Transaction
        To record in.
    platform : Platform
        Whose store.
    key : str
        Which command.
    actor : str
        Who says so; written to the log of the process.

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
    tx.record(unparked=[key])
    _log.warning("command %s is taken out of parking by %s", key, actor)
    return found
