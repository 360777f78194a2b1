"""What a person types wrongly is refused in one line, and reports read as they were written."""

import json
import sys
from pathlib import Path

import pytest

from recourse_sim import cli
from recourse_sim.page import make_page
from recourse_sim.parameters import Parameters, rows
from recourse_sim.plots import draw_all
from recourse_sim.report import interval, make_report, pool
from recourse_sim.tally import Tally


def tally_of(perceived: float, *, waits_s: tuple[float, ...] = (60.0, 120.0)) -> Tally:
    figures = {
        "orders": 100,
        "delivered": 99,
        "on_time_share": 0.97,
        "perceived_cancel_share": perceived,
        "lost": 0,
        "double_assigned": 0,
        "reoffered_to_withdrawer": 0,
        "orders_canceled_by_courier": 0,
        "cases": 2,
        "losses": 2,
        "ways_by_cause": {"breakdown": {"courier": 1, "handover": 1}},
        "new_courier_s": {"p50": 60.0, "p95": 120.0},
        "new_courier_share": 1.0,
        "redelivered_within_2h_share": 1.0,
        "notice_before_break_share": None,
        "cost_per_order_cents": 900.0,
        "grams_co2e_per_order": 200.0,
        "cpu_s": 1.0,
    }
    times = [28_800.0, 43_200.0]
    series: dict[str, list[float | None]] = {
        "t_s": [*times],
        "due": [0.0, 100.0],
        "kept": [0.0, 97.0],
    }
    return Tally(figures, series, list(waits_s))


HEAD = {
    "seed": 7,
    "city": "grid",
    "couriers": 9,
    "orders": 100,
    "stress": 1.0,
    "date": "2026-03-02",
}


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["recourse-sim", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


def test_every_parameter_is_listed_with_its_source(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run(monkeypatch, "parameters") == 0
    shown = capsys.readouterr().out
    for name, *_ in rows(Parameters()):
        assert name in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--headless", "--orders", "nowhere"), "neither a number nor a folder"),
        (("run", "--headless", "--city", "atlantis"), "atlantis"),
        (("report", "no-such-file.json"), "cannot be read as a report"),
    ],
)
def test_a_mistake_is_one_clear_line_and_status_two(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    words: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.setenv("RECOURSE_DATA", str(tmp_path))
    assert run(monkeypatch, *words) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown


def test_a_file_that_is_no_report_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"a": 1}')
    assert run(monkeypatch, "report", str(other)) == 2
    assert "no report of a simulated day" in capsys.readouterr().err


def test_a_report_is_printed_again_from_its_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = make_report({"recourse": {7: tally_of(0.01)}}, head=HEAD)
    path = tmp_path / "day.json"
    path.write_text(json.dumps(report))
    monkeypatch.setattr(sys, "argv", ["recourse-sim", "report", str(path)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    shown = capsys.readouterr().out
    assert "simulated" in shown
    assert "1.00 %" in shown


def test_counts_are_added_and_shares_averaged_over_seeds() -> None:
    pooled = pool({7: tally_of(0.01, waits_s=(10.0, 20.0)), 8: tally_of(0.03, waits_s=(30.0,))})
    assert pooled["orders"] == 200
    assert pooled["perceived_cancel_share"] == pytest.approx(0.02)
    assert pooled["new_courier_s"] == {"p50": 20.0, "p95": 30.0}
    assert pooled["ways_by_cause"] == {"breakdown": {"courier": 2, "handover": 2}}
    assert pooled["notice_before_break_share"] is None


def test_intervals_are_students_and_differences_are_paired() -> None:
    assert interval([1.0, 2.0, 3.0])["high"] == pytest.approx(2 + 4.302653 / 3**0.5, abs=1e-5)
    tallies = {
        "recourse": {seed: tally_of(0.01 + seed / 1000) for seed in (1, 2, 3)},
        "passive": {seed: tally_of(0.05 + seed / 1000) for seed in (1, 2, 3)},
    }
    found = make_report(tallies, head=HEAD)["intervals_95"]["perceived_cancel_share"]
    assert found["recourse minus passive"] == {"mean": -0.04, "low": -0.04, "high": -0.04, "n": 3}


def test_a_report_has_every_key_that_is_promised() -> None:
    report = make_report({"recourse": {7: tally_of(0.01)}}, head=HEAD)
    assert report["simulated"] is True
    assert {"seed", "city", "couriers", "orders", "versions"} <= set(report)
    assert report["recourse"]["new_courier_s"] == {"p50": 60.0, "p95": 120.0}


def test_the_page_stands_alone_and_says_that_it_is_simulated() -> None:
    tallies = {"recourse": {7: tally_of(0.01)}, "passive": {7: tally_of(0.05)}}
    report = make_report(tallies, head=HEAD)
    page = make_page(report, draw_all(tallies, report), list(tallies))
    assert page.count("<svg") == 4
    assert page.count("simulated") > 4
    for outside in ("http://127", "https://", "src=", "href='", 'href="http', "@import"):
        assert outside not in page.replace("http://www.w3.org", "").replace(
            "https://www.w3.org", ""
        )


def test_plots_are_the_same_for_the_same_figures() -> None:
    tallies = {"recourse": {7: tally_of(0.01)}}
    report = make_report(tallies, head=HEAD)
    assert draw_all(tallies, report) == draw_all(tallies, report)
