"""Files of the academic benchmarks are read as they are, and faults are named where they are."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recourse.adapters.benchmark_files import read_instance, read_routes
from recourse.model.errors import Invalid

SOLOMON = """\
R9

VEHICLE
NUMBER     CAPACITY
  25         200

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME

    0      35         35          0          0       230          0
    1      41         49         10        161       171         10
    2      35         17.5        7         50        60         10
"""
LI_LIM = """\
25\t200\t1
0\t40\t50\t0\t0\t1236\t0\t0\t0
1\t45\t68\t-10\t912\t967\t90\t2\t0
2\t45\t70\t10\t825\t870\t90\t0\t1
"""

customers = st.lists(
    st.tuples(
        st.integers(-500, 500), st.integers(-500, 500), st.integers(0, 200),
        st.integers(0, 900), st.integers(0, 900), st.integers(0, 90),
    ),
    min_size=1,
    max_size=30,
)  # fmt: skip


def written(folder: Path, text: str) -> Path:
    path = folder / "r9.txt"
    path.write_text(text)
    return path


def changed(text: str, line: int, was: str, now: str) -> str:
    """A text with one line changed."""
    lines = text.splitlines()
    assert was in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(was, now, 1)
    return "\n".join(lines)


def test_a_file_of_customers_is_read(tmp_path: Path) -> None:
    found = read_instance(written(tmp_path, SOLOMON))
    assert (found.name, found.n_vehicles, found.capacity, found.n_customers) == ("r9", 25, 200, 2)
    assert found.places.tolist() == [[35, 35], [41, 49], [35, 17.5]]
    assert found.demands.tolist() == [0, 10, 7]
    assert (found.ready.tolist(), found.due.tolist()) == ([0, 161, 50], [230, 171, 60])
    assert found.service.tolist() == [0, 10, 10]
    assert not found.has_pairs


def test_a_file_of_pairs_is_read(tmp_path: Path) -> None:
    found = read_instance(written(tmp_path, LI_LIM))
    assert (found.n_vehicles, found.capacity) == (25, 200)
    assert found.demands.tolist() == [0, -10, 10]
    assert found.partners.tolist() == [0, 2, 1]
    assert found.has_pairs


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=customers,
    ending=st.sampled_from(["\n", "\r\n"]),
    has_mark=st.booleans(),
    gap=st.sampled_from([" ", "\t", "      "]),
)
def test_what_is_written_is_what_is_read(
    tmp_path: Path,
    rows: list[tuple[int, int, int, int, int, int]],
    ending: str,
    gap: str,
    *,
    has_mark: bool,
) -> None:
    lines = [
        gap.join(str(n) for n in (k, x, y, demand, ready, ready + width, service))
        for k, (x, y, demand, ready, width, service) in enumerate([(0, 0, 0, 0, 9_999, 0), *rows])
    ]
    text = ending.join(["name", "VEHICLE", "NUMBER CAPACITY", " 9 200", "CUSTOMER", *lines, ""])
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode("utf-8-sig" if has_mark else "utf-8"))
    found = read_instance(path)
    assert found.places[1:].tolist() == [[float(row[0]), float(row[1])] for row in rows]
    assert found.demands[1:].tolist() == [row[2] for row in rows]
    assert (found.due - found.ready)[1:].tolist() == [row[4] for row in rows]


@pytest.mark.parametrize(
    ("line", "was", "now", "field", "why"),
    [
        (5, "200", "", "line 5, capacity", "is missing"),
        (5, "200", "2e400", "line 5, capacity", "is no number"),
        (5, "25", "2.5", "line 5, number of vehicles", "no whole number"),
        (5, "25", "0", "line 5, number of vehicles", "must be 1 or more"),
        (3, "VEHICLE", "VAN", "r9.txt", "has no line VEHICLE"),
        (11, "41", "nan", "line 11, x", "'nan' is no number"),
        (11, "161", "172", "line 11, due date", "171 comes before ready time 172"),
        (11, "10", "201", "line 11, demand", "a vehicle holds 200"),
        (11, "10", "-1", "line 11, demand", "must be 0 or more"),
        (11, " 1 ", " 3 ", "line 11, number", "is 3, and should be 1"),
        (12, "10", "", "line 12, service time", "is missing"),
        (12, "10", "10 7", "line 12, columns", "8 numbers, and 7 were expected"),
        (10, "0          0", "5          0", "line 10, demand", "at the depot"),
    ],
)
def test_a_fault_of_a_file_of_customers_is_named_by_line_and_column(
    tmp_path: Path, line: int, was: str, now: str, field: str, why: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read_instance(written(tmp_path, changed(SOLOMON, line, was, now)))
    assert caught.value.field.endswith(field)
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("line", "was", "now", "field", "why"),
    [
        (3, "2\t0", "0\t0", "line 3, pickup", "names no partner"),
        (3, "2\t0", "1\t0", "line 3, pickup", "names no partner"),
        (3, "2\t0", "9\t0", "line 3, pickup", "names no partner"),
        (3, "2\t0", "2\t2", "line 3, delivery", "names no partner"),
        (3, "-10", "-9", "line 3, demand", "that of 2 is 10"),
        (3, "2\t0", "0\t2", "line 3, delivery", "2 does not name 1 in return"),
    ],
)
def test_a_fault_of_a_pair_is_named_by_line_and_column(
    tmp_path: Path, line: int, was: str, now: str, field: str, why: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read_instance(written(tmp_path, changed(LI_LIM, line, was, now)))
    assert caught.value.field.endswith(field)
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00r", "is no text"),
        (SOLOMON[: SOLOMON.index("    1")].encode(), "lists 1 places"),
        (b"VEHICLE\nCUSTOMER\n", "no numbers stand below VEHICLE"),
    ],
)
def test_what_is_no_instance_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=why):
        read_instance(path)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="there is no file"):
        read_instance(tmp_path / "gone.txt")
    with pytest.raises(Invalid, match="is a folder"):
        read_instance(tmp_path)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_but_a_named_fault_comes_out_of_rubbish(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"9 9 9\n" + content)
    with pytest.raises(Invalid):
        read_instance(path)


def test_routes_are_read_and_other_lines_are_not(tmp_path: Path) -> None:
    path = written(tmp_path, "Route #1: 3 1\nroute 2 : 2\nRoute #3:\nCost 17.5\n")
    assert read_routes(path, n_customers=3) == ((3, 1), (2,))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Route #1: 3 1\nRoute #2: 4", "line 2: '4' is no customer from 1 to 3"),
        ("Route #1: 3 x", "line 1: 'x' is no customer"),
        ("Route #1: 3 1\nRoute #2: 1", "line 2: customer 1 is visited in line 1"),
        ("Route #1: 3 1 3", "line 1: customer 3 is visited in line 1"),
        ("Cost 5", "has no line such as"),
    ],
)
def test_routes_that_cannot_be_are_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read_routes(written(tmp_path, text), n_customers=3)
