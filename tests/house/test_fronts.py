"""The front of a package is narrow, and shows how it is used."""

import ast
import importlib
import inspect
import pkgutil
import re
import types
from pathlib import Path

import pytest

import recourse

FLOORS_1_TO_3 = (
    "bonuses disruption durable errands foresight learning model orders planning recovery"
    " redress roads tracking"
)
FRONTS = sorted(
    module.name for module in pkgutil.iter_modules(recourse.__path__, "recourse.") if module.ispkg
)
PURE_FRONTS = [name for name in FRONTS if name.partition(".")[2] in FLOORS_1_TO_3.split()]
MOST_NAMES = 12


def front(name: str) -> types.ModuleType:
    return importlib.import_module(name)  # noqa: TID251 - the names come from the tree


def functions(name: str) -> list[tuple[str, str]]:
    module = front(name)
    things = [(shown, getattr(module, shown)) for shown in module.__all__]
    return [(shown, inspect.getdoc(it) or "") for shown, it in things if inspect.isfunction(it)]


@pytest.mark.parametrize("name", FRONTS)
def test_a_front_is_narrow(name: str) -> None:
    shown = front(name).__all__
    assert len(shown) <= MOST_NAMES
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("name", FRONTS)
def test_a_front_only_shows_what_is_behind_it(name: str) -> None:
    """Logic in a front is logic that no file name announces."""
    source = Path(inspect.getfile(front(name))).read_text()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert [n.name for n in ast.parse(source).body if isinstance(n, kinds)] == []


@pytest.mark.parametrize("name", PURE_FRONTS)
def test_the_front_shows_how_it_is_used(name: str) -> None:
    without = [shown for shown, doc in functions(name) if "\nExamples\n--------\n" not in doc]
    assert without == []


@pytest.mark.parametrize("name", PURE_FRONTS)
def test_an_array_says_its_type_and_shape(name: str) -> None:
    vague = [
        f"{shown}: {line}"
        for shown, doc in functions(name)
        for line in re.findall(r"^\w+ : .*ndarray.*$", doc, re.MULTILINE)
        if not re.search(r"ndarray of \w+, shape \(", line)
    ]
    assert vague == []
