"""This file knows how a condition written in CEL is read and asked.

CEL is the Common Expression Language: it cannot loop, assign or reach anything. Its types are
checked when it is read, so a misspelt fact or a number held against a word never gets as far as a
case.
"""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from cel_expr_python import cel

from recourse.model.errors import Invalid

__all__ = ["Condition", "conditions_over"]

_Value = str | int | bool
Condition = Callable[[Mapping[str, _Value]], bool]
_TYPES = {str: cel.Type.STRING, int: cel.Type.INT, bool: cel.Type.BOOL}
_CALLED = {str: "a word", int: "a whole number", bool: "a yes or no"}
_OPERATORS = {"_&&_": "&&", "_||_": "||", "!_": "!", "@in": "in", "_?_:_": "? :"}
_PLACE = re.compile(r"<input>:(?P<line>\d+):(?P<column>\d+): (?P<why>[^\n]*)")
_UNKNOWN = re.compile(r"undeclared reference to '(?P<name>[^']*)'")
_OVERLOAD = re.compile(r"no matching overload for '(?P<what>[^']*)' applied to '\((?P<types>.*)\)'")


def conditions_over(facts: Mapping[str, type[_Value]]) -> Callable[[str], Condition]:
    """Make what reads conditions over some facts.

    Parameters
    ----------
    facts : mapping of str to type
        Each name a condition may use, and whether it is a ``str``, an ``int`` or a ``bool``.

    Returns
    -------
    callable
        Takes the text of a condition and returns what can be asked with the values of the facts;
        both raise `Invalid` when they cannot.

    Examples
    --------
    >>> read = conditions_over({"kept": bool, "late_s": int, "cause": str})
    >>> is_owed = read('late_s >= 300 && cause != "test"')
    >>> is_owed({"kept": False, "late_s": 400, "cause": "weather"})
    True
    >>> read("kepd")
    Traceback (most recent call last):
    recourse.model.errors.Invalid: condition: column 1: there is no fact 'kepd'; do you mean kept?
    """
    environment = cel.NewEnv(variables={name: _TYPES[type_] for name, type_ in facts.items()})

    def read(text: str) -> Condition:
        try:
            expression = environment.compile(text)
        except RuntimeError as refused:
            raise Invalid(field="condition", why=_in_words(str(refused), facts)) from refused
        if expression.return_type() != cel.Type.BOOL:
            is_ = expression.return_type().name().lower()
            why = f"it gives {is_}, not a yes or no; compare it with something, as in late_s >= 300"
            raise Invalid(field="condition", why=why)

        def ask(values: Mapping[str, _Value]) -> bool:
            answer = expression.eval(data=dict(values))
            if answer.type() != cel.Type.BOOL:
                raise Invalid(
                    field="condition", why=f"{text!r} cannot be answered: {answer.value()}"
                )
            return bool(answer.value())

        return ask

    return read


def _in_words(complaint: str, facts: Mapping[str, type[_Value]]) -> str:
    """Say what the compiler found, for somebody who writes rules and not programs."""
    found = _PLACE.search(complaint)
    if found is None:
        return complaint
    line, why = int(found["line"]), found["why"]
    where = f"column {found['column']}" if line == 1 else f"line {line}, column {found['column']}"
    if unknown := _UNKNOWN.search(why):
        near = get_close_matches(unknown["name"], facts, n=1)
        hint = f"do you mean {near[0]}?" if near else f"the facts are {', '.join(facts)}"
        why = f"there is no fact {unknown['name']!r}; {hint}"
    elif overload := _OVERLOAD.search(why):
        operator = _OPERATORS.get(overload["what"], overload["what"].strip("_"))
        sides = " and ".join(_word_for(type_) for type_ in overload["types"].split(", "))
        why = f"{operator} does not go with {sides}"
    elif why.startswith("Syntax error: "):
        reason = why.removeprefix("Syntax error: ").partition(" expecting")[0]
        why = f"this is not a condition ({reason})"
    return f"{where}: {why}"


def _word_for(type_: str) -> str:
    """What people call a type of CEL."""
    own = {"string": str, "int": int, "bool": bool}
    return _CALLED[own[type_]] if type_ in own else type_
