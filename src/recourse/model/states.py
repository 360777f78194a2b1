"""This file knows how a thing may go from one state to the next: the guard of every table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from recourse.model.errors import IllegalMove

__all__ = ["check_move"]

S = TypeVar("S", bound=StrEnum)


def check_move(table: Mapping[S, frozenset[S]], *, at: S, to: S) -> S:
    """Return the next state, if the table allows the move.

    Parameters
    ----------
    table : mapping of state to frozenset of states
        The allowed moves; a state with an empty set is terminal.
    at, to : StrEnum
        The state a thing is in, and the one it is asked to take.

    Returns
    -------
    StrEnum
        `to`, unchanged.

    Raises
    ------
    IllegalMove
        If the table does not allow the move.

    Examples
    --------
    >>> from recourse.model.assignments import ASSIGNMENT_MOVES, AssignmentStatus
    >>> check_move(
    ...     ASSIGNMENT_MOVES, at=AssignmentStatus.ACTIVE, to=AssignmentStatus.WITHDRAWN
    ... ).value
    'withdrawn'
    """
    if to not in table[at]:
        raise IllegalMove(at=at, to=to)
    return to
