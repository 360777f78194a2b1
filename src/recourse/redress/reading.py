"""This file knows what a policy may say, and how each thing that is wrong with one is named."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from recourse.model.entitlements import ENTITLING
from recourse.model.errors import Invalid
from recourse.model.redress import RemedyKind
from recourse.redress.facts import FACTS
from recourse.redress.policy import Condition, Limits, RemedyPolicy, Rule
from recourse.redress.reading_limits import read_abuse, read_stocks

__all__ = ["Fault", "PolicyRefused", "read_policy"]

VERSION = 1
_TOP = ("version", "name", "never_less_for_more", "limits", "customer", "courier", "stock", "abuse")
_LIMITS = (
    "case_cents",
    "day_cents",
    "percent_of_value",
    "four_eyes_from_cents",
    "tenant_day_cents",
)
_RULE = (
    *("rule", "when", "give", "cents", "percent_of_value", "at_most_cents"),
    *("days", "item", "stock"),
)
_NOTHING = "nothing"
_GIVES = {
    "customer": ("points", "coupon", "refund", *sorted(ENTITLING), _NOTHING),
    "courier": ("courier_pay", _NOTHING),
}
_MOST_DAYS = 3_650
_MOST_CHARS = 80
_MOST_CENTS = 10**12
_RULE_NAME = re.compile(r"[a-z0-9_:.-]{1,80}")
_COMPARED = re.compile(r"\b([a-z_0-9]+)\s*(?:==|!=)\s*(\"[^\"]*\"|'[^']*')")
_AMONG = re.compile(r"\b([a-z_0-9]+)\s+in\s+\[([^\]]*)\]")
_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_UNIT = {"cents": "minor units", "percent_of_value": "per cent", "days": "days"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a policy.

    Attributes
    ----------
    field : str
        E.g. ``"limits.day_cents"`` or ``"customer[2].when"``; rules are counted from 1.
    why : str
        What is wrong, and the way out.
    """

    field: str
    why: str


class PolicyRefused(Invalid):
    """A policy says what it cannot; every fault it has, one on a line."""

    def __init__(
        self, faults: Collection[Fault], *, place_of: Callable[[str], str] | None = None
    ) -> None:
        self.faults = tuple(faults)
        where = place_of or (lambda _field: "")
        told = (f"{where(fault.field)}{fault.field}: {fault.why}" for fault in self.faults)
        n = len(self.faults)
        super().__init__(
            field="policy",
            why="\n  ".join([f"{n} thing{'s' * (n > 1)} to put right", *told]),
        )


def read_policy(
    tables: Mapping[str, Any], *, condition: Callable[[str], Condition]
) -> RemedyPolicy:
    """Make a policy of what a file says.

    Parameters
    ----------
    tables : mapping of str to value
        What the file says, as TOML reads it.
    condition : callable
        Reads the text of a condition; raises `Invalid` when it is none.

    Returns
    -------
    RemedyPolicy
        The policy.

    Raises
    ------
    PolicyRefused
        If anything is wrong with it; all of it is told at once.

    Examples
    --------
    >>> policy = read_policy(
    ...     {
    ...         "version": 1,
    ...         "limits": {"case_cents": 2_000, "day_cents": 200_000},
    ...         "customer": [{"rule": "late", "when": "!kept", "give": "points", "cents": 300}],
    ...     },
    ...     condition=lambda text: lambda facts: not facts["kept"],
    ... )
    >>> policy.customer[0].give.value, policy.courier
    ('points', ())
    """
    reading = _Reading(condition)
    reading.known(tables, _TOP, at="")
    if tables.get("version") != VERSION:
        reading.fault("version", f"must be {VERSION}, the only version there is")
    name = tables.get("name", "")
    if not isinstance(name, str):
        reading.fault("name", "must be text in quotes")
    policy = RemedyPolicy(
        name=str(name),
        customer=reading.rules(tables, "customer"),
        courier=reading.rules(tables, "courier"),
        limits=reading.limits(tables),
        never_less_for_more=reading.numbers(tables.get("never_less_for_more", [])),
        stocks=read_stocks(tables, fault=reading.fault),
        abuse=read_abuse(tables, fault=reading.fault),
    )
    for number, rule in enumerate(policy.customer, start=1):
        if rule.stock and policy.stock(rule.stock) is None:
            names = [stock.name for stock in policy.stocks] or ["none; write [[stock]]"]
            reading.fault(
                f"customer[{number}].stock",
                f"there is no stock {rule.stock!r}; {_hint(rule.stock, names)}",
            )
    if reading.faults:
        raise PolicyRefused(reading.faults)
    return policy


