"""This file knows what the engine says, and the dials of how it looks for it."""

from dataclasses import dataclass

from recourse.planning.engine.arrays import Int32s

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
        Temperature at the beginning and at the end, in middle legs: the median leg of the plan.
    p_focus_unserved, p_focus_orphan : float
        Probability that a step begins at an order without a courier, or at one that lost its own;
        the second falls to nothing on the way.
    p_group, p_together : float
        Probability that a step takes out what belongs together, and offers it to one courier: a
        whole route, or all parcels that wait at one place.
    p_both_ends : float
        Probability that a step that begins at a parcel without a courier opens one route at two
        places: where it could be collected, and where it could be delivered.
    p_return : float
        Probability that a step, where moving a told order costs something, takes out whatever came
        into the route of a courier who has a moved order near by, and into that of the courier who
        was told to carry it.
    p_chain, p_eject : float
        Probability of an ejection chain before a step, and after what a step took out has been put
        back, while some order has no courier.
    patience : float
        Chains in vain after which they are tried half as often; serving one order more than the
        best plan so far starts the count anew.
    sideways : float
        Middle legs a plan may be dearer than the best to exchange an order that is hard to place
        for one that is easier; falls to nothing at ``sideways_until`` of the way.
    sideways_until : float
        Share of the way.
    n_free : int
        Times on the way that moving told orders does not count, while somebody is left out: each
        begins one of so many equal parts of it. An answer's price counts it always.
    free_share : float
        How long such a time is, as a share of its part.
    n_starts : int
        Searches from the first answer, as long as nobody is left out; 1 for a single long one.
    starts_until : float
        Share of the way for those. Then one goes on from the best of them.
    last_start : float
        How far on its way, and so how cold, that one begins.
    promising : float
        A step that made the plan dearer by fewer middle legs is polished before it is judged.
    n_polish : int
        Near orders tried for each order that is polished.
    n_near_orders, n_near_couriers : int
        How many near orders' couriers, and how many near couriers, are asked for each order.
    """

    mean_removed: float = 9.0
    longest_string: float = 8.0
    heat_start: float = 0.7
    heat_end: float = 0.01
    p_focus_unserved: float = 0.2
    p_focus_orphan: float = 0.2
    p_group: float = 0.03
    p_together: float = 0.2
    p_both_ends: float = 0.5
    p_return: float = 0.3
    p_chain: float = 0.1
    p_eject: float = 0.15
    patience: float = 1_000.0
    sideways: float = 30.0
    sideways_until: float = 0.8
    n_free: int = 2
    free_share: float = 0.7
    n_starts: int = 3
    starts_until: float = 0.75
    last_start: float = 0.3
    promising: float = 15.0
    n_polish: int = 10
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
    version : int
        Of the world when it was asked; told only as long as nothing has happened since.
    """

    routes: tuple[Int32s, ...]
    unserved: Int32s
    price: int
    iterations: int
    n_removed: int
    version: int = 0
