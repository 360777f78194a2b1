"""What every solver takes and gives, and the clock they are all measured by."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.redispatch.scenario import Scenario

__all__ = ["Answer", "Entrant", "cpu_s"]

Routes = tuple[tuple[int, ...], ...]

cpu_s = time.process_time
"""Seconds of processor time of this process: the machine may be shared, and one solver of the
field starts a thread of its own. The threads of nobody else run in this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a solver says.

    Attributes
    ----------
    routes : tuple of tuple of int
        Nodes of each courier in their sequence.
    solve_s, setup_s : float
        Processor seconds of the search, and of building the model before it, which no budget
        includes.
    notes : dict of str to float
        What the solver says of itself.
    """

    routes: Routes
    solve_s: float
    setup_s: float
    notes: dict[str, float] = field(default_factory=dict)


Solve = Callable[[Scenario, float, int], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A solver in one of its ways, as it enters the comparison.

    Attributes
    ----------
    name : str
        Solver and way.
    version : str
        Of the package; results of another version are measured again.
    solve : callable
        From a scenario, seconds of processor time (0: until it stops by itself) and a seed.
    budgets_ms : tuple of int
        Budgets it is measured with; 0 lets it stop by itself.
    has_dice : bool
        Whether a seed changes the answer.
    variants : str
        Those it enters.
    """

    name: str
    version: str
    solve: Solve
    budgets_ms: tuple[int, ...]
    has_dice: bool
    variants: str = "ABC"

    def with_budgets(self, budgets_ms: Sequence[int]) -> "Entrant":
        """Take other budgets; an entrant that stops by itself still may.

        Parameters
        ----------
        budgets_ms : sequence of int
            Instead of its own.

        Returns
        -------
        Entrant
            The same otherwise.
        """
        own = [ms for ms in self.budgets_ms if not ms]
        asked = [ms for ms in budgets_ms if ms] if any(self.budgets_ms) else []
        return replace(self, budgets_ms=(*own, *asked))
