"""This file knows how checked tables are taken in: all of them in one transaction, or none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from recourse.adapters.table_cells import When
from recourse.adapters.table_columns import COURIERS, SITES
from recourse.adapters.tables import Fault, Faults, Table, TooManyFaults
from recourse.app import Application, City
from recourse.cli_import.check import Batch, Checker, Files, Tell
from recourse.flow import order as order_flow
from recourse.flow import roster
from recourse.flow.platform import Platform
from recourse.flow.requests import Wanted
from recourse.model.couriers import Courier
from recourse.model.errors import Conflict, Invalid, RecourseError
from recourse.model.orders import Order
from recourse.model.places import Site
from recourse.model.ports import Record, Transaction

__all__ = ["Count", "Refused", "import_tables"]

_TRIES: Final = 5
_FIELDS: Final[Mapping[type, str]] = {
    Site: "kind name place capacity_parcels opens_s closes_s",
    Courier: "name vehicle contract station_id start shift_start_at shift_end_at capacity_g "
    "capacity_ml",
    Order: "kind station_id dropoff pickup_ready_at customer weight_g volume_ml service_s "
    "is_perishable value_cents currency",
}


class Refused(RecourseError):
    """Tables are wrong; nothing of them was taken."""

    code = "tables_refused"

    def __init__(self, faults: Faults) -> None:
        # By line, table by table: in the order in which a person mends them.
        files = list(dict.fromkeys(fault.file for fault in faults.found))
        self.faults = tuple(sorted(faults.found, key=lambda f: (files.index(f.file), f.line)))
        self.is_cut = len(faults.found) >= faults.limit
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(slots=True, kw_only=True)
class Count:
    """What became of one table.

    Attributes
    ----------
    what : str
        What its rows are.
    table : Table
        As it was read.
    n_new, n_known, n_differing : int
        Rows recorded, rows known already, and rows known with other contents, left as they were.
    """

    what: str
    table: Table
    n_new: int = 0
    n_known: int = 0
    n_differing: int = 0


class _Overlay:
    """A transaction in which what was recorded a moment ago can be read already."""

    def __init__(self, tx: Transaction, sites: Mapping[str, Site]) -> None:
        self._tx = tx
        self._sites = dict(sites)
        self.values: list[Record] = []
        self.events: list[Any] = []
        self.commands: list[Any] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transaction has
        return getattr(self._tx, name)

    def sites(self, ids: Iterable[str] | None = None) -> dict[str, Site]:
        """Sites by id, the new ones too."""
        if ids is None:
            return dict(self._sites)
        return {one: self._sites[one] for one in ids if one in self._sites}

    def record(
        self,
        values: Iterable[Record] = (),
        *,
        events: Iterable[Any] = (),
        commands: Iterable[Any] = (),
    ) -> None:
        """Keep what is recorded until it is clear that nothing is wrong."""
        kept = list(values)
        self._sites |= {value.id: value for value in kept if isinstance(value, Site)}
        self.values += kept
        self.events += events
        self.commands += commands

    def pass_on(self) -> None:
        """Record everything that was kept."""
        if self.values:
            self._tx.record(self.values, events=self.events, commands=self.commands)


def import_tables(
    application: Application,
    town: City,
    files: Files,
    *,
    day: date | None = None,
    is_dry: bool = False,
    tell: Tell = lambda _what, _done, _total: None,
) -> list[Count]:
    """Take the rows of tables into a platform, all of them in one transaction or none.

    Parameters
    ----------
    application : Application
        The platform.
    town : City
        Its city, whose addresses and local time the tables use.
    files : Files
        The tables.
    day : date, optional
        Day of a time that stands alone; today in the city by default.
    is_dry : bool, optional
        Whether to find out everything and record nothing.
    tell : callable, optional
        Told what is being done, how many rows are done, and of how many.

    Returns
    -------
    list of Count
        What became of each table.

    Raises
    ------
    Refused
        If anything is wrong, with all of it (up to fifty).
    Conflict
        If others wrote the same things at the same time, again and again.
    """
    platform = application.platform
    today = platform.now().astimezone(platform.zone).date()
    faults = Faults()
    with platform.store.begin() as tx:
        sites = tx.sites()
    try:
        checker = Checker(town, When(platform.zone, day or today), faults, sites, tell)
        batches = checker.check(files)
        for tries_left in reversed(range(_TRIES)):
            try:
                return _admit_all(platform, batches, faults, is_dry=is_dry, tell=tell)
            except Conflict:
                if not tries_left:
                    raise
    except TooManyFaults:
        pass
    raise Refused(faults)


def _admit_all(
    platform: Platform, batches: list[Batch], faults: Faults, *, is_dry: bool, tell: Tell
) -> list[Count]:
    """Decide about every row, then record all of it, unless something is wrong."""
    with platform.store.begin() as tx:
        overlay = _Overlay(tx, tx.sites())
        counts = [_admit(platform, overlay, batch, faults, tell=tell) for batch in batches]
        if faults.found:
            raise Refused(faults)
        if not is_dry:
            overlay.pass_on()
    return counts


def _admit(
    platform: Platform, overlay: "_Overlay", batch: Batch, faults: Faults, *, tell: Tell
) -> Count:
    """Decide about every row of one table."""
    count = Count(what=batch.layout.what, table=batch.table)
    tx = cast("Transaction", overlay)
    for n_done, (row, request) in enumerate(batch.requests, start=1):
        try:
            taken, wanted = _take(tx, platform, batch, request)
        except Invalid as refusal:
            column = batch.layout.column_at(tuple(refusal.field.split(".")))
            fault = Fault(
                file=batch.table.file,
                line=row.line,
                column=column,
                why=refusal.why,
                given=row.given.get(column, ""),
            )
            faults.add(fault)
            continue
        if taken.version:
            count.n_known += 1
            count.n_differing += _differs(taken, wanted)
        else:
            count.n_new += 1
        tell(f"taking in {batch.layout.what}", n_done, len(batch.requests))
    return count


def _take(
    tx: Transaction,
    platform: Platform,
    batch: Batch,
    request: Any,  # noqa: ANN401 - one of three
) -> tuple[Order | Courier | Site, Wanted | Courier | Site]:
    """Have the flow decide about one row; what it gave, and what was asked for."""
    if batch.layout is SITES:
        site = request.value()
        return roster.register_site(tx, platform, site), site
    if batch.layout is COURIERS:
        courier = request.value(platform.now())
        return roster.register_courier(tx, platform, courier), courier
    wanted = request.value()
    return order_flow.admit(tx, platform, wanted), wanted


def _differs(known: Order | Courier | Site, wanted: Wanted | Courier | Site) -> bool:
    """Whether what is known has other contents than the row."""
    if isinstance(known, Order) and isinstance(wanted, Wanted):
        window = known.first_promise.earliest_at, known.first_promise.latest_at
        if window != (wanted.dropoff_ready_at, wanted.dropoff_deadline_at):
            return True
    names = _FIELDS[type(known)].split()
    return any(getattr(known, name) != getattr(wanted, name) for name in names)
