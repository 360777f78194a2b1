"""This file knows how a plan that holds is bettered in spare time, a slice at a time.

Whoever holds the clock says how long a slice is. A better plan is offered only if it saves more
than is worth disturbing people for, the price of changing what was told included.
"""

from dataclasses import dataclass

from recourse.planning.engine.answers import Answer, SearchParams
from recourse.planning.engine.cut import CityAnswer
from recourse.planning.engine.facts import ANY
from recourse.planning.engine.metropolis import Metropolis
from recourse.planning.engine.reference import Dice
from recourse.planning.engine.world import World

__all__ = ["Background", "Change", "CityBackground"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A better plan, and what is different in it.

    Attributes
    ----------
    answer : Answer
        The plan; tell it with `World.adopt`, which refuses it once something has happened.
    gain : int
        What it saves, after the price of change has been paid.
    change_price : int
        The price of change alone.
    moved : tuple of tuple of int
        Order, who was told to carry it and who carries it now (``ANY``: nobody).
    turned : tuple of int
        Couriers who are told another next stop.
    """

    answer: Answer
    gain: int
    change_price: int
    moved: tuple[tuple[int, int, int], ...]
    turned: tuple[int, ...]


class Background:
    """Looks for a better plan for as long as nothing happens, and from the start when it did.

    Parameters
    ----------
    world : World
        Whose plan. It may be asked and told anything in between.
    least_gain : int
        What a plan has to save to be offered, and every later one again.
    round_steps : int, optional
        Steps after which the search has cooled down, and begins again with other dice.
    seed : int, optional
        Where the dice begin.
    params : SearchParams, optional
        How to look.
    """

    def __init__(
        self,
        world: World,
        *,
        least_gain: int,
        round_steps: int = 20_000,
        seed: int = 0,
        params: SearchParams | None = None,
    ) -> None:
        self._world, self._least_gain, self._round_steps = world, least_gain, round_steps
        self._seed, self._params = seed, params or SearchParams()
        self._version = self._question = ANY
        self._told_price = self._offered_price = self._round = self._done = 0
        self._told: list[list[int]] = []

    def work(self, n_steps: int) -> Change | None:
        """Look on for so many steps.

        Parameters
        ----------
        n_steps : int
            Length of the slice.

        Returns
        -------
        Change or None
            A plan that is worth telling, if this slice found one; never the same twice.
        """
        if self._version != self._world.version:
            self._start_over()
        if self._question != self._world.n_questions:
            self._ask()
        share = self._done / self._round_steps
        self._done += n_steps
        until = min(1.0, self._done / self._round_steps)
        self._world.engine.work(n_steps, share, until)
        answer = self._world.look()
        if self._done >= self._round_steps:
            self._round += 1
            self._question = ANY
        if self._offered_price - answer.price <= self._least_gain:
            return None
        self._offered_price = answer.price
        return self._change(answer)

    def _start_over(self) -> None:
        """Something has happened: what was found is worth nothing any more."""
        self._told = [route.tolist() for route in self._world.routes]
        self._version, self._question, self._round = self._world.version, ANY, 0
        self._told_price = self._offered_price = self._world.engine.price()

    def _ask(self) -> None:
        """Begin a round; each has dice of its own."""
        self._world.ask(seed=self._seed + self._round, params=self._params)
        self._question, self._done = self._world.n_questions, 0

    def _change(self, answer: Answer) -> Change:
        """What is different."""
        rules, told = self._world.rules, self._told
        new = [route.tolist() for route in answer.routes]
        was, now = _takers(rules.order_of, told), _takers(rules.order_of, new)
        moved = [
            (order, was.get(order, ANY), now.get(order, ANY))
            for order in sorted(was.keys() | now.keys())
            if was.get(order, ANY) != now.get(order, ANY)
        ]
        pairs = enumerate(zip(told, new, strict=True))
        return Change(
            answer=answer,
            gain=self._told_price - answer.price,
            change_price=sum(rules.walk(c, route).change_price for c, route in enumerate(new)),
            moved=tuple(moved),
            turned=tuple(c for c, (old, one) in pairs if old[:1] != one[:1]),
        )


class CityBackground:
    """Goes from neighbourhood to neighbourhood of a city and looks for a better plan in each.

    Parameters
    ----------
    city : Metropolis
        Whose plan. It may be asked and told anything in between.
    least_gain : int
        What a plan of a neighbourhood has to save to be offered.
    seed : int, optional
        Where the dice begin: who comes when, and how it is looked for.
    reach : int, optional
        How many couriers a neighbourhood has, at most.
    """

    def __init__(
        self, city: Metropolis, *, least_gain: int, seed: int = 0, reach: int | None = None
    ) -> None:
        self._city, self._least_gain, self._reach = city, least_gain, reach
        self._dice, self._seed, self._left = Dice(seed), seed, list[int]()

    def work(self, n_steps: int) -> CityAnswer | None:
        """Look at one neighbourhood, for so many steps; everybody's comes once in a round.

        Parameters
        ----------
        n_steps : int
            Length of the slice.

        Returns
        -------
        CityAnswer or None
            A plan that is worth telling. `Metropolis.adopt` refuses it once it is overtaken.
        """
        if not self._left:
            self._left = [c for c in range(self._city.n_couriers) if self._city.route(c)]
        if not self._left:
            return None
        drawn = self._dice.below(len(self._left))
        self._left[drawn], self._left[-1] = self._left[-1], self._left[drawn]
        self._seed += 1
        answer = self._city.better(
            self._left.pop(), iterations=n_steps, seed=self._seed, reach=self._reach
        )
        return answer if answer.gain > self._least_gain else None


def _takers(order_of: list[int], routes: list[list[int]]) -> dict[int, int]:
    """Who carries each order."""
    return {order_of[visit]: c for c, route in enumerate(routes) for visit in route}
