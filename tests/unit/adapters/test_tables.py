"""Tables of any spreadsheet: what can be read is read, what cannot is explained."""

import csv
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from recourse.adapters.table_cells import BadCell, When, read_cell
from recourse.adapters.table_columns import COURIERS, ORDERS, SITES, Kind
from recourse.adapters.tables import Fault, Faults, Table, TooManyFaults, read_table

VANCOUVER = When(ZoneInfo("America/Vancouver"), date(2026, 3, 2))
FIRST, LAST = datetime(2000, 1, 1), datetime(2099, 12, 31)  # noqa: DTZ001 - Hypothesis adds UTC
HEADER = "id,kind,name,address\n"
ROW = "s-1,station,East,1 Elm St\n"

# What a person can see: no control characters, no lone surrogates, no mark of UTF-8.
shown = st.characters(exclude_categories=("C", "Z"), exclude_characters='"')
words = st.text(st.one_of(shown, st.sampled_from(" ,;\t\n\"'中文站点")), min_size=1, max_size=30)
cells = words.map(str.strip).filter(bool)


def read(path: Path, faults: Faults, content: bytes) -> Table | None:
    path.write_bytes(content)
    return read_table(path, SITES, when=VANCOUVER, faults=faults)


def refused(folder: Path, content: bytes) -> list[Fault]:
    """What is said of a table; something must be."""
    faults = Faults()
    try:
        table = read(folder / "sites.csv", faults, content)
    except TooManyFaults:
        table = None
    assert faults.found
    assert table is None or all(fault.line for fault in faults.found)
    return faults.found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(cells, min_size=1, max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    delimiter=st.sampled_from(",;\t"),
    ending=st.sampled_from(["\n", "\r\n"]),
    n_blank=st.integers(0, 3),
)
def test_what_is_written_is_what_is_read(
    tmp_path: Path, names: list[str], encoding: str, delimiter: str, ending: str, n_blank: int
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    writer.writerow(["ID", "类型", "Name", "address"])
    for number, name in enumerate(names):
        out.write(ending * n_blank)
        writer.writerow([f"s-{number}", "Station", name, "1 Elm St"])
    raw = out.getvalue().encode(encoding)
    if encoding == "gb18030":
        assume(not _is_utf8(raw))
    faults = Faults()
    table = read(tmp_path / "sites.csv", faults, raw)
    assert faults.found == []
    assert table is not None
    # A break inside a cell is as good as a space.
    assert [row.body["name"] for row in table.rows] == [" ".join(n.split()) for n in names]
    assert {row.body["kind"] for row in table.rows} == {"station"}
    named = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with its mark", "gb18030": "GB18030"}
    assert table.encoding == named[encoding]
    assert table.delimiter == {",": "comma", ";": "semicolon", "\t": "tab"}[delimiter]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_no_bytes_end_in_a_traceback(tmp_path: Path, content: bytes) -> None:
    assert all(str(fault).isprintable() for fault in refused(tmp_path, content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(tail=st.binary(min_size=1, max_size=80))
def test_no_bytes_after_a_good_header_end_in_a_traceback(tmp_path: Path, tail: bytes) -> None:
    faults = Faults()
    table = read(tmp_path / "sites.csv", faults, HEADER.encode() + tail)
    assert faults.found or (table is not None and table.rows)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n \n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (HEADER.encode(), "has a header and no rows"),
        (b"PK\x03\x04rest", "save it as CSV UTF-8"),
        (HEADER.encode("utf-16"), "is UTF-16"),
        (b"id,kind\0\n", "line 1: is no text"),
        (HEADER.encode() + b"s,\xff\xff,x,y\n", "line 2: is neither UTF-8 nor GB18030"),
        (b"id,kind,name,address,adrs\n" + ROW.encode(), "adrs: is no known column; is address"),
        (b"id,kind,name,address,ID\n" + ROW.encode(), "ID: id is there twice"),
        (b"id,name,address\ns,East,1 Elm St\n", "kind: there is no such column"),
        (b"id,kind,name\ns,station,East\n", "add the columns lon and lat, or address"),
        (b"id,kind,name,lon\ns,station,East,1\n", "add the columns lon and lat, or address"),
        (HEADER.encode() + b"s,station\n", "line 2: has 2 cells where the header has 4"),
        (HEADER.encode() + b's,station,"East,1\n\n', "line 2: a quote opens here"),
        (HEADER.encode() + b's,station,"East"ern,1 Elm St\n', "line 2: a quoted cell goes on"),
        (b"id,kind,name,address,\ns,station,East,1 Elm St,x\n", "stands under no header"),
        (b"x" * 10_000_000, "a cell is longer than 131,072 characters"),
        (b"," * 10_000_000 + b"x", "the header has 10,000,001 columns"),
        (HEADER.encode() + b'"' + b"x" * 10_000_000, "line 2: a cell is longer"),
    ],
)
def test_a_spoiled_table_is_explained(tmp_path: Path, content: bytes, says: str) -> None:
    said = "\n".join(map(str, refused(tmp_path, content)))
    assert says in said
    assert said.startswith("sites.csv")
    assert len(said) < 5_000


def test_a_file_that_is_not_there_is_explained(tmp_path: Path) -> None:
    faults = Faults()
    for path in (tmp_path / "absent.csv", tmp_path):
        assert read_table(path, SITES, when=VANCOUVER, faults=faults) is None
    assert [str(fault).partition(":")[0] for fault in faults.found] == ["absent.csv", tmp_path.name]


def test_a_row_keeps_the_line_on_which_it_begins(tmp_path: Path) -> None:
    content = HEADER + '\n"s-1",station,"two\nlines",1 Elm St\n\n,,,\ns-2,point,Lockers,2 Elm St\n'
    table = read(tmp_path / "sites.csv", Faults(), content.encode())
    assert table is not None
    assert [(row.line, row.body["name"]) for row in table.rows] == [
        (3, "two lines"),
        (7, "Lockers"),
    ]


def test_every_error_is_listed_until_there_are_fifty(tmp_path: Path) -> None:
    header = HEADER.replace("address", "address,opens,closes")
    rows = "".join(f"s-{n},station,East,1 Elm St,late,later\n" for n in range(24))
    faults = Faults()
    read(tmp_path / "sites.csv", faults, (header + rows).encode())
    assert len(faults.found) == 48
    assert {fault.column for fault in faults.found} == {"opens", "closes"}
    faults = Faults()
    with pytest.raises(TooManyFaults):
        read(tmp_path / "sites.csv", faults, (header + rows + rows).encode())
    assert len(faults.found) == 50


@pytest.mark.parametrize("layout", [SITES, COURIERS, ORDERS], ids=lambda layout: layout.what)
def test_no_header_means_two_columns(layout: object) -> None:
    columns = getattr(layout, "columns")  # noqa: B009
    headers = [name.casefold() for c in columns for name in {c.name, *c.aliases}]
    assert len(headers) == len(set(headers))
    assert len({c.into for c in columns}) == len(columns)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02 14:00", "2026-03-02T22:00:00+00:00"),
        ("2026/3/2 14:00:30", "2026-03-02T22:00:30+00:00"),
        ("2026-03-02T14:00:00-08:00", "2026-03-02T22:00:00+00:00"),
        ("2026-03-02T22:00Z", "2026-03-02T22:00:00+00:00"),
        ("14:00", "2026-03-02T22:00:00+00:00"),
        ("\uff11\uff14\uff1a\uff10\uff10", "2026-03-02T22:00:00+00:00"),
        ("24:00", "2026-03-03T08:00:00+00:00"),
        ("2026-07-02 14:00", "2026-07-02T21:00:00+00:00"),
        ("2025-11-02 01:30-07:00", "2025-11-02T08:30:00+00:00"),
        ("2025-11-02 01:30-0800", "2025-11-02T09:30:00+00:00"),
    ],
)
def test_a_time_is_that_of_the_city_unless_it_has_an_offset(text: str, instant: str) -> None:
    assert read_cell(Kind.INSTANT, text, when=VANCOUVER) == instant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2025-11-02 01:30", "write 2025-11-02T01:30:00-07:00 or 2025-11-02T01:30:00-08:00"),
        ("2026-03-08 02:30", "does not exist in America/Vancouver"),
        ("2026-02-30 12:00", "is no day of the calendar"),
        ("03/02/2026 12:00", "such as 2026-03-02 14:00"),
        ("2026-03-02", "such as 2026-03-02 14:00"),
        ("2026-03-02 24:30", "from 00:00 to 24:00"),
        ("9999-12-31 23:00", "outside the calendar"),
        ("0001-01-01 00:00+14:00", "cannot be"),
        ("2026-03-02 12:00+99:00", "cannot be"),
    ],
)
def test_a_time_that_is_none_or_two_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadCell, match=re.escape(says)):
        read_cell(Kind.INSTANT, text, when=VANCOUVER)


