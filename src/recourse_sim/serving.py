"""This file knows how a day is played by the clock against a served platform.

The platform is served in the main thread, as anybody would serve it. A thread of the simulator
plays the day against it over HTTP; a process of low priority plays the baselines headless meanwhile
and its curves are put beside the live ones. What was played is kept, so a second start goes on.
"""

import json
import shutil
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx2 import TransportError

from recourse import app
from recourse.model.errors import Invalid
from recourse.settings import Settings
from recourse_sim.baselines import Baselines
from recourse_sim.cities import city_map
from recourse_sim.day import Scenario, SimulatedDay
from recourse_sim.door import Door
from recourse_sim.hours import HeldClock
from recourse_sim.resume import resume
from recourse_sim.scenario import Wish, make_scenario
from recourse_sim.transport import HttpTransport, InProcess
from recourse_sim.ways import Ways

__all__ = ["Serving", "serve_day"]

_LOOK_EVERY_S = 0.2
_DOORS_CLOSE_S = 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Serving:
    """What is served.

    Attributes
    ----------
    city : City
        Where.
    wish : Wish
        What.
    seed : int
        Luck.
    orders : str
        What ``--orders`` was given, for the baselines.
    data_dir : Path
        Folder of cities and databases.
    speed : float
        Simulated seconds per second.
    port : int
        TCP port; 0 takes a free one.
    is_anew : bool
        Whether to begin again.
    say : callable
        Told what a person should read.
    """

    city: "app.City"
    wish: Wish
    seed: int
    orders: str
    data_dir: Path
    speed: float
    port: int
    is_anew: bool
    say: Callable[[str], None]

    @property
    def folder(self) -> Path:
        """Where the day is kept."""
        return self.data_dir / "simulated-day"


def serve_day(serving: Serving) -> None:
    """Serve the platform and play the day against it, until interrupted.

    Parameters
    ----------
    serving : Serving
        What and how.

    Raises
    ------
    Invalid
        If another day is kept and it was not asked to begin anew.
    """
    scenario = make_scenario(city_map(serving.city), serving.wish, seed=serving.seed)
    note = _Note.open(serving, scenario)
    is_resumed = note.t_s > scenario.begins_s
    settings = Settings(
        database_url=f"sqlite:///{serving.folder / 'recourse.sqlite'}",
        data_dir=serving.folder,
        city=serving.city.name,
        is_simulated=True,
    )
    clock = HeldClock(scenario.day, note.t_s, speed=serving.speed)
    application = app.build(settings, clock=clock, town=serving.city)
    if is_resumed:
        clock.hold_at(_last_recorded_s(application, scenario))
    port = serving.port or _free_port()
    url = f"http://127.0.0.1:{port}"
    player = _Player(serving, scenario, url, note, clock)
    player.is_resumed = is_resumed
    try:
        application.serve(host="127.0.0.1", port=port, ready=player.start)
    except KeyboardInterrupt:
        pass  # the server has closed its doors and passes the signal on
    finally:
        player.stop()
    serving.say(
        f"stopped at {scenario.day.clock_time(note.t_s)}; the same command goes on from there"
    )


def _last_recorded_s(application: "app.Application", scenario: Scenario) -> float:
    """When the platform last wrote something down: a day goes on from there, never before."""
    door = Door(InProcess(application.asgi), scenario.day)
    try:
        newest = int(door.ask("GET", "/v1/state")["next"])
        page = door.ask("GET", f"/v1/events?after={max(0, newest - 1)}&limit=1")["events"]
        return max((scenario.day.seconds(event["recorded_at"]) for event in page), default=0.0)
    finally:
        door.transport.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(slots=True)
class _Note:
    """How far the kept day has come."""

    path: Path
    setting: dict[str, Any]
    t_s: float

    @classmethod
    def open(cls, serving: Serving, scenario: Scenario) -> "_Note":
        """Read the note of the kept day, or begin one."""
        path = serving.folder / "day.json"
        if serving.is_anew and serving.folder.exists():
            shutil.rmtree(serving.folder)
        setting = {
            "city": serving.city.name,
            "seed": serving.seed,
            "orders": serving.orders,
            "couriers": serving.wish.n_couriers,
            "stress": serving.wish.stress,
            "date": serving.wish.local_date.isoformat(),
        }
        if path.exists():
            kept = json.loads(path.read_text())
            if kept["setting"] != setting:
                other = ", ".join(
                    f"{k} {v}" for k, v in kept["setting"].items() if setting.get(k) != v
                )
                raise Invalid(
                    field="anew",
                    why=f"{serving.folder} keeps another day ({other}); give the same options "
                    "to go on with it, or --anew to begin again",
                )
            return cls(path, setting, float(kept["t_s"]))
        serving.folder.mkdir(parents=True, exist_ok=True)
        return cls(path, setting, scenario.begins_s)

    def write(self, t_s: float) -> None:
        """Note how far the day has come."""
        self.t_s = t_s
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps({"setting": self.setting, "t_s": t_s}))
        part.replace(self.path)


@dataclass(eq=False)
class _Player:
    """The thread that plays the day."""

    serving: Serving
    scenario: Scenario
    url: str
    note: _Note
    clock: HeldClock
    is_resumed: bool = False
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to play; called when the doors are open."""
        at = self.scenario.day.clock_time(self.clock.t_s)
        what = "goes on" if self.is_resumed else "begins"
        self.serving.say(
            f"simulated day at {self.url} {what} at {at}, "
            f"{self.serving.speed:g} times as fast; Ctrl-C ends it"
        )
        self._thread = threading.Thread(target=self._play, name="simulated-day", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the play and note how far it came."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _play(self) -> None:
        transport = HttpTransport(self.url)
        simulated = SimulatedDay(self.scenario, transport, Ways(self.serving.city.network))
        baselines = Baselines(
            folder=self.serving.folder,
            city=self.serving.city.name,
            data_dir=self.serving.data_dir,
            orders=self.serving.orders,
            wish=self.serving.wish,
            seed=self.serving.seed,
        )
        try:
            if self.is_resumed:
                resume(simulated, self.clock.t_s)
            else:
                simulated.open()
            baselines.begin()
            self.clock.release()
            self._go_on(simulated, baselines)
        except TransportError as error:
            # Ctrl-C closes the doors first: then a refused connection is the ordinary end.
            if not self._over.wait(_DOORS_CLOSE_S):
                self.serving.say(f"the platform cannot be reached any more: {error}")
        finally:
            baselines.end()
            transport.close()

    def _go_on(self, simulated: SimulatedDay, baselines: Baselines) -> None:
        """Do what is due by the clock, until the day is over or somebody ends it."""
        ends_s = self.scenario.ends_s
        is_told = False
        while not self._over.is_set():
            now_s = self.clock.t_s
            while simulated.world.agenda.next_s <= min(now_s, ends_s) and not self._over.is_set():
                simulated.step()
                self.clock.lived(simulated.world.now_s)
                if simulated.has_news:
                    simulated.read_messages()
            simulated.world.now_s = max(simulated.world.now_s, min(now_s, ends_s))
            simulated.read_messages()
            self.clock.lived(now_s)
            self.note.write(max(simulated.world.now_s, min(self.clock.t_s, ends_s)))
            baselines.show(simulated.world.door)
            if now_s >= ends_s and not is_told:
                is_told = True
                self.serving.say("the simulated day is over; the page stays open until Ctrl-C")
            self._over.wait(_LOOK_EVERY_S)
        self.note.write(min(self.clock.t_s, ends_s))
