"""This file knows how a table saved by anybody's spreadsheet is read: bytes, text, rows, cells.

UTF-8 with or without its mark and GB18030 are told apart by what they can decode; comma, semicolon
and tab by which of them makes the header known. Whatever is wrong is collected with file, line and
column, so that a person mends a table once and not error by error.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from recourse.adapters.table_cells import BadCell, When, read_cell
from recourse.adapters.table_columns import Column, Layout

__all__ = ["Fault", "Faults", "Row", "Table", "TooManyFaults", "read_table"]

_MAX_BYTES: Final = 256 * 1024 * 1024
_MAX_COLUMNS: Final = 200
_MAX_SHOWN: Final = 60
_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_CSV_WORDS: Final = (
    ("unexpected end of data", "a quote opens here and is never closed"),
    ("field larger", "a cell is longer than 131,072 characters; is a quote never closed?"),
    ("expected after", "a quoted cell goes on after its closing quote; write a quote in it twice"),
)
_NOT_TEXT: Final = (
    (b"PK\x03\x04", "is a workbook or an archive, not a table in text; save it as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "is an old workbook, not a table in text; save it as CSV UTF-8"),
    (b"\xff\xfe", "is UTF-16; save it as CSV UTF-8"),
    (b"\xfe\xff", "is UTF-16; save it as CSV UTF-8"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in a table.

    Attributes
    ----------
    file : str
        Name of the file.
    why : str
        What is wrong, and the way out.
    line : int
        Line on which the row begins, from 1; 0 for the file as a whole.
    column : str
        Which column; empty for the row as a whole.
    given : str
        What the cell holds; empty when that says nothing.
    """

    file: str
    why: str
    line: int = 0
    column: str = ""
    given: str = ""

    def __str__(self) -> str:
        where = [self.file, f"line {self.line}" if self.line else "", self.column]
        given = f" (given: {_shown(self.given)})" if self.given else ""
        return f"{', '.join(part for part in where if part)}: {self.why}{given}"


class TooManyFaults(Exception):
    """So much is wrong that looking further helps nobody."""


@dataclass(slots=True)
class Faults:
    """Everything that is wrong so far.

    Attributes
    ----------
    limit : int
        How many are listed before looking further is given up.
    found : list of Fault
        In the order they were found.
    """

    limit: int = 50
    found: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Keep one more.

        Parameters
        ----------
        fault : Fault
            What is wrong.

        Raises
        ------
        TooManyFaults
            If there are as many as are listed.
        """
        self.found.append(fault)
        if len(self.found) >= self.limit:
            raise TooManyFaults


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    line : int
        Line on which it begins, from 1.
    body : dict
        What it asks for, in the fields of a request.
    given : dict
        What its cells hold, by column.
    is_whole : bool
        Whether every cell could be read.
    """

    line: int
    body: dict[str, Any]
    given: dict[str, str]
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a file holds.

    Attributes
    ----------
    file : str
        Its name.
    encoding, delimiter : str
        As found, in words.
    rows : tuple of Row
        Its rows that hold anything.
    """

    file: str
    encoding: str
    delimiter: str
    rows: tuple[Row, ...]


class _Broken(Exception):
    """Nothing more can be read; the text tells why."""

    def __init__(self, *, why: str, line: int = 0) -> None:
        self.line = line
        super().__init__(why)


def read_table(path: Path, layout: Layout, *, when: When, faults: Faults) -> Table | None:
    r"""Read a table, and collect everything that is wrong in it.

    Parameters
    ----------
    path : Path
        A table in text with a header.
    layout : Layout
        The columns it may have.
    when : When
        What a time without zone or day means.
    faults : Faults
        Takes what is wrong.

    Returns
    -------
    Table or None
        Its rows; None if the file or its header cannot be understood.

    Raises
    ------
    TooManyFaults
        If `faults` is full.

    Examples
    --------
    >>> from datetime import date
    >>> from tempfile import TemporaryDirectory
    >>> from zoneinfo import ZoneInfo
    >>> from recourse.adapters.table_columns import SITES
    >>> when = When(ZoneInfo("Asia/Shanghai"), date(2026, 3, 2))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "sites.csv"
    ...     _ = path.write_text("站点编号;类型;名称;地址\ns-1;station;东站;1 Elm St\n", "gb18030")
    ...     table = read_table(path, SITES, when=when, faults=Faults())
    >>> table.encoding, table.delimiter, table.rows[0].body["name"]
    ('GB18030', 'semicolon', '东站')
    """
    try:
        text, encoding = _decode(_bytes(path))
        delimiter = _delimiter(text, layout)
        records = _records(text, delimiter)
        line, names = next(records)
        columns = _Header(path.name, line, layout, faults).columns(names)
        if columns is None:
            return None
        rows = tuple(_rows(records, columns, file=path.name, when=when, faults=faults))
    except _Broken as broken:
        faults.add(Fault(file=path.name, line=broken.line, why=str(broken)))
        return None
    if not rows and not faults.found:
        why = "has a header and no rows; there is nothing to import"
        faults.add(Fault(file=path.name, line=line, why=why))
    return Table(file=path.name, encoding=encoding, delimiter=_DELIMITERS[delimiter], rows=rows)


def _bytes(path: Path) -> bytes:
    """Take the bytes of a file that can be a table."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= _MAX_BYTES else b""
    except OSError as error:
        raise _Broken(why=f"cannot be read: {error.strerror or error}") from error
    if size > _MAX_BYTES:
        raise _Broken(why=f"has {size:,} bytes, more than {_MAX_BYTES:,}; split it")
    for start, why in _NOT_TEXT:
        if raw.startswith(start):
            raise _Broken(why=why)
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise _Broken(why="is no text: it holds a zero byte; save it as CSV UTF-8", line=line)
    return raw


