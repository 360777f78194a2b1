"""This file knows every setting of the platform, with its unit and default."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Settings"]


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
    policy_file : Path or None
        Policy of remedies in TOML; None takes the one that comes with the platform.
    host : str
        Address to bind to; only loopback until every door has keys.
    port : int
        TCP port; 0 takes a free one.
    secret : str
        Signs the customers' links; empty makes one and keeps it in `data_dir`.
    has_local_webhooks : bool
        Whether webhooks may go to plain http and to addresses of this network; for development.
    is_simulated : bool
        Whether the orders and couriers come from a simulator; every page then says so.
    has_counted_ids : bool
        Whether ids are counted instead of random, so that the same day gives the same ids.
    """

    database_url: str = ""
    data_dir: Path = Path("var")
    city: str = "generated-1"
    policy: str = "recourse"
    policy_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    secret: str = ""
    has_local_webhooks: bool = False
    is_simulated: bool = False
    has_counted_ids: bool = False
