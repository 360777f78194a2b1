"""This file knows what a policy may say of stocks and of abuse, and how what is wrong is named."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from recourse.redress.abuse import BY, AbuseLimit
from recourse.redress.policy import Stock

__all__ = ["read_abuse", "read_stocks"]

Fault = Callable[[str, str], None]

_MOST = 10**12
_MOST_DAYS = 365
_THEN = ("withhold", "ask")


def read_stocks(tables: Mapping[str, Any], *, fault: Fault) -> tuple[Stock, ...]:
    """Read what there is only so much of.

    Parameters
    ----------
    tables : mapping of str to value
        What the file says.
    fault : callable
        Takes the field that is wrong, and why.

    Returns
    -------
    tuple of Stock
        Those that can be read.
    """
    found: list[Stock] = []
    for at, table in _tables(tables, "stock", ("name", "pieces", "cents"), fault=fault):
        name = table.get("name")
        if not isinstance(name, str) or not name:
            fault(f"{at}name", "must be text in quotes")
            continue
        if any(stock.name == name for stock in found):
            fault(f"{at}name", f"{name!r} is the name of another stock")
        if ("pieces" in table) == ("cents" in table):
            fault(f"{at}pieces", "write pieces or cents, one of them")
            continue
        is_money = "cents" in table
        most = _number(table, "cents" if is_money else "pieces", at, most=_MOST, fault=fault)
        found.append(Stock(name=name, most=most, is_money=is_money))
    return tuple(found)


def read_abuse(tables: Mapping[str, Any], *, fault: Fault) -> tuple[AbuseLimit, ...]:
    """Read how often goodwill is given before it is held back.

    Parameters
    ----------
    tables : mapping of str to value
        What the file says.
    fault : callable
        Takes the field that is wrong, and why.

    Returns
    -------
    tuple of AbuseLimit
        Those that can be read.
    """
    found: list[AbuseLimit] = []
    keys = ("by", "days", "most", "percent", "at_least", "then")
    for at, table in _tables(tables, "abuse", keys, fault=fault):
        by, then = table.get("by"), table.get("then", _THEN[0])
        if by not in BY:
            fault(f"{at}by", f"must be one of {', '.join(BY)}")
            continue
        if then not in _THEN:
            fault(f"{at}then", f"must be one of {', '.join(_THEN)}")
        is_share = by == "share"
        wrong, right = ("most", "percent") if is_share else ("percent", "most")
        if wrong in table:
            fault(f"{at}{wrong}", f"is not for {by}; write {right}")
        if "at_least" in table and not is_share:
            fault(f"{at}at_least", "is for share alone: orders below which nobody looks")
        found.append(
            AbuseLimit(
                by=by,
                days=_number(table, "days", at, most=_MOST_DAYS, least=1, fault=fault),
                most=_number(table, right, at, most=100 if is_share else _MOST, fault=fault),
                at_least=_number(table, "at_least", at, most=_MOST, fault=fault)
                if "at_least" in table
                else 0,
                asks=then == _THEN[1],
            )
        )
    return tuple(found)


def _tables(
    tables: Mapping[str, Any], name: str, keys: tuple[str, ...], *, fault: Fault
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Tables of one name, each with where it stands; keys that nobody would read are refused."""
    found = tables.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        fault(name, f"must be a list of tables: write [[{name}]], not [{name}]")
        return
    for number, table in enumerate(found, start=1):
        at = f"{name}[{number}]."
        for key in table:
            if key not in keys:
                fault(f"{at}{key}", f"is not known here; there is {', '.join(keys)}")
        yield at, table


def _number(
    table: Mapping[str, Any], key: str, at: str, *, most: int, least: int = 0, fault: Fault
) -> int:
    """Whole number within bounds; the least where it is none."""
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        fault(f"{at}{key}", f"must be a whole number from {least} to {most}")
        return least
    return value
