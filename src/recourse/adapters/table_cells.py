"""This file knows how a person writes a number, a yes or a time in a cell, and what it means."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from recourse.adapters.table_columns import Kind

__all__ = ["BadCell", "When", "read_cell"]

_YES: Final = frozenset({"yes", "y", "true", "1", "是"})
_NO: Final = frozenset({"no", "n", "false", "0", "否"})
_COUNT: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DEGREES: Final = re.compile(r"[+-]?\d{1,3}(\.\d{1,20})?", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_INSTANT: Final = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T]+(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_DAY_S: Final = 86_400


class BadCell(Exception):
    """A cell does not say what its column holds; the text tells why and the way out."""

    def __init__(self, *, why: str) -> None:
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class When:
    """What a time without a zone, or without a day, means.

    Attributes
    ----------
    zone : ZoneInfo
        Local time of the city.
    day : date
        Day of a time that stands alone.
    """

    zone: ZoneInfo
    day: date


def read_cell(kind: Kind, text: str, *, when: When) -> object:
    """Read one cell that is not empty.

    Parameters
    ----------
    kind : Kind
        What its column holds.
    text : str
        What was written.
    when : When
        What a time without zone or day means.

    Returns
    -------
    object
        Text, a whole number, degrees, a truth, seconds after midnight, or an instant in UTC as
        RFC 3339 text.

    Raises
    ------
    BadCell
        If it cannot be read, or may mean two things.

    Examples
    --------
    >>> when = When(ZoneInfo("America/Vancouver"), date(2026, 3, 2))
    >>> read_cell(Kind.INSTANT, "2026-03-02 14:00", when=when)
    '2026-03-02T22:00:00+00:00'
    >>> read_cell(Kind.INSTANT, "14:00", when=when)
    '2026-03-02T22:00:00+00:00'
    >>> read_cell(Kind.YES_NO, "是", when=when), read_cell(Kind.COUNT, "1200", when=when)
    (True, 1200)
    """
    if kind is Kind.TEXT:
        # A line break inside a quoted cell is as good as a space on a phone.
        return " ".join(text.split())
    plain = unicodedata.normalize("NFKC", text).strip()
    if kind is Kind.CHOICE:
        return plain.casefold()
    if kind is Kind.INSTANT:
        return _instant(plain, when).isoformat()
    return _READERS[kind](plain)


def _count(text: str) -> int:
    """Read a whole number."""
    if not _COUNT.fullmatch(text):
        raise BadCell(why="must be a whole number in digits, without unit, comma or point")
    return int(text)


def _degrees(text: str) -> float:
    """Read degrees."""
    if not _DEGREES.fullmatch(text):
        raise BadCell(why="must be decimal degrees with a point, such as -123.1207")
    return float(text)


def _truth(text: str) -> bool:
    """Read a yes or a no."""
    folded = text.casefold()
    if folded not in _YES | _NO:
        raise BadCell(why="must be yes or no (true, false, 1, 0, 是, 否 will do)")
    return folded in _YES


def _clock_s(text: str) -> int:
    """Read a time of day as seconds after midnight; 24:00 is the end of the day."""
    found = _CLOCK.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    total_s = hours * 3_600 + minutes * 60 + seconds
    if total_s > _DAY_S or max(minutes, seconds) >= 60:  # noqa: PLR2004 - sixty a minute
        raise BadCell(why="must be a time of day from 00:00 to 24:00, such as 08:30")
    return total_s


def _instant(text: str, when: When) -> datetime:
    """Read a date and time: with its offset, or in local time of the city."""
    if _CLOCK.fullmatch(text):
        return _local(_wall(when.day, text), when.zone)
    found = _INSTANT.fullmatch(text)
    if not found:
        raise BadCell(
            why="must be a date and time such as 2026-03-02 14:00, 14:00 (of --day), "
            "or 2026-03-02T14:00:00-08:00"
        )
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as error:
        raise BadCell(why=f"is no day of the calendar ({error}); write year-month-day") from error
    wall = _wall(day, found[4])
    if not found[5]:
        return _local(wall, when.zone)
    offset = found[5].upper().replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(f"{wall.isoformat()}{offset}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadCell(why=f"has an offset from UTC that cannot be ({error})") from error


def _wall(day: date, clock: str) -> datetime:
    """Put a day and a time of day together, as a clock on the wall shows them."""
    clock_s = _clock_s(clock)
    try:
        return datetime.combine(day, time()) + timedelta(seconds=clock_s)
    except OverflowError as error:
        raise BadCell(why="lies outside the calendar") from error


def _local(wall: datetime, zone: ZoneInfo) -> datetime:
    """Turn local time into an instant, unless the clocks are put forward or back over it."""
    try:
        first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    except OverflowError as error:
        raise BadCell(why="lies outside the calendar") from error
    if first == second:
        return first
    if first > second:
        raise BadCell(
            why=f"{wall:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clocks are put "
            "forward over it; write a time before or after that hour"
        )
    early, late = (at.astimezone(zone).isoformat() for at in (first, second))
    raise BadCell(
        why=f"{wall:%Y-%m-%d %H:%M} comes twice in {zone.key}: the clocks are put back; write "
        f"{early} or {late}"
    )


_READERS: Final[Mapping[Kind, Callable[[str], object]]] = {
    Kind.COUNT: _count,
    Kind.DEGREES: _degrees,
    Kind.YES_NO: _truth,
    Kind.CLOCK: _clock_s,
}
