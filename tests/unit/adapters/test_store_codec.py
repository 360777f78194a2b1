"""A value that goes to JSON and comes back is the same value, whatever it is."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recourse.adapters.store.codec import from_plain, from_record, to_text
from recourse.adapters.store.engine import parse_url
from recourse.adapters.store.kinds import KINDS, Kind, flavour_of
from recourse.model.cases import Decision, Disruption
from recourse.model.errors import Invalid
from recourse.model.events import EVENT_TYPES
from recourse.model.orders import Promise

INSTANTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
st.register_type_strategy(datetime, INSTANTS)
st.register_type_strategy(float, NUMBERS)
st.register_type_strategy(str, TEXTS)
st.register_type_strategy(int, st.integers(min_value=-(2**53), max_value=2**53))


def _mappings(kind: Any) -> st.SearchStrategy[dict[str, Any]]:  # noqa: ANN401
    """Of numbers or texts where the annotation says so, else of JSON values."""
    wanted = get_args(kind)[1]
    is_plain = wanted in {float, str}
    values = st.from_type(wanted) if is_plain else st.one_of(st.none(), TEXTS, st.booleans())
    return st.dictionaries(TEXTS, values, max_size=3)


st.register_type_strategy(Mapping, _mappings)


def _there_and_back(kind: Any, value: object) -> object:  # noqa: ANN401
    plain = json.loads(to_text(kind)(value))
    load = from_plain(kind)
    return plain if load is None else load(plain)


@pytest.mark.parametrize("kind", [*EVENT_TYPES.values(), Decision, Disruption, Promise])
@given(data=st.data())
def test_every_event_comes_back(kind: type, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    assert _there_and_back(kind, value) == value


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(("cls", "table", "key"), KINDS, ids=lambda value: str(value)[-30:])
@given(data=st.data())
def test_every_row_comes_back(
    cls: type, table: str, key: tuple[str, ...], dialect: str, data: st.DataObject
) -> None:
    kind = Kind(cls, table, key, flavour_of(dialect))
    value = data.draw(st.from_type(cls))
    assert kind.decode(kind.encode(value)) == value


def test_a_missing_field_takes_its_default_and_a_strange_one_is_passed_over() -> None:
    load = from_record(Promise)
    at = "2026-03-01T12:00:00Z"
    plain = {"earliest_at": at, "latest_at": at, "told_at": at, "colour": "red"}
    assert load(plain).number == 1


def test_a_number_that_is_none_survives() -> None:
    kind = tuple[float, ...]
    back = _there_and_back(kind, (1.0, float("nan"), float("-inf")))
    assert str(back) == "(1.0, nan, -inf)"


def test_a_type_without_a_plain_form_is_refused() -> None:
    for kind in (complex, set[str], int | str):
        with pytest.raises(TypeError):
            from_plain(kind)


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://a/b", "nonsense", "sqlite:///x?synchronous=off"],
)
def test_only_files_and_postgresql_are_databases(url: str) -> None:
    with pytest.raises(Invalid):
        parse_url(url)


def test_a_file_may_wait_for_the_disk() -> None:
    assert parse_url("sqlite:////data/x.db?synchronous=full").database == "/data/x.db"
