"""This file knows what the engine says, and the dials of how it looks for it."""

from dataclasses import dataclass

from recourse.planning.engine.facts import Int32s

__all__ = ["Answer", "SearchParams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParams:
    """How the search looks. None of these is about one instance.

    Attributes
    ----------
    mean_removed : float
        Visits taken out in one step, on average.
    longest_string : float
        Neighbouring visits taken out of one route, at most.
    heat_start, heat_end : float
        Temperature at the beginning and at the end, in mean legs of the plan.
    p_focus_unserved, p_focus_orphan : float
        Probability that a step begins at an order without a courier, or at one that lost its own.
    p_eject : float
        Probability of an ejection chain after a step, while some order has no courier.
    n_near_orders, n_near_couriers : int
        How many near orders' couriers, and how many near couriers, are asked for each order.
    """

    mean_removed: float = 10.0
    longest_string: float = 10.0
    heat_start: float = 1.0
    heat_end: float = 0.01
    p_focus_unserved: float = 0.4
    p_focus_orphan: float = 0.2
    p_eject: float = 0.1
    n_near_orders: int = 12
    n_near_couriers: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete plan: every order is in a route or takes its way out without a courier.

    Attributes
    ----------
    routes : tuple of arrays
        Visits of each courier in sequence; empty for a courier who stays, which costs nothing.
    unserved : array
        Orders without a courier.
    price : int
        Of all ways, of lateness, of change, and of the orders without a courier.
    iterations : int
        Steps of the search; 0 for the first answer.
    n_removed : int
        Visits taken out over all steps.
    """

    routes: tuple[Int32s, ...]
    unserved: Int32s
    price: int
    iterations: int
    n_removed: int
