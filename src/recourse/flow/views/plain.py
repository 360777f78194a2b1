"""This file knows how values become plain data that JSON can carry."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

__all__ = ["Data", "plain", "stamp"]

Data = dict[str, Any]


@lru_cache(maxsize=8_192)
def stamp(at: datetime | None) -> str | None:
    """An instant as RFC 3339 in UTC, to the millisecond; None stays None."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def plain(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """A frozen value as plain data, field by field."""
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime):
        return stamp(value)
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(item) for item in value]
    message = f"{type(value).__name__} has no plain form"
    raise TypeError(message)
