"""Write the table and the picture of the case machine into its page. This file knows the page."""

import sys
from pathlib import Path

from recourse.recovery.rules import transitions

__all__ = ["PAGE", "render"]

PAGE = Path("docs/cases.md")
BEGIN = "<!-- generated: python -m tools.cases -->"
END = "<!-- end of generated -->"


def render(page: str) -> str:
    """Put the machine as it is into the text of its page.

    Parameters
    ----------
    page : str
        The page as it stands, with both marks.

    Returns
    -------
    str
        The page with everything between the marks written afresh.
    """
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_picture()}\n\n{_table()}\n\n{END}{after}"


def _picture() -> str:
    """Every move that changes the status, as a Mermaid diagram."""
    moves: dict[tuple[str, str], list[str]] = {}
    for row in transitions():
        for to in row.to:
            moves.setdefault((row.at, to), []).append(row.event)
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> deciding: CaseOpened"]
    for (at, to), events in moves.items():
        # One line for what every open status shares would hide where it comes from.
        lines.append(f"    {at} --> {to}: {', '.join(sorted(events))}")
    return "\n".join([*lines, "    closed --> [*]", "```"])


def _table() -> str:
    """Every rule, one line each."""
    head = ["| At | Hears | May become | What is done |", "|---|---|---|---|"]
    rows = [
        f"| {row.at} | `{row.event}` | {', '.join(row.to) or '(stays)'} | {row.says} |"
        for row in transitions()
    ]
    return "\n".join([*head, *rows])


def main() -> int:
    """Write the page.

    Returns
    -------
    int
        0.
    """
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
