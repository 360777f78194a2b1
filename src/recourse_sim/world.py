"""This file knows what all lives of a simulated day share: agenda, luck, roads, truth."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recourse_sim.chance import Chance
from recourse_sim.door import Door, Refused
from recourse_sim.hazards import Circumstances, Hazards, Weather
from recourse_sim.hours import Day
from recourse_sim.parameters import Parameters
from recourse_sim.truth import Truth
from recourse_sim.ways import Ways

if TYPE_CHECKING:
    from recourse_sim.courier import CourierLife

__all__ = ["Agenda", "World"]


class Agenda:
    """What is to happen when; things at one time happen in the order in which they were noted."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._n_noted = 0

    def note(self, t_s: float, action: Callable[[], None]) -> None:
        """Note an action for a time (seconds after local midnight)."""
        self._n_noted += 1
        heapq.heappush(self._heap, (t_s, self._n_noted, action))

    @property
    def next_s(self) -> float:
        """When the next action is due; infinite when there is none."""
        return self._heap[0][0] if self._heap else float("inf")

    def pop(self) -> Callable[[], None]:
        """Take the next action off."""
        return heapq.heappop(self._heap)[2]


@dataclass(slots=True, kw_only=True)
class World:
    """What every courier and customer of one day shares.

    Attributes
    ----------
    day : Day
        Calendar.
    chance : Chance
        Luck.
    params : Parameters
        Every number.
    door : Door
        Way to the platform.
    ways : Ways
        True travel.
    hazards : Hazards
        What strikes whom.
    weather : Weather
        Rain.
    truth : Truth
        What really happened.
    agenda : Agenda
        What is to happen.
    lives : dict of str to CourierLife
        Couriers by id.
    now_s : float
        Present time, seconds after local midnight.
    """

    day: Day
    chance: Chance
    params: Parameters
    door: Door
    ways: Ways
    hazards: Hazards
    weather: Weather
    truth: Truth = field(default_factory=Truth)
    agenda: Agenda = field(default_factory=Agenda)
    lives: dict[str, "CourierLife"] = field(default_factory=dict)
    now_s: float = 0.0

    def later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Note an action for so many seconds from now."""
        self.agenda.note(self.now_s + max(0.0, delay_s), action)

    def refused(self, what: str, refusal: Refused) -> None:
        """Count a request that the platform refused."""
        self.truth.n_refused[f"{what} {refusal.status} {refusal.code}".strip()] += 1

    def circumstances(
        self, *, on_since_s: float, n_parcels: int, orders_before: int
    ) -> Circumstances:
        """What the hazards of a courier depend on now."""
        return Circumstances(
            t_s=self.now_s,
            hours=max(0.0, self.now_s - on_since_s) / 3600,
            n_parcels=n_parcels,
            is_wet=self.weather.is_wet(self.now_s),
            orders_before=orders_before,
        )