def _decode(raw: bytes) -> tuple[str, str]:
    """Turn bytes into text, and say which encoding they were in."""
    marked = raw.startswith(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8-sig")
        name = "UTF-8 with its mark" if marked else "UTF-8"
    except UnicodeDecodeError as not_utf8:
        try:
            text, name = raw.decode("gb18030").removeprefix("\ufeff"), "GB18030"
        except UnicodeDecodeError as neither:
            at = max(not_utf8.start, neither.start)
            line = raw.count(b"\n", 0, at) + 1
            raise _Broken(
                why="is neither UTF-8 nor GB18030; save it as CSV UTF-8", line=line
            ) from neither
    if not text.strip():
        raise _Broken(why="is empty; the first line must name the columns")
    return text, name


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that holds anything, with the line on which it begins."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    n_lines = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = next((words for sign, words in _CSV_WORDS if sign in str(error)), str(error))
            raise _Broken(why=why, line=n_lines + 1) from error
        if any(cell.strip() for cell in cells):
            yield n_lines + 1, cells
        n_lines = reader.line_num


def _delimiter(text: str, layout: Layout) -> str:
    """Take the delimiter that makes most of the header known."""
    known = _names(layout)
    found: list[tuple[int, int, str]] = []
    broken: _Broken | None = None
    for delimiter in _DELIMITERS:
        try:
            _, cells = next(_records(text, delimiter))
        except StopIteration:
            continue
        except _Broken as error:
            broken = broken or error
            continue
        found.append((sum(_fold(cell) in known for cell in cells), len(cells), delimiter))
    if not found:
        raise broken or _Broken(why="is empty; the first line must name the columns")
    # Of equals the first wins: comma before semicolon before tab.
    return max(found, key=lambda one: one[:2])[2]


def _fold(name: str) -> str:
    """A header as it is compared: without case, width and kind of gap."""
    return re.sub(r"[\s-]+", "_", unicodedata.normalize("NFKC", name).strip().casefold())


def _names(layout: Layout) -> dict[str, Column]:
    """Every header that is known."""
    return {_fold(name): c for c in layout.columns for name in (c.name, *c.aliases)}


@dataclass(frozen=True, slots=True)
class _Header:
    """Understands the first line of a table."""

    file: str
    line: int
    layout: Layout
    faults: Faults

    def columns(self, names: list[str]) -> list[Column | None] | None:
        """Column of each cell, None where the header is blank; None for all if it is wrong."""
        n_before = len(self.faults.found)
        if len(names) > _MAX_COLUMNS:
            self._add(f"the header has {len(names):,} columns; at most {_MAX_COLUMNS} are read")
            return None
        known = _names(self.layout)
        columns: list[Column | None] = []
        for name in names:
            column = known.get(_fold(name))
            if column is None and name.strip():
                self._add(self._unknown(name), name)
            elif column is not None and column in columns:
                self._add(f"{column.name} is there twice; leave one out", name)
            columns.append(column)
        self._check_missing({column.name for column in columns if column})
        return columns if len(self.faults.found) == n_before else None

    def _check_missing(self, present: set[str]) -> None:
        for column in self.layout.columns:
            if column.is_required and column.name not in present:
                also = ", ".join(column.aliases)
                self._add(f"there is no such column; add it (other headers: {also})", column.name)
        for place in self.layout.places:
            has_place = place.address in present or {place.lon, place.lat} <= present
            if place.is_required and not has_place:
                self._add(f"there is no place; add the columns {place.words}")

    def _unknown(self, name: str) -> str:
        near = get_close_matches(_fold(name)[:100], _names(self.layout), n=1)
        if near:
            return f"is no known column; is {near[0]} meant?"
        names = ", ".join(column.name for column in self.layout.columns)
        return f"is no known column; {self.layout.what} have {names}"

    def _add(self, why: str, column: str = "") -> None:
        name = _shown(column) if len(column) > _MAX_SHOWN or not column.isprintable() else column
        self.faults.add(Fault(file=self.file, line=self.line, column=name.strip(), why=why))


def _rows(
    records: Iterator[tuple[int, list[str]]],
    columns: list[Column | None],
    *,
    file: str,
    when: When,
    faults: Faults,
) -> Iterator[Row]:
    """Read each record into the fields of a request."""
    for line, cells in records:
        if len(cells) != len(columns):
            faults.add(
                Fault(
                    file=file,
                    line=line,
                    why=f"has {len(cells):,} cells where the header has {len(columns)}; put "
                    "quotes around a cell that holds the delimiter",
                )
            )
            continue
        n_before = len(faults.found)
        body: dict[str, Any] = {}
        given: dict[str, str] = {}
        for column, cell in zip(columns, cells, strict=True):
            text = cell.strip()
            if not text:
                continue
            if column is None:
                why = "this cell stands under no header; name its column or empty it"
                faults.add(Fault(file=file, line=line, why=why, given=text))
                continue
            given[column.name] = text
            try:
                _put(body, column.into, read_cell(column.kind, text, when=when))
            except BadCell as bad:
                fault = Fault(file=file, line=line, column=column.name, why=str(bad), given=text)
                faults.add(fault)
        yield Row(line=line, body=body, given=given, is_whole=len(faults.found) == n_before)


def _put(body: dict[str, Any], into: tuple[str, ...], value: object) -> None:
    """Put a value where a request has it."""
    *outer, last = into
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value


def _shown(text: str) -> str:
    """A cell as it can be printed: short, and without anything a terminal acts on."""
    return repr(text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…")
