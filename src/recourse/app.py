"""Composition root: settings in, a wired application out."""

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI

from recourse import durable
from recourse.adapters.attendant import Attendant
from recourse.adapters.cities import City, city_name, import_city, load_city
from recourse.adapters.clock import ManualClock, ScaledClock, WallClock, of_the_wall
from recourse.adapters.ids import CountedIds, RandomIds
from recourse.adapters.owner import Owner
from recourse.adapters.passwords import is_password
from recourse.adapters.store import SqlStore, migrate, open_store
from recourse.adapters.tiles import TileReader
from recourse.adapters.webhooks import Messenger
from recourse.adapters.worker import Worker
from recourse.flow import keys, views
from recourse.flow.hears import HEARS
from recourse.flow.links import give_links
from recourse.flow.perform import perform
from recourse.flow.platform import Platform
from recourse.flow.travel import CityTravel
from recourse.foresight import prior_model
from recourse.model.errors import Invalid
from recourse.model.ports import Clock, Store
from recourse.outgoing import messenger_of, peers_of, provider_of
from recourse.planning import World
from recourse.roads import TravelTimes
from recourse.ruling import enter_policy, load_policy, params_of
from recourse.settings import Settings, check, is_loopback, is_open
from recourse.web import make_app
from recourse.web.runner import Lanes

__all__ = [
    "Application",
    "City",
    "ManualClock",
    "ScaledClock",
    "build",
    "city",
    "city_name",
    "import_city",
    "load_policy",
]

# A few commands at a time, so that no request waits for a long queue of them.
_AT_ONCE = 16
# How long whoever is being answered may hold up the end.
_FAREWELL_S = 5


@dataclass(slots=True, kw_only=True)
class Application:
    """A wired platform: its doors, and the worker that performs what is due.

    Attributes
    ----------
    asgi : FastAPI
        The HTTP doors.
    platform : Platform
        What the stages work with.
    worker : Worker
        Performs due commands.
    attendant : Attendant
        Has the worker look while served.
    lanes : Lanes
        Where served work is done; the worker shares the writing one.
    messenger : Messenger
        Tells merchants, beside the lanes.
    tiles : TileReader or None
        The map; None when none was drawn.
    owner : Owner or None
        Holds the area while it is served; None where several processes share the work.
    """

    asgi: FastAPI
    platform: Platform
    worker: Worker
    attendant: Attendant
    lanes: Lanes
    messenger: Messenger
    tiles: TileReader | None = None
    owner: Owner | None = None

    def work(self) -> int:
        """Perform every command that is due now, also those that follow from them.

        Returns
        -------
        int
            How many were performed.
        """
        done = 0
        while taken := self.worker.work():
            done += taken
        return done

    def next_due_at(self) -> datetime | None:
        """When the next command falls due; None when there is none."""
        return self.platform.store.next_due_at()

    def newest_message(self) -> int:
        """Return the number of the newest message to phones and customers.

        Returns
        -------
        int
            0 before the first.
        """
        return views.newest_message(self.platform)

    def serve(self, *, host: str, port: int, ready: Callable[[], None] | None = None) -> None:
        """Serve until interrupted; what is due is performed meanwhile.

        Parameters
        ----------
        host, port : str, int
            Loopback address and TCP port.
        ready : callable, optional
            Called once the doors are open.

        Raises
        ------
        Conflict
            If another process owns the area.
        """
        if self.owner is not None:
            self.owner.take()
        config = uvicorn.Config(
            self.asgi,
            host=host,
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=_FAREWELL_S,
        )
        server = _Server(config, ready=ready, let_go=self.asgi.state.hub.close)
        if self.owner is not None:
            self.owner.start(server.end)
        self.worker.keeper.start()
        self.attendant.start()
        self.messenger.start()
        try:
            server.run()
        finally:
            self.attendant.stop()
            self.worker.keeper.stop()
            self.messenger.stop()
            self.lanes.close()
            if self.owner is not None:
                self.owner.stop()
            self.close()

    def close(self) -> None:
        """Let go of the database and the map."""
        self.platform.store.close()
        if self.tiles is not None:
            self.tiles.close()


class _Server(uvicorn.Server):
    """A server that says when its doors are open, and ends what would never end by itself."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        ready: Callable[[], None] | None,
        let_go: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._ready, self._let_go = ready, let_go

    def end(self) -> None:
        """Serve no longer; to be called from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the doors, then say so."""
        await super().startup(sockets)
        if self._ready is not None and self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those go who listen to the live stream, then close: they would stay for ever."""
        self._let_go()
        await super().shutdown(sockets)


