"""This file knows how the cases that are over are read from a database."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from recourse.adapters.clock import WallClock
from recourse.adapters.store import open_store, schema_version
from recourse.model.cases import CaseStatus
from recourse.model.errors import NotFound
from recourse.model.events import CaseClosed
from recourse.model.ports import EventFilter, Transaction
from recourse.redress.trial import Past

__all__ = ["address_of", "read_past"]

_FILE = "recourse.sqlite"


def address_of(database: str, data: Path) -> str:
    """Address of a database that holds something of ours; none is made by looking.

    Parameters
    ----------
    database : str
        ``sqlite:///FILE`` or ``postgresql://...``; empty for the file in the data folder.
    data : Path
        The data folder.

    Returns
    -------
    str
        The address.

    Raises
    ------
    NotFound
        If there is no such file, or no tables of ours in it.
    Invalid
        If it cannot be opened.
    """
    address = database or f"sqlite:///{data / _FILE}"
    file = Path(address.removeprefix("sqlite:///")) if address.startswith("sqlite:///") else None
    if file is not None and not file.is_file():
        raise NotFound(kind="database", id=f"{file}; name the folder with --data or use --db")
    if not schema_version(address):
        raise NotFound(kind="Recourse database", id=address)
    return address


def read_past(address: str) -> list[Past]:
    """Read every case that is closed, with what was given for it.

    Parameters
    ----------
    address : str
        Of the database; nothing is written to it.

    Returns
    -------
    list of Past
        In the order in which they closed.
    """
    with closing(open_store(address, clock=WallClock(), hears={})) as store, store.begin() as tx:
        return [one for page in _pages(tx) for one in _past(tx, page)]


def _pages(tx: Transaction) -> Iterator[dict[str, datetime]]:
    """When cases closed, some hundreds at a time; of a case closed twice, the last time."""
    wanted = EventFilter(kinds=("case.closed",))
    closed: dict[str, datetime] = {}
    while found := tx.events(wanted):
        for one in found:
            if isinstance(one.event, CaseClosed):
                closed.pop(one.event.case_id, None)
                closed[one.event.case_id] = one.event.at
        wanted = replace(wanted, after=found[-1].number)
    ids = list(closed)
    for start in range(0, len(ids), wanted.limit):
        yield {id_: closed[id_] for id_ in ids[start : start + wanted.limit]}


def _past(tx: Transaction, closed: dict[str, datetime]) -> Iterator[Past]:
    """Cases of one page that are still closed."""
    cases = tx.cases(list(closed))
    orders = tx.orders([case.order_id for case in cases.values()])
    for id_, closed_at in closed.items():
        case = cases[id_]
        if case.status is CaseStatus.CLOSED:
            yield Past(
                case=case,
                order=orders[case.order_id],
                closed_at=closed_at,
                paid=tuple(tx.remedies(id_)),
            )
