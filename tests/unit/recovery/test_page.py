"""The page about cases shows the machine as it is."""

from pathlib import Path

from recourse.model.cases import CASE_MOVES, CaseStatus
from recourse.recovery.rules import transitions
from tools.cases import PAGE, render

ROOT = Path(__file__).parents[3]


def test_the_page_about_cases_is_current() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert render(page) == page, "run: python -m tools.cases"


def test_every_rule_leads_only_where_the_state_table_allows() -> None:
    for row in transitions():
        allowed = CASE_MOVES[CaseStatus(row.at)]
        assert {CaseStatus(to) for to in row.to} <= allowed, row


def test_every_open_status_has_a_way_on_and_ends_with_its_order() -> None:
    for status in CaseStatus:
        rows = [row for row in transitions() if row.at == status.value]
        if status is CaseStatus.CLOSED:
            assert all(not row.to for row in rows)
            continue
        assert any(row.event == "OrderEnded" and "closed" in row.to for row in rows)
        assert any(set(row.to) - {"closed"} for row in rows)