class _Reading:
    """One reading of a policy, with the faults found so far."""

    def __init__(self, condition: Callable[[str], Condition]) -> None:
        self._condition = condition
        self.faults: list[Fault] = []

    def fault(self, field: str, why: str) -> None:
        """Note that something is wrong."""
        self.faults.append(Fault(field, why))

    def known(self, table: Mapping[str, Any], names: Collection[str], *, at: str) -> None:
        """Refuse keys that nobody would read."""
        for key in table:
            if key not in names:
                self.fault(f"{at}{key}", f"is not known here; {_hint(key, names)}")

    def cents(self, table: Mapping[str, Any], key: str, *, at: str, most: int) -> int | None:
        """Whole number from 0 to a bound; None where it is missing."""
        value = table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            unit = _UNIT.get(key, "minor units")
            self.fault(f"{at}{key}", f"must be a whole number of {unit}, not {value!r}")
            return None
        if not 0 <= value <= most:
            self.fault(f"{at}{key}", f"must be from 0 to {most}, got {value}")
            return None
        return value

    def limits(self, tables: Mapping[str, Any]) -> Limits:
        """Read the bounds of goodwill."""
        table = tables.get("limits", {})
        if not isinstance(table, dict):
            self.fault("limits", "must be a table: [limits]")
            return Limits()
        self.known(table, _LIMITS, at="limits.")
        for key in ("case_cents", "day_cents"):
            if key not in table:
                self.fault(f"limits.{key}", "is missing; write the most that may be given")
        return Limits(
            case_cents=self.cents(table, "case_cents", at="limits.", most=_MOST_CENTS) or 0,
            day_cents=self.cents(table, "day_cents", at="limits.", most=_MOST_CENTS) or 0,
            percent_of_value=self.cents(table, "percent_of_value", at="limits.", most=1_000),
            four_eyes_from_cents=self.cents(
                table, "four_eyes_from_cents", at="limits.", most=_MOST_CENTS
            ),
            tenant_day_cents=self.cents(table, "tenant_day_cents", at="limits.", most=_MOST_CENTS),
        )

    def numbers(self, names: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever was written
        """Read the facts of which more must never give less."""
        numbers = [name for name, fact in FACTS.items() if fact.type is int]
        if not isinstance(names, list):
            self.fault("never_less_for_more", f"must be a list of {', '.join(numbers)}")
            return ()
        for name in names:
            if name not in numbers:
                self.fault(
                    "never_less_for_more",
                    f"{name!r} is no number among the facts; {_hint(str(name), numbers)}",
                )
        return tuple(name for name in names if name in numbers)

    def rules(self, tables: Mapping[str, Any], who: str) -> tuple[Rule, ...]:
        """Read the rules for one beneficiary."""
        found = tables.get(who, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.fault(who, f"must be a list of tables: write [[{who}]], not [{who}]")
            return ()
        read = [self._rule(one, who, number) for number, one in enumerate(found, start=1)]
        names = [one.get("rule") for one in found]
        for number, name in enumerate(names, start=1):
            if name is not None and name in names[: number - 1]:
                self.fault(
                    f"{who}[{number}].rule", f"{name!r} is the name of rule {names.index(name) + 1}"
                )
        return tuple(rule for rule in read if rule is not None)

    def _rule(self, table: Mapping[str, Any], who: str, number: int) -> Rule | None:
        """Read one rule; None if it cannot be one."""
        n_before, at = len(self.faults), f"{who}[{number}]."
        self.known(table, _RULE, at=at)
        for key in ("rule", "when", "give"):
            if not isinstance(table.get(key), str):
                given = "is missing" if key not in table else "must be text in quotes"
                self.fault(f"{at}{key}", given)
        name, text, give = (str(table.get(key, "")) for key in ("rule", "when", "give"))
        if "rule" in table and not _RULE_NAME.fullmatch(name.replace("{cause}", "cause")):
            self.fault(
                f"{at}rule", "may have small letters, digits, _ : . - and {cause} only, at most 80"
            )
        if "give" in table and give not in _GIVES[who]:
            self.fault(f"{at}give", _cannot_give(give, who))
        cents, percent, at_most = self._amount(table, give, at)
        days, item, stock = self._right(table, give, at)
        when = self._when(text, at) if isinstance(table.get("when"), str) else None
        if len(self.faults) > n_before or when is None:
            return None
        return Rule(
            name=name,
            when=when,
            text=text,
            give=None if give == _NOTHING else RemedyKind(give),
            cents=cents or 0,
            percent_of_value=percent or 0,
            at_most_cents=at_most,
            days=days,
            item=item,
            stock=stock,
        )

    def _right(self, table: Mapping[str, Any], give: str, at: str) -> tuple[int, str, str]:
        """Read for how long what is no money holds, what it is, and where it is taken from."""
        days = self.cents(table, "days", at=at, most=_MOST_DAYS) or 0
        item, stock = table.get("item", ""), table.get("stock", "")
        for key, value in (("item", item), ("stock", stock)):
            if not isinstance(value, str) or len(value) > _MOST_CHARS:
                self.fault(
                    f"{at}{key}", f"must be text in quotes, at most {_MOST_CHARS} characters"
                )
        is_right = give in ENTITLING
        if is_right and not days:
            self.fault(f"{at}days", "is missing; write for how many days it may be claimed")
        if is_right and "percent_of_value" in table:
            self.fault(f"{at}percent_of_value", "is for money; write what it is worth in cents")
        if not is_right and (days or item):
            self.fault(f"{at}{'days' if days else 'item'}", f"says nothing about a {give}")
        if give == RemedyKind.GIFT and not (item and stock):
            self.fault(
                f"{at}item", "a gift needs item and stock: what it is, and how many there are"
            )
        return days, str(item), str(stock)

    def _amount(
        self, table: Mapping[str, Any], give: str, at: str
    ) -> tuple[int | None, int | None, int | None]:
        """Read what a rule gives, which must fit what it is."""
        cents = self.cents(table, "cents", at=at, most=_MOST_CENTS)
        percent = self.cents(table, "percent_of_value", at=at, most=1_000)
        at_most = self.cents(table, "at_most_cents", at=at, most=_MOST_CENTS)
        has_amount = "cents" in table or "percent_of_value" in table
        if give == _NOTHING and has_amount:
            self.fault(f"{at}give", "gives nothing and yet an amount; take one of them out")
        elif give != _NOTHING and not has_amount:
            self.fault(f"{at}cents", "is missing; write cents, percent_of_value or both")
        if give == RemedyKind.REFUND and (cents or (percent or 0) > 100):  # noqa: PLR2004 - all of it
            self.fault(f"{at}give", "a refund is percent_of_value, at most 100, and no cents")
        return cents, percent, at_most

    def _when(self, text: str, at: str) -> Condition | None:
        """Read a condition, and look at the words it compares with."""
        try:
            when = self._condition(text)
        except Invalid as refused:
            self.fault(f"{at}when", refused.why)
            return None
        for fact, word in _words_in(text):
            words = FACTS[fact].words if fact in FACTS else ()
            if words and word not in words:
                self.fault(f"{at}when", f"{fact} is never {word!r}; {_hint(word, words)}")
        return when


def _words_in(text: str) -> list[tuple[str, str]]:
    """Facts of a condition, each with a word it is compared with."""
    found = [(fact, quoted[1:-1]) for fact, quoted in _COMPARED.findall(text)]
    for fact, listed in _AMONG.findall(text):
        found += [(fact, double or single) for double, single in _WORD.findall(listed)]
    return found


def _cannot_give(give: str, who: str) -> str:
    """Say why something cannot be given."""
    if who == "customer" and give == RemedyKind.COURIER_PAY:
        return "courier_pay is for couriers; write the rule under [[courier]]"
    return f"{give!r} cannot be given to a {who}; {_hint(give, _GIVES[who])}"


def _hint(word: str, words: Collection[str]) -> str:
    """Name the nearest word, or all of them."""
    near = get_close_matches(word, words, n=1)
    return f"do you mean {near[0]}?" if near else f"there is {', '.join(words)}"
