"""This file knows when a row of a table is a request, by the same rules as the doors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from recourse.adapters.table_cells import When
from recourse.adapters.table_columns import COURIERS, ORDERS, SITES, Layout, PlaceColumns
from recourse.adapters.tables import Fault, Faults, Row, Table, read_table
from recourse.app import City
from recourse.model.places import Site
from recourse.web.bodies import CourierIn, OrderIn, SiteIn

__all__ = ["Batch", "Checker", "Files", "Tell"]

_NEAR_DEG: Final = 0.05  # about five kilometres

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Which tables are imported.

    Attributes
    ----------
    sites, couriers, orders : Path or None
        A table each; None for none.
    """

    sites: Path | None = None
    couriers: Path | None = None
    orders: Path | None = None


@dataclass(slots=True)
class Batch:
    """One table whose rows are requests by now."""

    layout: Layout
    table: Table
    model: type[BaseModel]
    requests: list[tuple[Row, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Checker:
    """Turns rows into requests, by the same rules as the doors."""

    town: City
    when: When
    faults: Faults
    sites: Mapping[str, Site]
    tell: Tell
    declared: set[str] = field(default_factory=set)
    is_blind: bool = False

    def check(self, files: Files) -> list[Batch]:
        """Read every table; sites first, since the others name them."""
        batches = []
        for path, layout, model in (
            (files.sites, SITES, SiteIn),
            (files.couriers, COURIERS, CourierIn),
            (files.orders, ORDERS, OrderIn),
        ):
            if path is None:
                continue
            table = read_table(path, layout, when=self.when, faults=self.faults)
            if table is not None:
                batches.append(self._batch(Batch(layout, table, model)))
            if layout is SITES and table is not None:
                self._know_sites(batches[-1])
            elif layout is SITES:
                self.is_blind = True
        return batches

    def _batch(self, batch: Batch) -> Batch:
        """Turn the rows of one table into requests."""
        rows, seen = batch.table.rows, dict[tuple[str, ...], int]()
        for n_done, row in enumerate(rows, start=1):
            names = ("merchant_id", "external_id") if batch.layout is ORDERS else ("id",)
            key = tuple(row.body.get(name, "") for name in names)
            if all(key) and seen.setdefault(key, row.line) != row.line:
                why = f"is the same as on line {seen[key]}; leave one of the two out"
                self._add(batch, row, names[-1], why)
                continue
            request = self._request(batch, row)
            if request is not None:
                batch.requests.append((row, request))
            self.tell(f"checking {batch.layout.what}", n_done, len(rows))
        return batch

    def _know_sites(self, batch: Batch) -> None:
        """Let the other tables name the sites of this one, also those with faults of their own."""
        self.declared = {row.body.get("id", "") for row in batch.table.rows} - {""}
        new = {request.id: request.value() for _, request in batch.requests}
        self.sites = {**new, **self.sites}

    def _request(self, batch: Batch, row: Row) -> BaseModel | None:
        """Turn one row into a request; None if anything is wrong with it."""
        n_before = len(self.faults.found)
        bad = {
            f.column for f in self.faults.found if (f.file, f.line) == (batch.table.file, row.line)
        }
        for place in batch.layout.places:
            self._locate(batch, row, place, bad)
        has_sites = batch.layout is SITES or self._has_sites(batch, row)
        bad |= {f.column for f in self.faults.found[n_before:]}
        if batch.layout is ORDERS:
            row.body.setdefault("customer", {})
        try:
            request = batch.model.model_validate(row.body)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                self._explain(batch, row, one, bad)
            return None
        return (
            request if row.is_whole and has_sites and len(self.faults.found) == n_before else None
        )

    def _explain(self, batch: Batch, row: Row, error: Any, bad: set[str]) -> None:  # noqa: ANN401
        """Say in the words of the table what a request lacks."""
        path = tuple(str(part) for part in error["loc"])
        places = {place.field for place in batch.layout.places}
        if path[:1] and path[0] in places and (len(path) == 1 or "address" not in path):
            return  # said already, by the place itself
        column = batch.layout.column_at(path) if path else ""
        if column in bad:
            return
        words = {
            "missing": "is empty; fill it in",
            "string_pattern_mismatch": "may hold letters a-z, digits and . _ ~ : - only"
            if column.endswith("id")
            else "holds a control character, or is not of the right form",
        }
        plain = str(error["msg"]).replace("Input should", "must")
        self._add(batch, row, column, words.get(error["type"], plain))

    def _has_sites(self, batch: Batch, row: Row) -> bool:
        """Whether the named sites are there; one with faults of its own is said already."""
        named = [name for name in ("station_id", "pickup_site_id") if name in row.given]
        absent = [name for name in named if row.given[name] not in self.sites]
        for name in absent:
            if not self.is_blind and row.given[name] not in self.declared:
                self._add(batch, row, name, "there is no such site; import it with --sites")
        return not absent

    def _locate(self, batch: Batch, row: Row, place: PlaceColumns, bad: set[str]) -> None:
        """Find where a place is: by degrees, by address, or by the site that is its default."""
        given = row.body.get(place.field, {})
        if bad & {place.lon, place.lat}:
            return
        if "lon" in given and "lat" in given:
            self._check_inside(batch, row, place, given)
        elif "lon" in given or "lat" in given:
            missing = place.lat if "lon" in given else place.lon
            self._add(batch, row, missing, f"is empty, but its partner is not; give {place.words}")
        elif "address" in given:
            self._match(batch, row, place, given)
        elif place.field == "start":
            self._start_at_station(batch, row, place)
        elif place.is_required:
            self._add(batch, row, place.address, f"there is no place; give {place.words}")

    def _start_at_station(self, batch: Batch, row: Row, place: PlaceColumns) -> None:
        """Let a shift begin at its station."""
        station = self.sites.get(row.given.get("station_id", ""))
        if station is not None:
            row.body["start"] = {
                "lon": station.place.lon,
                "lat": station.place.lat,
                "address": station.place.address,
            }
        elif "station_id" not in row.given:
            why = f"there is no start; give {place.words}, or station_id"
            self._add(batch, row, place.address, why)

    def _check_inside(
        self, batch: Batch, row: Row, place: PlaceColumns, given: dict[str, Any]
    ) -> None:
        """Check that degrees lie in the city, or just outside."""
        lon, lat = given["lon"], given["lat"]
        if self._is_inside(lon, lat):
            return
        west, south, east, north = self.town.bbox
        why = (
            f"lies outside {self.town.name}, which spans {west:.4f} to {east:.4f} east "
            f"and {south:.4f} to {north:.4f} north"
        )
        if self._is_inside(lat, lon):
            why = f"{place.lon} and {place.lat} are the wrong way round"
        self._add(batch, row, place.lon, why, given=f"{lon}, {lat}")

    def _is_inside(self, lon: float, lat: float) -> bool:
        west, south, east, north = self.town.bbox
        return (
            west - _NEAR_DEG <= lon <= east + _NEAR_DEG
            and south - _NEAR_DEG <= lat <= north + _NEAR_DEG
        )

    def _match(self, batch: Batch, row: Row, place: PlaceColumns, given: dict[str, Any]) -> None:
        """Find the door of an address, or list the nearest ones."""
        matches = self.town.match_address(given["address"])
        if matches and matches[0].is_exact:
            given["lon"], given["lat"] = matches[0].lon, matches[0].lat
            return
        near = "; ".join(f"{one.text} ({one.lon:.5f}, {one.lat:.5f})" for one in matches)
        why = f"is no door of {self.town.name}; " + (
            f"the nearest are: {near}. Write one of them, or give {place.lon} and {place.lat}"
            if near
            else f"no street is called anything like it; give {place.lon} and {place.lat}"
        )
        self._add(batch, row, place.address, why)

    def _add(
        self, batch: Batch, row: Row, column: str, why: str, *, given: str | None = None
    ) -> None:
        text = row.given.get(column, "") if given is None else given
        self.faults.add(
            Fault(file=batch.table.file, line=row.line, column=column, why=why, given=text)
        )
