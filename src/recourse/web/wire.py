"""This file knows how values look on the wire: what a field may hold, how an answer is written."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError, to_json

from recourse.model.errors import NotFound

__all__ = [
    "MAX_NUMBER",
    "After",
    "Body",
    "Cents",
    "Id",
    "IdPath",
    "Instant",
    "Lat",
    "Limit",
    "Lon",
    "NumberPath",
    "OptionalId",
    "OptionalIdQuery",
    "Text",
    "page_of",
    "write",
    "wrong",
]

T = TypeVar("T")

# One pattern for every id: it must fit into a path, a header, a log line and a message address.
ID_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._~:-]*$"
OPTIONAL_ID_PATTERN: Final = r"^([A-Za-z0-9][A-Za-z0-9._~:-]*)?$"
# PostgreSQL refuses NUL, terminals act on the rest: no control characters anywhere.
TEXT_PATTERN: Final = r"^[^\x00-\x1f\x7f]*$"
# What an int32 column holds, rounded down to a number that reads well.
MAX_CENTS: Final = 2_000_000_000
MAX_NUMBER: Final = 9_007_199_254_740_991  # the largest integer a JavaScript reader keeps exact

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
# RFC 3339 and nothing more: pydantic alone would also take dates, Unix seconds and no offset.
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def wrong(*, code: str, why: str) -> PydanticCustomError:
    """Refuse a value in our own words.

    Parameters
    ----------
    code : str
        Name of the rule.
    why : str
        What is wrong, read by the caller.

    Returns
    -------
    PydanticCustomError
        To be raised by a validator.
    """
    return PydanticCustomError(code, why)


def _is_written_out(value: object) -> object:
    """Refuse what is no RFC 3339 text with an offset."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        return value
    raise wrong(code="rfc3339", why="must be RFC 3339 with an offset, such as 2026-03-01T09:00:00Z")


def _in_our_time(value: datetime) -> datetime:
    """Give the instant in UTC, or refuse years nobody delivers in."""
    try:
        instant = value.astimezone(UTC)
    except OverflowError:
        instant = _LATEST
    if not _EARLIEST <= instant < _LATEST:
        raise wrong(code="our_time", why="must lie in the years 2000 to 2099")
    return instant


Id = Annotated[str, Field(min_length=1, max_length=64, pattern=ID_PATTERN)]
IdPath = Annotated[str, Path(min_length=1, max_length=64, pattern=ID_PATTERN)]
Text = Annotated[str, Field(max_length=200, pattern=TEXT_PATTERN)]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Cents = Annotated[int, Field(ge=0, le=MAX_CENTS)]
Instant = Annotated[
    datetime,
    Field(strict=False, examples=["2026-03-01T09:00:00Z"]),
    AfterValidator(_in_our_time),
    BeforeValidator(_is_written_out),
]
NumberPath = Annotated[int, Path(ge=1, le=MAX_NUMBER, description="Number in the log.")]
OptionalId = Annotated[str, Field(max_length=64, pattern=OPTIONAL_ID_PATTERN)]
OptionalIdQuery = Annotated[str, Query(max_length=64, pattern=OPTIONAL_ID_PATTERN)]
After = Annotated[int, Query(ge=0, le=MAX_NUMBER, description="Only what has a higher number.")]
Limit = Annotated[int, Query(ge=1, le=1_000, description="At most so many.")]


class Body(BaseModel):
    """What every request body has in common: nothing unknown, nothing guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def page_of(
    lines: Sequence[T], ids: Sequence[str], *, after: str, limit: int
) -> tuple[list[T], str]:
    """Cut a page out of a list, and say where the next one begins.

    Parameters
    ----------
    lines : sequence
        The whole list.
    ids : sequence of str
        The id of each line.
    after : str
        Last id of the page before; empty for the first.
    limit : int
        At most so many.

    Returns
    -------
    tuple of list and str
        The page, and its last id if another follows; else empty.

    Raises
    ------
    NotFound
        If nothing of the list has the id.

    Examples
    --------
    >>> page_of([10, 20, 30], ["a", "b", "c"], after="a", limit=1)
    ([20], 'b')
    """
    if after and after not in ids:
        raise NotFound(kind="page", id=after)
    start = ids.index(after) + 1 if after else 0
    is_end = start + limit >= len(ids)
    return list(lines[start : start + limit]), "" if is_end else ids[start + limit - 1]


def write(value: Any) -> bytes:  # noqa: ANN401 - anything JSON can say
    """Write values of the model, or plain data, as JSON.

    Parameters
    ----------
    value : object
        Dataclasses, enums, aware datetimes, mappings, sequences, text and numbers.

    Returns
    -------
    bytes
        UTF-8 JSON; instants in RFC 3339, numbers that are not finite as null.

    Examples
    --------
    >>> from recourse.model.places import Place
    >>> write({"at": datetime(2026, 3, 1, 9, tzinfo=UTC), "place": Place(lon=1.5, lat=2.0)})
    b'{"at":"2026-03-01T09:00:00Z","place":{"lon":1.5,"lat":2.0,"address":""}}'
    """
    return to_json(value, inf_nan_mode="null")
