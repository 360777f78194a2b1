"""What the commands about the policy say, and the status they end with."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from recourse.cli_policy import policy_app

runner = CliRunner()


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(runner.invoke(policy_app, ["show"]).output)
    return file


def test_the_policy_that_is_shown_can_be_copied_and_checked(shipped: Path) -> None:
    checked = runner.invoke(policy_app, ["check", str(shipped)])
    assert checked.exit_code == 0
    assert "a coupon worth 500, if late_s >= 1800  [coupon:late_1800_s]" in checked.output
    assert "late_s: seconds past the first promise" in checked.output
    assert "In none of them did more late_s give less." in checked.output
    assert "warning" not in checked.output


def test_what_a_policy_forgets_and_what_nobody_holds_is_warned_of(shipped: Path) -> None:
    text = shipped.read_text().replace('give = "refund"', 'give = "points"')
    shipped.write_text(text.replace("[limits]", "[limits]\nfour_eyes_from_cents = 900"))
    warned = runner.invoke(policy_app, ["check", str(shipped)]).output
    assert "warning: no rule gives the money back" in warned
    assert "From 900 on, a dispatcher must say yes first" in warned


@pytest.mark.parametrize("command", ["check", "try"])
def test_a_policy_with_faults_ends_with_two_and_names_their_lines(
    shipped: Path, command: str
) -> None:
    shipped.write_text(shipped.read_text().replace("case_cents = 2000", "case_cents = 20.00"))
    refused = runner.invoke(policy_app, [command, str(shipped)])
    assert refused.exit_code == 2
    assert "policy.toml:16: limits.case_cents: must be a whole number" in refused.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--zone", "Mars"], "'Mars' is no time zone"),
        (["--data", "nowhere"], "nowhere/recourse.sqlite; name the folder with --data"),
        (["--db", "mysql://x"], "a database is sqlite:///FILE or postgresql://..."),
        (["--db", "postgresql://nobody@127.0.0.1:1/x"], "cannot be used: connection failed"),
    ],
)
def test_a_trial_that_cannot_be_says_why_and_makes_no_file(
    shipped: Path, options: list[str], told: str
) -> None:
    plot = shipped.with_name("plot.svg")
    asked = ["try", str(shipped), "--plot", str(plot), *options]
    refused = runner.invoke(policy_app, asked)
    assert refused.exit_code == 2
    assert told in refused.output
    assert not plot.exists()
