"""Files of the academic routing benchmarks: Solomon, Gehring and Homberger, Li and Lim.

This file knows their columns, what each column may hold, and how a set of routes is written down.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recourse.model.errors import Invalid

__all__ = ["BenchmarkInstance", "read_instance", "read_routes"]

_COLUMNS: Final = ("number", "x", "y", "demand", "ready time", "due date", "service time")
_PAIRED: Final = (*_COLUMNS, "pickup", "delivery")
_NUMBER: Final = re.compile(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_ROUTE: Final = re.compile(r"\s*route\s*#?\s*\d*\s*:(.*)", re.ASCII | re.IGNORECASE)
_MOST_VISITS: Final = 100_000
_MOST_BYTES: Final = 16_000_000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BenchmarkInstance:
    """A routing problem as it is written in a file; row 0 of every array is the depot.

    Distances are Euclidean in the unit of the coordinates, and travel takes as long as it is far.

    Attributes
    ----------
    name : str
        Name of the file without its ending.
    n_vehicles : int
        How many vehicles there are.
    capacity : int
        What each of them can carry.
    places : ndarray of float64, shape (n, 2)
        Coordinates.
    demands : ndarray of int64, shape (n,)
        What is loaded at each place; negative where a pair's other half is brought.
    ready : ndarray of float64, shape (n,)
        Earliest start of service.
    due : ndarray of float64, shape (n,)
        Latest start of service; at the depot, the end of the day.
    service : ndarray of float64, shape (n,)
        How long a service takes.
    partners : ndarray of int64, shape (n,)
        Row of the other half of a pickup and delivery; 0 where there is none.
    """

    name: str
    n_vehicles: int
    capacity: int
    places: Floats
    demands: Ints
    ready: Floats
    due: Floats
    service: Floats
    partners: Ints

    @property
    def n_customers(self) -> int:
        """Places other than the depot."""
        return len(self.places) - 1

    @property
    def has_pairs(self) -> bool:
        """Whether it is a problem of pickups and deliveries."""
        return bool(self.partners.any())


def read_instance(path: Path) -> BenchmarkInstance:
    """Read a file of Solomon, of Gehring and Homberger, or of Li and Lim.

    Which of them it is, its first line says: three numbers for Li and Lim, a name for the others.

    Parameters
    ----------
    path : Path
        The file; plain text.

    Returns
    -------
    BenchmarkInstance
        What it says.

    Raises
    ------
    Invalid
        If it cannot be read or contradicts itself; names the line and the column.
    """
    lines = _lines(path)
    numbered = [(k, words) for k, line in enumerate(lines, 1) if (words := line.split())]
    if not numbered:
        raise Invalid(field=path.name, why="is empty; a list of customers was expected")
    first = numbered[0][1]
    is_paired = len(first) == 3 and all(_NUMBER.fullmatch(word) for word in first)  # noqa: PLR2004
    if is_paired:
        head: _Line = numbered[0]
        rows: Sequence[_Line] = numbered[1:]
    else:
        head, rows = _after_titles(path.name, numbered)
    table = _Table(path.name, _PAIRED if is_paired else _COLUMNS)
    n_vehicles, capacity = (
        table.whole(head, column, name, least=1)
        for column, name in enumerate(("number of vehicles", "capacity"))
    )
    return table.instance(path.stem, rows, n_vehicles=n_vehicles, capacity=capacity)


def read_routes(path: Path, *, n_customers: int) -> tuple[tuple[int, ...], ...]:
    """Read a set of routes: one line each, ``Route #1: 5 3 7``; other lines are passed over.

    Parameters
    ----------
    path : Path
        The file; plain text.
    n_customers : int
        Customers of the problem; every number is from 1 to this, and none comes twice.

    Returns
    -------
    tuple of tuple of int
        Customers of each route that has any, in their sequence.

    Raises
    ------
    Invalid
        If it has no route, or a number that cannot be; names the line.
    """
    routes: list[tuple[int, ...]] = []
    seen: dict[int, int] = {}
    for number, line in enumerate(_lines(path), 1):
        found = _ROUTE.fullmatch(line)
        if not found:
            continue
        where = f"{path.name} line {number}"
        for word in found[1].split():
            if not (word.isascii() and word.isdigit() and 1 <= int(word) <= n_customers):
                raise Invalid(field=where, why=f"{word!r} is no customer from 1 to {n_customers}")
            if (was := seen.setdefault(int(word), number)) != number or _twice(word, found[1]):
                raise Invalid(field=where, why=f"customer {word} is visited in line {was} already")
        if found[1].split():
            routes.append(tuple(int(word) for word in found[1].split()))
    if not routes:
        raise Invalid(field=path.name, why='has no line such as "Route #1: 5 3 7"')
    return tuple(routes)


def _twice(word: str, text: str) -> bool:
    """Whether a number stands more than once in a line."""
    return [int(other) for other in text.split() if other.isdigit()].count(int(word)) > 1


def _lines(path: Path) -> list[str]:
    """Lines of a text file that is not unreasonably large."""
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise Invalid(field=path.name, why=f"has {size} bytes; {_MOST_BYTES} are the most")
        return path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise Invalid(field=path.name, why=f"there is no file {path}") from error
    except IsADirectoryError as error:
        raise Invalid(field=path.name, why=f"{path} is a folder; name a file in it") from error
    except UnicodeDecodeError as error:
        raise Invalid(field=path.name, why="is no text (UTF-8)") from error
    except OSError as error:
        raise Invalid(field=path.name, why=f"cannot be read: {error.strerror}") from error


_Line = tuple[int, list[str]]


def _after_titles(name: str, numbered: Sequence[_Line]) -> tuple[_Line, Sequence[_Line]]:
    """The line of the fleet and the lines of the customers, found by the titles above them."""
    titles = {words[0].upper(): k for k, (_, words) in reversed(list(enumerate(numbered)))}
    for title in ("VEHICLE", "CUSTOMER"):
        if title not in titles:
            raise Invalid(field=name, why=f"has no line {title}; is it a Solomon file?")
    fleet, customers = titles["VEHICLE"], titles["CUSTOMER"]
    below = [line for line in numbered[fleet + 1 : customers] if line[1][0].upper() != "NUMBER"]
    if not below:
        line = numbered[fleet][0]
        raise Invalid(field=f"{name} line {line}", why="no numbers stand below VEHICLE")
    rows = numbered[customers + 1 :]
    if rows and rows[0][1][0].upper() == "CUST":
        rows = rows[1:]
    return below[0], rows


class _Table:
    """Reads rows of numbers, and knows how to say where one is wrong."""

    def __init__(self, file: str, columns: Sequence[str]) -> None:
        self._file, self._columns = file, columns

    def fault(self, line: int, column: str, why: str) -> Invalid:
        """An error that says where."""
        return Invalid(field=f"{self._file} line {line}, {column}", why=why)

    def number(self, row: _Line, column: int, name: str, *, least: float) -> float:
        """One number of a row."""
        line, words = row
        if column >= len(words):
            raise self.fault(line, name, "is missing")
        word = words[column]
        value = float(word) if _NUMBER.fullmatch(word) else math.nan
        if not math.isfinite(value):
            raise self.fault(line, name, f"{word!r} is no number")
        if value < least:
            raise self.fault(line, name, f"is {word}, and must be {least:g} or more")
        return value

    def whole(self, row: _Line, column: int, name: str, *, least: float) -> int:
        """One whole number of a row."""
        value = self.number(row, column, name, least=least)
        if not value.is_integer():
            raise self.fault(row[0], name, f"{row[1][column]!r} is no whole number")
        return int(value)

    def instance(
        self, name: str, rows: Sequence[_Line], *, n_vehicles: int, capacity: int
    ) -> BenchmarkInstance:
        """All rows together, checked against each other."""
        if not 2 <= len(rows) <= _MOST_VISITS:  # noqa: PLR2004 - a depot and somebody to go to
            raise Invalid(field=self._file, why=f"lists {len(rows)} places; 2 to {_MOST_VISITS}")
        is_paired = self._columns is _PAIRED
        lowest = -math.inf if is_paired else 0
        least = (0, -math.inf, -math.inf, lowest, 0, 0, 0, 0, 0)
        values = np.array([self._row(row, least) for row in rows])
        for k, row in enumerate(rows):
            self._check(k, row, values[k], capacity=capacity)
        demands = values[:, 3].astype(np.int64)
        partners = values[:, 7:9].sum(axis=1).astype(np.int64)
        if is_paired:
            self._check_pairs(rows, values.astype(np.int64), demands)
        return BenchmarkInstance(
            name=name,
            n_vehicles=n_vehicles,
            capacity=capacity,
            places=values[:, 1:3].copy(),
            demands=demands,
            ready=values[:, 4].copy(),
            due=values[:, 5].copy(),
            service=values[:, 6].copy(),
            partners=partners,
        )

    def _row(self, row: _Line, least: Sequence[float]) -> list[float]:
        """The numbers of one place."""
        line, words = row
        if len(words) > len(self._columns):
            given, most = len(words), len(self._columns)
            raise self.fault(line, "columns", f"{given} numbers, and {most} were expected")
        whole = {0, 3, 7, 8}
        return [
            (self.whole if column in whole else self.number)(row, column, name, least=floor)
            for column, (name, floor) in enumerate(zip(self._columns, least, strict=False))
        ]

    def _check(self, k: int, row: _Line, values: Floats, *, capacity: int) -> None:
        """What one place must keep."""
        line = row[0]
        if values[0] != k:
            raise self.fault(line, "number", f"is {row[1][0]}, and should be {k}")
        if k == 0 and values[3]:
            raise self.fault(line, "demand", f"is {row[1][3]} at the depot, and must be 0")
        if abs(values[3]) > capacity:
            raise self.fault(line, "demand", f"is {row[1][3]}; a vehicle holds {capacity}")
        if values[5] < values[4]:
            raise self.fault(line, "due date", f"{row[1][5]} comes before ready time {row[1][4]}")

    def _check_pairs(self, rows: Sequence[_Line], values: Ints, demands: Ints) -> None:
        """Every customer is one half of a pair, and both halves know each other."""
        n = len(rows)
        for k, row in enumerate(rows[1:], 1):
            before, after = int(values[k, 7]), int(values[k, 8])
            column = "delivery" if after else "pickup"
            other = after or before
            if bool(before) == bool(after) or not 0 < other < n or other == k:
                raise self.fault(row[0], column, f"names no partner from 1 to {n - 1}")
            if values[other, 7 if after else 8] != k:
                raise self.fault(row[0], column, f"{other} does not name {k} in return")
            if demands[k] != -demands[other] or (demands[k] <= 0) == bool(after):
                raise self.fault(
                    row[0], "demand", f"is {demands[k]}, and that of {other} is {demands[other]}"
                )
