"""Every decision is complete, and what is said to keep it exists."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
FIELDS = ("State", "Pressure", "Choice", "Price", "Beaten", "Held by")

each_decision = pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)


@cache
def settings() -> dict[str, Any]:
    tools: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    return tools


def fields(path: Path) -> dict[str, str]:
    parts = re.split(rf"^({'|'.join(FIELDS)})  +", path.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def keeper_exists(keeper: str) -> bool:
    if "::" in keeper:
        file, _, name = keeper.partition("::")
        path = ROOT / file
        tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
        return any(isinstance(n, ast.FunctionDef) and n.name == name for n in ast.walk(tree))
    kind, _, name = keeper.partition(":")
    if kind == "contract":
        return any(name == known["id"] for known in settings()["importlinter"]["contracts"])
    if kind == "ruff":
        return ruff_applies(name)
    return kind == "pytest" and name in settings()["pytest"]["ini_options"]["addopts"]


def ruff_applies(code: str) -> bool:
    is_chosen = any(code.startswith(prefix) for prefix in settings()["ruff"]["lint"]["select"])
    is_off = any(code.startswith(prefix) for prefix in settings()["ruff"]["lint"]["ignore"])
    command = [sys.executable, "-m", "ruff", "rule", code]
    return (
        is_chosen
        and not is_off
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def test_there_are_decisions() -> None:
    assert len(DECISIONS) >= 10


def test_a_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


@each_decision
def test_a_decision_fills_every_field(path: Path) -> None:
    filled = fields(path)
    assert tuple(filled) == FIELDS
    assert all(text.strip() for text in filled.values())
    assert re.match(rf"# {path.name[:4]}  \S", path.read_text())


@each_decision
def test_a_decision_is_in_force_or_replaced_by_one_that_exists(path: Path) -> None:
    state = fields(path)["State"].strip()
    replaced = re.fullmatch(r"replaced by (\d{4})", state)
    if replaced:
        assert any(other.name.startswith(replaced[1]) for other in DECISIONS)
    else:
        assert re.fullmatch(r"in force since \d{4}-\d{2}-\d{2}", state)


@each_decision
def test_the_keepers_of_a_decision_exist(path: Path) -> None:
    held_by = fields(path)["Held by"].strip()
    keepers = re.findall(r"`([^`]+)`", held_by)
    assert keepers or held_by.startswith("nobody")
    assert [keeper for keeper in keepers if not keeper_exists(keeper)] == []


@pytest.mark.parametrize(
    "keeper",
    [
        "tests/house/test_decisions.py::test_that_was_never_written",
        "tests/nowhere.py::test_there_are_decisions",
        "contract:handshake",
        "ruff:N818",
        "ruff:E99999",
        "pytest:--doctest-everything",
        "review",
    ],
)
def test_a_keeper_that_does_not_exist_is_noticed(keeper: str) -> None:
    assert not keeper_exists(keeper)
