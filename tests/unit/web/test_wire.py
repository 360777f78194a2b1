"""What a field may hold, and how an answer is written."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from recourse.model.errors import (
    CannotPlan,
    Conflict,
    Forbidden,
    IllegalMove,
    Invalid,
    LeaseLost,
    NotFound,
    RecourseError,
    Stale,
)
from recourse.web.bodies import PingsIn
from recourse.web.problems import PROBLEMS, of_error
from recourse.web.wire import Id, Instant, Text, write

INSTANT = TypeAdapter(Instant)


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=OFFSETS))  # noqa: DTZ001
def test_every_instant_of_our_time_comes_in_and_goes_out_as_the_same(at: datetime) -> None:
    read = INSTANT.validate_python(at.isoformat())
    assert read == at
    assert read.tzinfo is UTC
    assert datetime.fromisoformat(json.loads(write(read))) == at


@given(st.text())
def test_a_text_holds_no_control_character(text: str) -> None:
    has_control = any(ord(char) < 32 or ord(char) == 127 for char in text)
    try:
        TypeAdapter(Text).validate_python(text)
    except ValidationError:
        assert has_control or len(text) > 200
    else:
        assert not has_control


@pytest.mark.parametrize("text", ["", "a/b", "a b", "-a", "é", "a" * 65, "a\n", "../x", "a\x00"])
def test_an_id_fits_into_a_path(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(text)


def test_columns_of_pings_have_one_length() -> None:
    at = "2026-03-02T16:00:00Z"
    with pytest.raises(ValidationError, match="same length"):
        PingsIn.model_validate(
            {"courier_ids": ["a", "b"], "lons": [1.0], "lats": [1.0, 1.0], "pinged_ats": [at, at]}
        )


def test_two_thousand_rows_are_taken_and_one_more_is_not() -> None:
    def rows(n: int) -> dict[str, list[object]]:
        at = "2026-03-02T16:00:00Z"
        numbers: list[object] = [0.0] * n
        return {
            "courier_ids": ["a"] * n,
            "lons": numbers,
            "lats": numbers,
            "pinged_ats": [at] * n,
        }

    assert len(PingsIn.model_validate(rows(2_000)).value().courier_ids) == 2_000
    with pytest.raises(ValidationError):
        PingsIn.model_validate(rows(2_001))


def test_a_number_that_is_not_finite_is_written_as_null() -> None:
    assert write({"p": float("nan"), "q": float("inf")}) == b'{"p":null,"q":null}'


ERRORS = {
    NotFound(kind="order", id="o-1"): (404, "order_id"),
    Invalid(field="factor", why="too large"): (422, "factor"),
    IllegalMove(at="created", to="delivered"): (409, ""),
    Conflict(rule="offer_not_open"): (409, "offer_not_open"),
    Stale(kind="route", id="k-1", given=3): (409, ""),
    Forbidden(rule="no", way_out="ask"): (403, ""),
    CannotPlan(constraint="late", order_id="o-1"): (409, ""),
    LeaseLost(key="k", token=1): (409, ""),
    RecourseError("what"): (500, ""),
}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_of_the_tree_has_its_status(error: RecourseError) -> None:
    body = of_error(error)
    assert (body["status"], body["param"]) == ERRORS[error]
    assert body["code"] == error.code
    assert body["title"] == PROBLEMS[error.code].title
