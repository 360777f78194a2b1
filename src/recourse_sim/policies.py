"""This file knows how a policy is examined: a fresh platform, one simulated day, a tally."""

import gc
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from recourse import app
from recourse.roads import TravelTimes
from recourse.settings import Settings
from recourse_sim.day import Scenario, SimulatedDay, play
from recourse_sim.hours import SimClock
from recourse_sim.tally import COUNTED, Tally, tally
from recourse_sim.transport import InProcess
from recourse_sim.ways import Ways

__all__ = ["POLICIES", "Bench", "examine"]

POLICIES = ("recourse", "passive", "reping", "no_cancels")
"""What a day is played with: ours, two honest baselines, and ours on a day without hazards."""

_COLLECT_AFTER = 20_000
"""Objects made and not let go, after which the youngest are searched for cycles."""

_OURS = frozenset({"recourse", "no_cancels"})


@dataclass(slots=True)
class Bench:
    """What all policies of a city share: the city, and travel times once computed.

    Attributes
    ----------
    city : City
        As ``recourse.app.city`` gives it.
    times : TravelTimes
        The platform's travel times; sharing them changes no answer.
    bonus_day_cents : int or None
        Budget that our platform has for staged bonuses; the baselines have none.
    ways : Ways
        The simulator's own.
    """

    city: "app.City"
    bonus_day_cents: int | None = None
    times: TravelTimes = field(init=False)
    ways: Ways = field(init=False)

    def __post_init__(self) -> None:
        self.times = TravelTimes(self.city.network)
        self.ways = Ways(self.city.network)


def examine(
    bench: Bench,
    scenario: Scenario,
    policy: str,
    *,
    planner: str = "engine",
    tell: Callable[[float], None] = lambda _: None,
) -> Tally:
    """Play one day with one policy and count it.

    Parameters
    ----------
    bench : Bench
        City and shared travel times.
    scenario : Scenario
        The day, the same for every policy.
    policy : str
        One of `POLICIES`.
    planner : str, optional
        Who betters plans of several orders: see `Settings.planner`.
    tell : callable, optional
        Told the time of day (seconds after local midnight) as it goes on.

    Returns
    -------
    Tally
        What came of it.
    """
    folder = Path(tempfile.mkdtemp(prefix="recourse-sim-", dir=_fast_folder()))
    began_s = time.process_time()
    clock = SimClock(scenario.day, scenario.begins_s)
    settings = Settings(
        data_dir=folder,
        policy="recourse" if policy == "no_cancels" else policy,
        planner=planner,
        secret=f"simulated day {scenario.seed}",
        bonus_day_cents=bench.bonus_day_cents if policy in _OURS else None,
        is_simulated=True,
        has_counted_ids=True,
        is_alone=True,
    )
    application = app.build(settings, clock=clock, town=bench.city, times=bench.times)
    transport = InProcess(application.asgi)
    try:
        simulated = SimulatedDay(scenario, transport, bench.ways, hazards_on=policy != "no_cancels")
        with _rarely_collecting():
            play(simulated, application, clock, tell=tell)
        events = simulated.world.door.events(names=COUNTED)
        return tally(simulated, events, cpu_s=time.process_time() - began_s)
    finally:
        transport.close()
        application.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Search for garbage seldom: what is long-lived is left out, and a day makes few cycles."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _fast_folder() -> str | None:
    """Memory-backed folder for a database that nobody keeps, where there is one."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made inside
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None
