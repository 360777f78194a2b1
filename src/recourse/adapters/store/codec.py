"""This file knows how a frozen value becomes JSON text and comes back, field by field."""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import to_json

__all__ = ["from_plain", "from_record", "to_text"]

Convert = Callable[[Any], Any]
_SCALARS: Mapping[Any, Convert | None] = {
    str: None,
    int: None,
    bool: None,
    float: float,
    datetime: datetime.fromisoformat,
}


@cache
def to_text(kind: Any) -> Callable[[Any], str]:  # noqa: ANN401 - any type expression
    """Compile the way of one type to JSON text.

    Parameters
    ----------
    kind : type
        The annotated type.

    Returns
    -------
    callable
        Value to text; a number that is none (NaN) becomes its name.

    Examples
    --------
    >>> from recourse.model.places import Place
    >>> to_text(Place)(Place(lon=13.4, lat=52.5))
    '{"lon":13.4,"lat":52.5,"address":""}'
    """
    if get_origin(kind) is Mapping:
        return lambda value: to_json(value).decode()
    # A dataclass brings its own configuration; only the others may be given one.
    config = None if is_dataclass(kind) else ConfigDict(ser_json_inf_nan="strings")
    write = TypeAdapter(kind, config=config).serializer.to_json
    return lambda value: write(value).decode()


@cache
def from_plain(kind: Any) -> Convert | None:  # noqa: ANN401 - a case each
    """Compile the way of one type back from parsed JSON.

    Works from the annotations, once a type: strings, numbers, booleans, enums of strings, instants,
    tuples of one type, optional values, mappings of JSON values, and dataclasses of these. A field
    that the data lacks takes its default, and one that the class lacks is passed over, so a log
    written by an older or newer version can be read. Nothing is validated: what is in the database
    was written from values of these types.

    Parameters
    ----------
    kind : type
        The annotated type.

    Returns
    -------
    callable or None
        Parsed JSON to value; None where nothing needs to be done.

    Raises
    ------
    TypeError
        If the type is none of these.

    Examples
    --------
    >>> from recourse.model.places import Place
    >>> from_plain(Place)({"lon": 13.4, "lat": 52.5, "colour": "red"})
    Place(lon=13.4, lat=52.5, address='')
    """
    if kind in _SCALARS:
        return _SCALARS[kind]
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _optional(kind)
    if origin is tuple:
        return _sequence(from_plain(get_args(kind)[0]))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {member.value: member for member in kind}.__getitem__
    if isinstance(kind, type) and is_dataclass(kind):
        return from_record(kind)
    if origin is Mapping:
        return None
    message = f"no plain form is known for {kind!r}"
    raise TypeError(message)


def _optional(kind: Any) -> Convert | None:  # noqa: ANN401
    """Way back of ``X | None``: None stays."""
    inner = [part for part in get_args(kind) if part is not type(None)]
    if len(inner) != 1:
        message = f"only one type beside None can be told apart, got {kind!r}"
        raise TypeError(message)
    load = from_plain(inner[0])
    return None if load is None else lambda plain: None if plain is None else load(plain)


def _sequence(load: Convert | None) -> Convert:
    """Way back of ``tuple[X, ...]``; plain data has a list."""
    # A list is built first because a tuple of a generator is slower, and this is the hot path.
    return tuple if load is None else lambda plains: tuple([load(plain) for plain in plains])


def from_record(kind: type) -> Convert:
    """Way back of a dataclass; plain data has a dict."""
    hints = get_type_hints(kind)
    known = frozenset(field.name for field in fields(kind))
    found = ((name, from_plain(hints[name])) for name in sorted(known))
    loads = tuple((name, load) for name, load in found if load)

    def load(data: Mapping[str, Any]) -> object:
        if data.keys() == known:
            values = dict(data)
            for name, convert in loads:
                values[name] = convert(values[name])
        else:
            values = {name: plain for name, plain in data.items() if name in known}
            for name, convert in loads:
                if name in values:
                    values[name] = convert(values[name])
        return kind(**values)

    return load
