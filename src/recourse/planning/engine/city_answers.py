"""This file knows how a city is asked: a neighbourhood is cut out, answered or refused."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from recourse.model.errors import Stale
from recourse.planning.engine.answers import Answer, SearchParams
from recourse.planning.engine.city import City
from recourse.planning.engine.cut import CityAnswer, Cut
from recourse.planning.engine.facts import ANY

__all__ = ["CityAnswers"]


class CityAnswers:
    """What can be asked of a city."""

    _city: City
    _reach: int

    def answer(
        self,
        orders: Iterable[int],
        *,
        iterations: int = 0,
        seed: int = 0,
        reach: int | None = None,
        params: SearchParams | None = None,
    ) -> CityAnswer:
        """Find orders without a courier a way out, and say what the neighbourhood costs then.

        Parameters
        ----------
        orders : iterable of int
            Which, close enough to each other to be decided together.
        iterations : int, optional
            Steps of search after the first answer.
        seed : int, optional
            Which sequence of dice.
        reach : int, optional
            How many couriers are asked, at most.
        params : SearchParams, optional
            How to look.

        Returns
        -------
        CityAnswer
            Routes of everybody who was asked. Nothing is told before `adopt`.
        """
        cut = self._around(orders, reach)
        if not len(cut.couriers):
            return cut.nobody()
        return self._dated(cut, cut.world.answer(iterations=iterations, seed=seed, params=params))

    def better(
        self,
        courier: int,
        *,
        iterations: int,
        seed: int = 0,
        reach: int | None = None,
        params: SearchParams | None = None,
    ) -> CityAnswer:
        """Look for a better plan around somebody who has lost nothing.

        Parameters
        ----------
        courier : int
            Who.
        iterations : int
            Steps of search.
        seed : int, optional
            Which sequence of dice.
        reach : int, optional
            How many couriers are asked, at most.
        params : SearchParams, optional
            How to look.

        Returns
        -------
        CityAnswer
            Its `gain` is what it saves after the price of change; nothing is told before `adopt`.
        """
        city = self._city
        city.check("courier", courier, len(city.routes))
        near = city.near(city.orders_in(city.routes[courier]), reach or self._reach)
        couriers = sorted({*near, courier} - city.off_duty)
        cut = city.cut(couriers)
        if not couriers:
            return cut.nobody()
        return self._dated(cut, cut.world.answer(iterations=iterations, seed=seed, params=params))

    def answer_within(
        self,
        orders: Iterable[int],
        budget_s: float,
        *,
        clock: Callable[[], float],
        seed: int = 0,
        reach: int | None = None,
    ) -> CityAnswer:
        """Answer with whatever was found when the caller's clock has run out.

        Parameters
        ----------
        orders : iterable of int
            Which.
        budget_s : float
            Seconds of that clock, cutting the neighbourhood out included.
        clock : callable
            Says the time in seconds.
        seed : int, optional
            Which sequence of dice.
        reach : int, optional
            How many couriers are asked, at most.

        Returns
        -------
        CityAnswer
            Routes of everybody who was asked.
        """
        began_s = clock()
        cut = self._around(orders, reach)
        if not len(cut.couriers):
            return cut.nobody()
        left_s = budget_s - (clock() - began_s)
        return self._dated(cut, cut.world.answer_within(left_s, clock=clock, seed=seed))

    def check_date(self, answer: CityAnswer) -> None:
        """Refuse what something has overtaken.

        Parameters
        ----------
        answer : CityAnswer
            Of this city.

        Raises
        ------
        Stale
            If one of its couriers has been told something else, or one of its orders is done,
            canceled or somebody else's: ask again.
        """
        city, mine = self._city, answer.couriers.tolist()
        for courier, version in zip(mine, answer.versions, strict=True):
            if city.versions[courier] != version:
                raise Stale(kind="route", id=str(courier), given=version)
        for route in answer.routes:
            for order in city.orders_in(route.tolist()):
                if order in city.over or city.taker[order] not in (ANY, *mine):
                    raise Stale(kind="order", id=str(order), given=0)

    def _dated(self, cut: Cut, answer: Answer) -> CityAnswer:
        """An answer, and what it is about."""
        versions = tuple(self._city.versions[courier] for courier in cut.couriers.tolist())
        return replace(cut.globally(answer), versions=versions)

    def _around(self, orders: Iterable[int], reach: int | None) -> Cut:
        """The world around some orders."""
        wanted = [order for order in orders if order not in self._city.over]
        return self._city.cut(self._city.near(wanted, reach or self._reach), wanted)
