"""One word for one thing, and a unit that means what it says."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "src").rglob("*.py"))
OTHER_WORDS = re.compile(r"(driver|rider|agent|job|task|util|helper|manager)s?", re.IGNORECASE)
WHOLE = re.compile(r"\w+_(s|m|g|cents)|n_\w+")

each_file = pytest.mark.parametrize(
    "path", FILES, ids=lambda path: path.relative_to(ROOT / "src").as_posix()
)


def other_words(source: str, stem: str = "") -> set[str]:
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names = [stem, *(n.name for n in ast.walk(ast.parse(source)) if isinstance(n, kinds))]
    words = {word for name in names for word in re.findall(r"[A-Z]?[a-z]+", name)}
    return {word for word in words if OTHER_WORDS.fullmatch(word)}


def fractions(source: str) -> set[str]:
    """Fields of records whose name promises a whole number and whose type does not."""
    classes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ClassDef)]
    return {
        f"{owner.name}.{field.target.id}"
        for owner in classes
        for field in owner.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if WHOLE.fullmatch(field.target.id)
        if re.search(r"\bfloat\b(?!\d)", ast.unparse(field.annotation))
    }


@each_file
def test_a_thing_has_one_word(path: Path) -> None:
    assert other_words(path.read_text(), path.stem) == set()


@each_file
def test_a_file_fits_in_one_sitting(path: Path) -> None:
    n_lines = len(path.read_text().splitlines())
    assert n_lines <= 400


@pytest.mark.parametrize("path", sorted((ROOT / "src/recourse/model").rglob("*.py")))
def test_a_name_with_a_unit_holds_a_whole_number(path: Path) -> None:
    assert fractions(path.read_text()) == set()


def test_another_word_is_noticed() -> None:
    assert other_words("class DriverTask: ...\ndef find_riders(): ...", "utils") == {
        "Driver",
        "Task",
        "riders",
        "utils",
    }


def test_a_fraction_of_a_cent_is_noticed() -> None:
    record = "class Pay:\n    sum_cents: float\n    wait_s: int\n    share: float\n"
    assert fractions(record) == {"Pay.sum_cents"}
