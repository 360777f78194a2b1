"""This file knows the places between an effect and its record where a worker may die."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Crash", "FaultPoint", "Faults", "sweep"]


class FaultPoint(StrEnum):
    """A place where dying must do no harm."""

    AFTER_LEASE = "after_lease"
    """The command is held, nothing is done."""
    BEFORE_RECORD = "before_record"
    """Everything is decided, nothing is written."""
    BEFORE_COMMIT = "before_commit"
    """Everything is written, nothing is committed."""
    AFTER_COMMIT = "after_commit"
    """Everything is committed, nobody has been told."""
    BEFORE_PUT_BACK = "before_put_back"
    """A command failed, and the failure is not yet written down."""


class Crash(BaseException):
    """The worker dies here; no handler of ordinary errors may catch it."""

    def __init__(self, point: FaultPoint, number: int) -> None:
        self.point, self.number = point, number
        super().__init__(f"died at {point}, the {number}. point met")


@dataclass(slots=True)
class Faults:
    """Counts the points met and dies at one of them; `meet` is the hook to pass on.

    Attributes
    ----------
    dies_at : int
        Die at the n-th point met, from 1; 0 never dies.
    met : list of FaultPoint
        The points met so far, in order.
    """

    dies_at: int = 0
    met: list[FaultPoint] = field(default_factory=list)

    def meet(self, point: FaultPoint) -> None:
        """Come to a point.

        Parameters
        ----------
        point : FaultPoint
            Which one.

        Raises
        ------
        Crash
            If this is the point to die at.
        """
        self.met.append(point)
        if len(self.met) == self.dies_at:
            raise Crash(point, self.dies_at)


def sweep(
    run: Callable[[Callable[[FaultPoint], None]], None], *, limit: int = 10_000
) -> Iterator[tuple[int, FaultPoint | None]]:
    """Run a scenario again and again, dying at the 1st, the 2nd, … point, until none is left.

    The scenario must begin from scratch whenever it is called. The caller resumes the world after
    each death, when it is handed the point, and compares.

    Parameters
    ----------
    run : callable
        The scenario; takes the hook to call at every point.
    limit : int
        Most runs to make.

    Yields
    ------
    tuple of (int, FaultPoint or None)
        Number of the run and where it died; None for the last run, which met no fault.

    Raises
    ------
    RuntimeError
        If the scenario still dies after `limit` runs.

    Examples
    --------
    >>> def scenario(meet):
    ...     meet(FaultPoint.BEFORE_COMMIT)
    ...     meet(FaultPoint.AFTER_COMMIT)
    >>> [point and point.value for _, point in sweep(scenario)]
    ['before_commit', 'after_commit', None]
    """
    for number in range(1, limit + 1):
        faults = Faults(dies_at=number)
        try:
            run(faults.meet)
        except Crash as crash:
            yield number, crash.point
        else:
            yield number, None
            return
    message = f"the scenario still meets fault points after {limit} runs"
    raise RuntimeError(message)
