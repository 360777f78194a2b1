"""Every recorded day ends to the byte as it did when it was accepted."""

import pytest

from tests.golden.days import FOLDER, days, differences, kept, replay


@pytest.mark.parametrize("name", days())
def test_a_recorded_day_ends_exactly_as_it_did(name: str) -> None:
    before, after = kept(name), replay(name)
    assert before, "accept the day first: python -m tests.golden --accept"
    assert after == before, "\n".join(differences(before, after))


def test_every_recorded_day_tells_its_story() -> None:
    assert len(days()) >= 4
    assert [name for name in days() if not (FOLDER / name / "README.md").exists()] == []


def test_a_change_of_decision_is_told_in_words() -> None:
    before = kept("withdrawal-before-pickup")
    after = before.replace('"way":"courier"', '"way":"refund"')
    said = differences(before, after)
    assert any("case-1: was courier" in line and "now refund" in line for line in said)
