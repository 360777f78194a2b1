"""What a world knows, as the judge wants it: plain numbers."""

from typing import Any

from benchmarks.disruptions.judge import Courier, Order, Town, Visit
from recourse.planning.engine import Answer, World

__all__ = ["price_from_scratch", "town_of"]


def town_of(world: World) -> Town:
    """Everything a world knows now.

    Parameters
    ----------
    world : World
        As it is.

    Returns
    -------
    Town
        In plain numbers.
    """
    rules = world.rules
    travel, speeds, spread = rules.travel, rules.travel.speeds, rules.travel.spread
    none = [0] * travel.n_profiles
    return Town(
        times=travel.time_s.tolist(),
        prices=travel.price.tolist(),
        periods=[] if speeds is None else speeds.begin_s.tolist(),
        permille=[] if speeds is None else speeds.permille.tolist(),
        driving=none if spread is None else spread.driving.tolist(),
        serving=none if spread is None else spread.serving.tolist(),
        doubt_permille=0 if spread is None else spread.weight_permille,
        visits=[Visit(*row) for row in _rows(rules.visits, _VISIT)],
        orders=[
            Order(tuple(rules.options[k]), *row, k not in rules.over)
            for k, row in enumerate(_told_rows(world))
        ],
        couriers=[
            Courier._make([*row[:6], rules.told_next[k], *row[6:], k not in rules.off_duty])
            for k, row in enumerate(_rows(rules.couriers, _COURIER))
        ],
    )


def price_from_scratch(world: World, answer: Answer) -> int:
    """What an answer costs by the product's own rules, one stop after the other.

    Parameters
    ----------
    world : World
        Who answered.
    answer : Answer
        What was answered.

    Returns
    -------
    int
        To be compared with the sum that was kept by differences.
    """
    rules = world.rules
    routes = [[int(visit) for visit in route] for route in answer.routes]
    driven = sum(rules.walk(courier, route).price for courier, route in enumerate(routes))
    return driven + int(rules.orders.unserved_price[answer.unserved].sum())


_VISIT = (
    "place", "earliest_s", "latest_s", "service_s", "demand", "due_s", "late_price", "price",
)  # fmt: skip
_COURIER = (
    "start_place", "start_s", "end_place", "end_s", "capacity", "load", "next_price", "skills",
    "profile", "second_price", "break_s", "break_by_s",
)  # fmt: skip


def _rows(facts: Any, names: tuple[str, ...]) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any facts
    """Columns as rows of plain numbers."""
    return list(zip(*(getattr(facts, name).tolist() for name in names), strict=True))


def _told_rows(world: World) -> list[tuple[int, int, int, int, int]]:
    """Way out, whose alone, who was told, price of moving, skills."""
    orders = world.rules.orders
    return list(
        zip(
            orders.unserved_price.tolist(),
            orders.only_courier.tolist(),
            world.rules.told_courier,
            orders.move_price.tolist(),
            orders.skills.tolist(),
            strict=True,
        )
    )