@given(
    at=st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    zone=st.sampled_from(["America/Vancouver", "Asia/Shanghai", "Australia/Lord_Howe", "UTC"]),
)
def test_an_instant_written_with_its_offset_or_in_local_time_is_the_same(
    at: datetime, zone: str
) -> None:
    at = at.replace(second=0, microsecond=0)
    local = at.astimezone(ZoneInfo(zone))
    when = When(ZoneInfo(zone), local.date())
    assert read_cell(Kind.INSTANT, local.isoformat(), when=when) == at.isoformat()
    try:
        plain = read_cell(Kind.INSTANT, f"{local:%Y-%m-%d %H:%M}", when=when)
    except BadCell as bad:
        assert "comes twice" in str(bad)  # noqa: PT017 - most instants are not refused
        assert local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    else:
        assert plain == at.isoformat()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.COUNT, "1.5"),
        (Kind.COUNT, "1,500"),
        (Kind.COUNT, "1500g"),
        (Kind.COUNT, "9" * 5_000),
        (Kind.DEGREES, "49,26"),
        (Kind.DEGREES, "nan"),
        (Kind.DEGREES, "49°15'"),
        (Kind.YES_NO, "perhaps"),
        (Kind.CLOCK, "24:01"),
        (Kind.CLOCK, "9:60"),
    ],
)
def test_a_cell_that_is_almost_right_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(BadCell, match="must be"):
        read_cell(kind, text, when=VANCOUVER)
