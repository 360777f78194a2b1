"""Every complaint on the page has a test that exists, and every such test is on the page."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "complaints.md"
OF_COMPLAINTS = ("tests/flow/test_complaints.py", "tests/e2e/test_complaints.py")
N_COMPLAINTS = 13  # as people tell them; some have several tests


def _tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {
        f"{path}::{node.name}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_complaint_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[a-z0-9_/]+\.py::\w+)`", PAGE.read_text())
    assert len(named) >= N_COMPLAINTS
    there = set().union(*(_tests(path) for path in {one.partition("::")[0] for one in named}))
    assert set(named) <= there


def test_every_test_of_a_complaint_is_on_the_page() -> None:
    page = PAGE.read_text()
    assert [one for path in OF_COMPLAINTS for one in _tests(path) if one not in page] == []
