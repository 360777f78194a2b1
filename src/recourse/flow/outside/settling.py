"""This file knows how somebody says what came of an errand of which nobody knew."""

from recourse.flow.outside.doing import paid
from recourse.flow.outside.making import ended
from recourse.flow.platform import Platform
from recourse.model.errands import Errand, ErrandKind, ErrandState
from recourse.model.errors import Conflict, NotFound
from recourse.model.ports import Transaction

__all__ = ["settle"]


def settle(
    tx: Transaction, platform: Platform, errand_id: str, *, is_done: bool, actor: str, why: str
) -> Errand:
    """Put down what a person found out about an unknown outcome; saying it again changes nothing.

    Parameters
    ----------
    tx : Transaction
        To read and record in.
    platform : Platform
        What the stages work with.
    errand_id : str
        Which errand.
    is_done : bool
        Whether it was done after all; a payout is then booked as paid.
    actor, why : str
        Who says so, and how they know.

    Returns
    -------
    Errand
        As it stands now.

    Raises
    ------
    NotFound
        If there is no such errand.
    Conflict
        If its outcome is known, and is not this one.
    """
    errand = tx.errands([errand_id]).get(errand_id)
    if errand is None:
        raise NotFound(kind="errand", id=errand_id)
    state = ErrandState.DONE if is_done else ErrandState.REFUSED
    if errand.state is state:
        return errand
    if errand.state is not ErrandState.UNKNOWN:
        raise Conflict(rule="errand_end_is_final", detail=f"it is {errand.state} already")
    now = platform.now()
    over, event = ended(errand, state, now=now, detail=f"{actor}: {why}"[:200])
    is_paid = is_done and errand.kind is ErrandKind.PAYOUT
    values, events = paid(tx, errand, now=now) if is_paid else ([], [])
    tx.record([over, *values], events=[event, *events])
    return over