def city(settings: Settings) -> City:
    """Load the city that the settings name.

    Returns
    -------
    City
        The city.

    Raises
    ------
    NotFound
        If it was not imported into the data folder.
    """
    return load_city(settings.data_dir / "cities" / settings.city)


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    town: City | None = None,
    times: TravelTimes | None = None,
) -> Application:
    """Wire a platform.

    Parameters
    ----------
    settings : Settings
        How the installation is set up.
    clock : Clock, optional
        What time it is; the wall when None.
    town : City, optional
        The city, already loaded.
    times : TravelTimes, optional
        Travel times of that city, to be shared with others in the same process.

    Returns
    -------
    Application
        Ready: the database is migrated, the closures in force are obeyed.

    Raises
    ------
    Invalid
        If a setting cannot be: an unknown policy, an address that is not loopback.
    NotFound
        If the city was not imported.
    """
    check(settings)
    town = town or city(settings)
    clock = clock or WallClock()
    provider = provider_of(settings, clock)
    url = _database_url(settings)
    migrate(url)
    store = open_store(url, clock=clock, hears=HEARS, is_alone=settings.is_alone)
    _check_keys(settings, store)
    zone = ZoneInfo(town.zone)
    travel = CityTravel(town.network, zone, times=times)
    params = params_of(settings)
    secret = _secret(settings)
    peers = peers_of(settings, secret)
    params = replace(
        params,
        errands=replace(params.errands, channels=peers.channels, payouts=peers.payouts),
    )
    tiles = TileReader(town.tiles) if town.tiles.exists() else None
    platform = Platform(
        store=store,
        clock=clock,
        ids=CountedIds() if settings.has_counted_ids else RandomIds(),
        travel=travel,
        zone=zone,
        world=World(travel, params.plan),
        params=params,
        risk=prior_model(),
        city=_city_facts(town),
        tile=tiles.tile if tiles else _no_tile,
        secret=secret,
        push_key=peers.push_key,
        is_simulated=settings.is_simulated,
    )
    enter_policy(platform, settings.policy_file)
    with store.begin() as tx:
        give_links(tx, platform)
    with store.begin() as tx:
        travel.obey(tx.road_events(clock.now()), clock.now())
    worker = Worker(
        store=store,
        clock=clock,
        perform=lambda tx, command: perform(tx, platform, command),
        retry_at=_retry_at,
        lease_s=of_the_wall(clock, durable.RetryParams().lease_s),
    )
    lanes = Lanes()
    attendant = Attendant(
        work=lambda: worker.work(limit=_AT_ONCE),
        next_due_at=store.next_due_at,
        clock=clock,
        submit=lanes.submit,
    )
    asgi = make_app(
        platform,
        lanes=lanes,
        allowed_hosts=settings.names,
        is_open=is_open(settings),
        is_password=is_password,
        provider=provider,
        checks={"worker": lambda: attendant.is_alive},
    )
    messenger = messenger_of(platform, peers, is_local=settings.has_local_webhooks)
    return Application(
        asgi=asgi,
        platform=platform,
        worker=worker,
        attendant=attendant,
        lanes=lanes,
        messenger=messenger,
        tiles=tiles,
        owner=_owner(settings, store, clock),
    )


def _retry_at(attempt: int, key: str, now: datetime) -> datetime | None:
    """When a command that failed is due again; None to park it."""
    params = durable.RetryParams()
    if durable.is_parked(attempt, params=params):
        return None
    return durable.retry_at(attempt, key=key, now=now, params=params)


def _owner(settings: Settings, store: SqlStore, clock: Clock) -> Owner | None:
    """Who this process is to its area, if it is to own one."""
    if not settings.area:
        return None
    name = f"{socket.gethostname()}, process {os.getpid()}"
    return Owner(store, clock=clock, area=settings.area, name=name)


def _check_keys(settings: Settings, store: Store) -> None:
    """Refuse to serve others before anybody has a key."""
    with store.begin() as tx:
        can_sign_in = keys.has_account(tx) or settings.oidc_file is not None
        if not is_loopback(settings) and not can_sign_in:
            why = (
                f"{settings.host} can be reached from outside and nobody has an account; "
                "make one first: recourse accounts add NAME --role admin"
            )
            raise Invalid(field="host", why=why)


def _database_url(settings: Settings) -> str:
    """Address of the database: the one that is set, or the embedded one."""
    if settings.database_url:
        return settings.database_url
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"{error}; name another folder with --data or RECOURSE_DATA"
        raise Invalid(field="data", why=why) from error
    return f"sqlite:///{settings.data_dir / 'recourse.sqlite'}"


def _secret(settings: Settings) -> bytes:
    """Key that signs the customers' links, made once and kept."""
    if settings.secret:
        return settings.secret.encode()
    kept = settings.data_dir / "secret"
    if not kept.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(32))
    return kept.read_text().encode()


def _city_facts(town: City) -> Mapping[str, object]:
    """What a page needs to know of a city."""
    return {
        "name": town.name,
        "zone": town.zone,
        "bbox": list(town.bbox),
        "centre": list(town.centre),
        "attribution": town.attribution,
        "generated": town.generated,
    }


def _no_tile(_zoom: int, _column: int, _row: int) -> bytes | None:
    """No map was built for this city."""
    return None
