"""This file knows every setting of the platform, with its unit and default."""

from dataclasses import dataclass
from pathlib import Path

from recourse.model.errors import Invalid

__all__ = ["LOOPBACK", "Settings", "check", "is_loopback", "is_open"]

_PLANNERS = ("engine", "insertion")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one installation is set up; only `recourse.app` reads it.

    Attributes
    ----------
    database_url : str
        ``sqlite:///FILE`` or ``postgresql://...``; empty puts SQLite into `data_dir`.
    data_dir : Path
        Folder of the cities and of the embedded database.
    city : str
        Name of an imported city in `data_dir`.
    policy : str
        ``recourse``, or the baselines ``passive`` and ``reping``.
    planner : str
        ``engine``: a plan of several orders is bettered by the re-matching engine. ``insertion``:
        it stays as insertion made it, to see what the engine is worth.
    policy_file : Path or None
        Policy of remedies in TOML; None takes the one that comes with the platform.
    host : str
        Address to bind to; beyond loopback only with locked doors.
    port : int
        TCP port; 0 takes a free one.
    secret : str
        Signs the customers' links; empty makes one and keeps it in `data_dir`.
    has_open_doors : bool or None
        Whether every door is open without a key, which is only allowed on loopback; None for open
        on loopback and locked elsewhere.
    names : tuple of str
        Host names served besides those of this machine.
    peers_file : Path or None
        Channels to customers, and who pays remedies out, in TOML; None for the page and the ledger
        alone.
    oidc_file : Path or None
        Identity provider whom people at the console may sign in with, in TOML; None for passwords
        alone.
    has_local_webhooks : bool
        Whether webhooks may go to plain http and to addresses of this network; for development.
    has_neighbours : bool
        Whether customers may name a neighbour who takes their parcel.
    bonus_day_cents : int or None
        Minor units of each currency that the staged bonuses of one local day may come to; None for
        the fixed bonus of a case, without a budget.
    bonus_merchant_day_cents : int or None
        The same for the orders of one merchant; None for no bound of its own.
    n_slots : int
        How many later slots customers may pick from when their courier was lost; 0 offers none.
    slot_order_s : int
        Seconds of a courier's time that one order in a slot is reckoned at.
    express_price_cents : int or None
        What customers pay for a courier who brings it straight, in minor units of the order's
        currency; None does not offer it.
    area : str
        Area that this process owns while it serves: no other one over the same database may. Empty
        for several that share the work.
    is_simulated : bool
        Whether the orders and couriers come from a simulator; every page then says so.
    has_counted_ids : bool
        Whether ids are counted instead of random, so that the same day gives the same ids.
    is_alone : bool
        Whether nobody else opens the database and one thread does all, as on a day that is not
        served.
    """

    database_url: str = ""
    data_dir: Path = Path("var")
    city: str = "generated-1"
    policy: str = "recourse"
    planner: str = "engine"
    policy_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    secret: str = ""
    has_open_doors: bool | None = None
    names: tuple[str, ...] = ()
    peers_file: Path | None = None
    oidc_file: Path | None = None
    has_local_webhooks: bool = False
    has_neighbours: bool = False
    bonus_day_cents: int | None = None
    bonus_merchant_day_cents: int | None = None
    n_slots: int = 0
    slot_order_s: int = 1_200
    express_price_cents: int | None = None
    area: str = ""
    is_simulated: bool = False
    has_counted_ids: bool = False
    is_alone: bool = False


def is_loopback(settings: Settings) -> bool:
    """Whether only this machine can reach the address to bind to.

    Parameters
    ----------
    settings : Settings
        Of one installation.

    Returns
    -------
    bool
        True for 127.0.0.1, localhost and ::1.

    Examples
    --------
    >>> is_loopback(Settings()), is_loopback(Settings(host="192.0.2.1"))
    (True, False)
    """
    return settings.host in LOOPBACK


def is_open(settings: Settings) -> bool:
    """Whether every door is open without a key: on loopback, unless they were locked.

    Parameters
    ----------
    settings : Settings
        Of one installation.

    Returns
    -------
    bool
        Never True beyond loopback, if `check` was passed.

    Examples
    --------
    >>> is_open(Settings()), is_open(Settings(has_open_doors=False))
    (True, False)
    >>> is_open(Settings(host="192.0.2.1"))
    False
    """
    return is_loopback(settings) if settings.has_open_doors is None else settings.has_open_doors


def check(settings: Settings) -> None:
    """Refuse settings that cannot be.

    Parameters
    ----------
    settings : Settings
        Of one installation.

    Raises
    ------
    Invalid
        If doors were to be open where others can reach them, or nobody knows the planner.

    Examples
    --------
    >>> check(Settings(has_open_doors=True))
    """
    if settings.planner not in _PLANNERS:
        raise Invalid(field="planner", why=f"must be one of {', '.join(_PLANNERS)}")
    if is_open(settings) and not is_loopback(settings):
        why = (
            f"{settings.host} can be reached from outside; doors are open only on 127.0.0.1, "
            "localhost or ::1"
        )
        raise Invalid(field="open_doors", why=why)
