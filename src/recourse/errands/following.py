"""This file knows what follows from an answer of a peer, and from none.

An answer above 499, or none at all, says nothing about whether the thing was done. Then a peer that
can be asked is asked; one that takes a key is given the same key again; any other is left alone,
and people see that it is not known.

What is known of a call is never more than what was known before it took away: once a thing may have
been done, only a peer that says what came of its key can end that. A question that is turned away
(401, 405, 410, a redirect) is a question without an answer.
"""

from dataclasses import dataclass

from recourse.errands.params import ErrandParams
from recourse.model.errands import Act, ErrandState
from recourse.model.webhooks import Reached, TryOutcome

__all__ = ["Step", "follow", "leaves_open", "longest_pause_s"]

_NEVER_HEARD = 404
_TOO_MANY = 429
# The peer is still at it, gave up on us half-way, or is beside itself.
_UNSURE = frozenset({408, 409, 425})
_LEAST_UNSURE = 500
_SUCCESSES = range(200, 300)


@dataclass(frozen=True, slots=True)
class Step:
    """Where an errand goes from an answer.

    Attributes
    ----------
    state : ErrandState
        Where it stands now.
    act : Act or None
        What is done next; None at an end.
    """

    state: ErrandState
    act: Act | None = None


_DONE = Step(ErrandState.DONE)
_REFUSED = Step(ErrandState.REFUSED)
_UNKNOWN = Step(ErrandState.UNKNOWN)


def follow(
    act: Act,
    reached: Reached,
    *,
    takes_key: bool,
    can_be_asked: bool,
    is_over: bool,
    was_open: bool = False,
) -> Step:
    """Find what follows from a call to a peer.

    Parameters
    ----------
    act : Act
        What was done.
    reached : Reached
        What is known of it.
    takes_key : bool
        Whether the same key twice does the thing once.
    can_be_asked : bool
        Whether the peer says afterwards what came of a key.
    is_over : bool
        Whether the time to try has passed.
    was_open : bool, optional
        Whether the thing may have been done by an earlier call.

    Returns
    -------
    Step
        An end, or what to do next.

    Examples
    --------
    An answer that was lost is never a reason to do it twice:

    >>> lost = Reached(outcome=TryOutcome.UNKNOWN)
    >>> follow(Act.SEND, lost, takes_key=False, can_be_asked=False, is_over=False).state.value
    'unknown'
    >>> follow(Act.SEND, lost, takes_key=True, can_be_asked=True, is_over=False).act.value
    'ask'
    """
    if reached.outcome is TryOutcome.TAKEN:
        return _DONE
    is_open = leaves_open(act, reached, was_open=was_open)
    if is_open and can_be_asked and not is_over:
        return Step(ErrandState.WAITING, Act.ASK)
    is_turned_away = act is Act.SEND and _is_refused(reached)
    if is_over or is_turned_away or _is_said_to_be_refused(reached):
        return _UNKNOWN if is_open else _REFUSED
    return Step(ErrandState.WAITING, Act.SEND) if takes_key or not is_open else _UNKNOWN


def leaves_open(act: Act, reached: Reached, *, was_open: bool) -> bool:
    """Whether a thing may have been done, as far as is known after a call.

    Parameters
    ----------
    act : Act
        What was done.
    reached : Reached
        What is known of it.
    was_open : bool
        Whether it may have been done before.

    Returns
    -------
    bool
        False once it is known that it was done, or that it was not.

    Examples
    --------
    A second try that reached nobody says nothing about the first:

    >>> nobody = Reached(outcome=TryOutcome.NOT_REACHED)
    >>> leaves_open(Act.SEND, nobody, was_open=True), leaves_open(Act.SEND, nobody, was_open=False)
    (True, False)
    """
    if reached.outcome is TryOutcome.TAKEN or _is_said_to_be_refused(reached):
        return False
    if act is Act.ASK:
        return not (reached.outcome is TryOutcome.REFUSED and reached.status == _NEVER_HEARD)
    if reached.outcome is TryOutcome.NOT_REACHED or reached.status == _TOO_MANY:
        return was_open
    return was_open or not _is_refused(reached)


def _is_said_to_be_refused(reached: Reached) -> bool:
    """Whether the peer itself says, of this key, that it did not do it and will not."""
    return reached.outcome is TryOutcome.REFUSED and reached.status in _SUCCESSES


def _is_refused(reached: Reached) -> bool:
    """Whether this call certainly did nothing, and the same again would not either."""
    return reached.outcome is TryOutcome.REFUSED and not _is_unsure(reached)


def _is_unsure(reached: Reached) -> bool:
    """Whether a refusal leaves open what came of it."""
    status = reached.status
    return status >= _LEAST_UNSURE or status in _UNSURE or status == _TOO_MANY


def longest_pause_s(age_s: float, *, params: ErrandParams) -> int:
    """Find the longest pause between two calls about an errand.

    Parameters
    ----------
    age_s : float
        Seconds since the errand was made.
    params : ErrandParams
        How patiently.

    Returns
    -------
    int
        Seconds: short while it is new, so that what is not known is soon known.

    Examples
    --------
    >>> longest_pause_s(10, params=ErrandParams()), longest_pause_s(4000, params=ErrandParams())
    (20, 1800)
    """
    return params.eager_cap_s if age_s < params.eager_s else params.cap_s
