"""This file knows how a frozen value becomes plain data and comes back, field by field."""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

__all__ = ["Pair", "plain_pair"]

Convert = Callable[[Any], Any]


class Pair(NamedTuple):
    """How one type is written as plain data and read back; None where it needs nothing.

    Attributes
    ----------
    dump : callable or None
        Value to plain data (str, int, float, bool, None, list, dict).
    load : callable or None
        Plain data to value.
    """

    dump: Convert | None
    load: Convert | None


@cache
def plain_pair(kind: Any) -> Pair:  # noqa: ANN401 - any type expression
    """Compile the way of one type to plain data and back.

    Works from the annotations, once a type: strings, numbers, booleans, enums of strings, instants,
    tuples of one type, optional values, mappings of JSON values, and dataclasses of these. A field
    that the data lacks takes its default, and one that the class lacks is passed over, so a log
    written by an older or newer version can be read.

    Parameters
    ----------
    kind : type
        The annotated type.

    Returns
    -------
    Pair
        The two converters.

    Raises
    ------
    TypeError
        If the type is none of these.

    Examples
    --------
    >>> from recourse.model.places import Place
    >>> dump, load = plain_pair(Place)
    >>> dump(Place(lon=13.4, lat=52.5))
    {'lon': 13.4, 'lat': 52.5, 'address': ''}
    >>> load({"lon": 13.4, "lat": 52.5, "colour": "red"}).lat
    52.5
    """
    if kind in {str, int, bool}:
        return Pair(None, None)
    if kind is float:
        return Pair(None, float)
    if kind is datetime:
        return Pair(datetime.isoformat, datetime.fromisoformat)
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _optional(kind)
    if origin is tuple:
        return _sequence(get_args(kind)[0])
    if origin is Mapping or origin is dict:
        return Pair(dict, None)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Pair(None, {member.value: member for member in kind}.__getitem__)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    message = f"no plain form is known for {kind!r}"
    raise TypeError(message)


def _optional(kind: Any) -> Pair:  # noqa: ANN401
    """Pair of ``X | None``."""
    inner = [part for part in get_args(kind) if part is not type(None)]
    if len(inner) != 1:
        message = f"only one type beside None can be told apart, got {kind!r}"
        raise TypeError(message)
    dump, load = plain_pair(inner[0])
    return Pair(_unless_none(dump), _unless_none(load))


def _unless_none(convert: Convert | None) -> Convert | None:
    """Leave None alone and convert everything else."""
    if convert is None:
        return None
    return lambda value: None if value is None else convert(value)


def _sequence(element: Any) -> Pair:  # noqa: ANN401
    """Pair of ``tuple[X, ...]``; plain data has a list."""
    dump, load = plain_pair(element)
    return Pair(
        list if dump is None else lambda values: [dump(value) for value in values],
        tuple if load is None else lambda values: tuple([load(value) for value in values]),
    )


def _record(kind: type) -> Pair:
    """Pair of a dataclass; plain data has a dict in the order of the fields."""
    hints = get_type_hints(kind)
    pairs = {field.name: plain_pair(hints[field.name]) for field in fields(kind)}
    names = tuple(pairs)
    dumps = tuple((name, pair.dump) for name, pair in pairs.items() if pair.dump)
    loads = {name: pair.load for name, pair in pairs.items()}

    def dump(value: object) -> dict[str, Any]:
        data = {name: getattr(value, name) for name in names}
        for name, convert in dumps:
            data[name] = convert(data[name])
        return data

    def load(data: Mapping[str, Any]) -> object:
        known = {}
        for name, plain in data.items():
            if name in loads:
                convert = loads[name]
                known[name] = plain if convert is None else convert(plain)
        return kind(**known)

    return Pair(dump, load)
