"""This file knows the kernel in plain Python: the oracle of the tests, and the slow way out.

Every route is judged from scratch by `Rules`. The first answer is the compiled kernel's, number for
number; the search is a plain one and finds less.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from recourse.planning.engine.answers import SearchParams
from recourse.planning.engine.arrays import Int32s
from recourse.planning.engine.facts import ANY, Couriers, Options, Orders, Visits
from recourse.planning.engine.rules import Rule, Rules
from recourse.planning.engine.ways import Ways

__all__ = ["Dice", "Reference", "Spot"]

_WORD = 2**64 - 1

Spot = tuple[int, int, int, int]
"""Price, rank after which the pickup goes (``ANY`` if there is none), the same of the delivery, and
which of its options the order takes."""


class Dice:
    """SplitMix64: the numbers of the compiled kernel's dice.

    Parameters
    ----------
    seed : int
        Which sequence.
    """

    def __init__(self, seed: int) -> None:
        self._state = seed & _WORD

    def bits(self) -> int:
        """Thirty-two bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _WORD
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
        return (z ^ (z >> 31)) >> 32

    def below(self, n: int) -> int:
        """One of 0 to n - 1."""
        return (self.bits() * n) >> 32


class Reference:
    """A plan that is told, and another that is worked on.

    Parameters
    ----------
    rules : Rules
        The facts.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._told: list[list[int]] = [[] for _ in range(len(rules.couriers))]
        self._plan = self._told
        self._dice = Dice(0)
        self._n_removed_mean = 1
        self._steps = self._removed = 0

    def load_routes(self, lengths: Int32s, visits: Int32s) -> None:
        """Tell a plan: see `World.load_routes`."""
        ends = np.cumsum(lengths)
        plan = [[int(v) for v in part] for part in np.split(visits, ends[:-1])]
        is_sound = all(self._is_sound(courier, route) for courier, route in enumerate(plan))
        self._tell(plan if is_sound else [[] for _ in plan])
        if not is_sound:
            msg = "a route breaks a window, a load, the end of a day, or who may carry"
            raise ValueError(msg)

    def drop_courier(self, courier: int) -> list[int]:
        """Take a courier out: see `World.drop_courier`."""
        before = self._homeless()
        self._rules.drop(courier, self._told[courier])
        self._plan = self._told = [
            [] if c == courier else route for c, route in enumerate(self._told)
        ]
        return sorted(self._homeless() - before)

    def told(self) -> list[list[int]]:
        """Routes as they were told."""
        return self._told

    def add_place(self, ways: Ways) -> int:
        """One place more."""
        self._rules.set_place(self._rules.travel.n_places, ways)
        return self._rules.travel.n_places - 1

    def change_place(self, place: int, ways: Ways) -> list[int]:
        """Other ways from and to a place."""
        before = self._homeless()
        self._rules.set_place(place, ways)
        return self._shed_since(before, range(len(self._told)))

    def add_order(self, visits: Visits, order: Orders, options: Options) -> int:
        """One order more."""
        self._rules.add_order(visits, order, options)
        return len(self._rules.orders) - 1

    def add_courier(self, courier: Couriers) -> int:
        """One courier more."""
        self._rules.add_courier(courier)
        self._plan = self._told = [*self._told, []]
        return len(self._told) - 1

    def take_order_out(self, order: int) -> list[int]:
        """An order less."""
        before = self._homeless()
        self._rules.over.add(order)
        self._leave_out(order)
        return self._shed_since(before, range(len(self._told)))

    def move_courier(self, courier: int, place: int, at_s: int) -> list[int]:
        """A courier is somewhere else, or later."""
        before = self._homeless()
        self._rules.move(courier, place, at_s)
        return self._shed_since(before, [courier])

    def change_break(self, courier: int, break_s: int, by_s: int) -> list[int]:
        """A courier owes another break."""
        before = self._homeless()
        self._rules.owe_break(courier, break_s, by_s)
        return self._shed_since(before, [courier])

    def start_stop(self, courier: int, at_s: int) -> list[int]:
        """Service at the next stop, if there is one, has begun."""
        before, route = self._homeless(), self._told[courier]
        if not route:
            return []
        self._rules.begin(courier, route, at_s)
        self._told[courier] = route[1:]
        return self._shed_since(before, [courier])

    def ask(self, seed: int, params: SearchParams) -> None:
        """Begin with the first answer."""
        self._dice = Dice(seed)
        self._n_removed_mean = max(1, int(params.mean_removed))
        self._steps = self._removed = 0
        self._plan = [list(route) for route in self._told]
        self._regret()

    def work(self, n_steps: int, heat_from: float, heat_to: float) -> None:
        """Take some orders out and put them back, and keep what is not dearer."""
        del heat_from, heat_to
        orders = sorted(self._open())
        for _ in range(n_steps if orders else 0):
            kept, price = self._plan, self.price()
            self._plan = [list(route) for route in kept]
            some = {orders[self._dice.below(len(orders))] for _ in range(self._n_removed_mean)}
            for courier, route in enumerate(kept):
                self._plan[courier] = [v for v in route if self._rules.order_of[v] not in some]
            self._removed += len(some)
            self._steps += 1
            self._regret()
            if self.price() > price:
                self._plan = kept

    def answer(self) -> tuple[Int32s, Int32s, Int32s, int, int, int]:
        """What has been found, as the compiled kernel says it."""
        lengths = np.array([len(route) for route in self._plan], dtype=np.int32)
        visits = np.array([v for route in self._plan for v in route], dtype=np.int32)
        unserved = np.array(self.unserved(), dtype=np.int32)
        return lengths, visits, unserved, self.price(), self._steps, self._removed

    def close(self) -> None:
        """Go back to what was told."""
        self._plan = self._told

    def price(self) -> int:
        """Price of the plan that is worked on."""
        ways = sum(self._rules.walk(c, route).price for c, route in enumerate(self._plan))
        return ways + sum(int(self._rules.orders.unserved_price[k]) for k in self.unserved())

    def unserved(self) -> list[int]:
        """Open orders that are in no route."""
        return sorted(self._open() - self._in(self._plan))

    def spot(self, order: int, courier: int) -> Spot | None:
        """Cheapest place for an order in a route; None if there is none.

        Parameters
        ----------
        order : int
            Which order; it must be in no route.
        courier : int
            Whose route.

        Returns
        -------
        tuple of int, or None
            What it costs more, and the ranks after which the visits go. The first of equals.
        """
        if self._rules.may_carry(order, courier):
            return None
        route = self._plan[courier]
        before = self._rules.walk(courier, route).price
        best: Spot | None = None
        for option in range(len(self._rules.options[order])):
            for pickup, delivery, longer in self._places(order, option, route):
                walk = self._rules.walk(courier, longer)
                price = walk.price - before
                if walk.is_sound and (best is None or price < best[0]):
                    best = (price, pickup, delivery, option)
        return best

    def _places(
        self, order: int, option: int, route: list[int]
    ) -> Iterator[tuple[int, int, list[int]]]:
        """Every way to put an order into a route."""
        *first, last = self._rules.visits_of(order, option)
        for i in range(len(route) + 1):
            if not first:
                yield ANY, i, [*route[:i], last, *route[i:]]
                continue
            for j in range(i, len(route) + 1):
                yield i, j, [*route[:i], *first, *route[i:j], last, *route[j:]]

    def _open(self) -> set[int]:
        """Orders that are somebody's business."""
        return set(range(len(self._rules.orders))) - self._rules.over

    def _in(self, plan: list[list[int]]) -> set[int]:
        """Orders that are in some route."""
        return {self._rules.order_of[visit] for route in plan for visit in route}

    def _homeless(self) -> set[int]:
        """Open orders that nobody was told to carry."""
        return self._open() - self._in(self._told)

    def _shed_since(self, before: set[int], couriers: Iterable[int]) -> list[int]:
        """Let some couriers shed what they cannot bring; who has lost a courier altogether."""
        for courier in couriers:
            self._shed(courier)
        return sorted(self._homeless() - before)

    def _leave_out(self, order: int) -> None:
        """Take an order out of the routes that were told."""
        kept = [[v for v in route if self._rules.order_of[v] != order] for route in self._told]
        self._plan = self._told = kept

    def _shed(self, courier: int) -> None:
        """Take out whoever comes too late, the first of them first; else the last of the route."""
        while not (walk := self._rules.walk(courier, self._told[courier])).is_sound:
            late = [one.visit for one in walk.breaches if one.rule is Rule.LATE]
            visit = late[0] if late else self._told[courier][-1]
            self._leave_out(self._rules.order_of[visit])
        self._plan = self._told

    def _is_sound(self, courier: int, route: list[int]) -> bool:
        """Whether a courier may drive a route."""
        orders = {self._rules.order_of[visit] for visit in route}
        return self._rules.walk(courier, route).is_sound and not any(
            self._rules.may_carry(order, courier) for order in orders
        )

    def _tell(self, plan: list[list[int]]) -> None:
        """Remember what everybody was told."""
        self._told = self._plan = plan
        self._rules.tell(plan)

    def _regret(self) -> None:
        """Put in first whoever would lose most by waiting."""
        waiting = self.unserved()
        spots = {(k, c): self.spot(k, c) for k in waiting for c in range(len(self._plan))}
        while waiting:
            ranked = [(k, *self._best_two(k, spots)) for k in waiting]
            worth = [
                (second - first, -first, -k, k, c) for k, first, c, second in ranked if c != ANY
            ]
            if not worth:
                return
            *_, order, courier = max(worth)
            self._insert(order, courier, spots[order, courier])
            waiting.remove(order)
            spots |= {(k, courier): self.spot(k, courier) for k in waiting}

    def _best_two(
        self, order: int, spots: dict[tuple[int, int], Spot | None]
    ) -> tuple[int, int, int]:
        """Price and courier of the cheapest place, and the price of the second cheapest."""
        out = int(self._rules.orders.unserved_price[order])
        found = [(spots[order, c], c) for c in range(len(self._plan))]
        prices = sorted((spot[0], c) for spot, c in found if spot is not None and spot[0] < out)
        first, second, *_ = [*prices, (out, ANY), (out, ANY)]
        return first[0], first[1], second[0]

    def _insert(self, order: int, courier: int, spot: Spot | None) -> None:
        """Put an order where it goes."""
        if spot is None:
            return
        route = self._plan[courier]
        _, pickup, delivery, option = spot
        *first, last = self._rules.visits_of(order, option)
        if first:
            longer = [*route[:pickup], *first, *route[pickup:delivery], last, *route[delivery:]]
        else:
            longer = [*route[:delivery], last, *route[delivery:]]
        self._plan[courier] = longer
