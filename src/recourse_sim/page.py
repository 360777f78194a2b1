"""This file knows the page on which a report is read: one HTML file that needs nothing else."""

from html import escape
from typing import Any

from recourse_sim.report import ROWS, written

__all__ = ["make_page"]

_STYLE = """
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif }
:root { color: #1c2321; background: #fff }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem }
p.note { color: #555; margin: .3rem 0 1.2rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid #e3e6e5 }
th:first-child, td:first-child { text-align: left } thead th { border-bottom: 2px solid #1c2321 }
figure { margin: 0; overflow-x: auto } svg { max-width: 100%; height: auto }
code { background: #f2f4f3; padding: 0 .25rem }
"""


def make_page(report: dict[str, Any], plots: dict[str, str], policies: list[str]) -> str:
    """Write the page.

    Parameters
    ----------
    report : dict
        The report.
    plots : dict of str to str
        SVG by caption.
    policies : list of str
        Columns of the table, in order.

    Returns
    -------
    str
        HTML without a single reference to another file.
    """
    head = (
        f"{report['orders']:,} orders, {report['couriers']:,} couriers, city {report['city']}, "
        f"seeds {', '.join(map(str, report['seeds']))}, every hazard times {report['stress']:g}"
    )
    columns = "".join(f"<th>{escape(policy)}</th>" for policy in policies)
    rows = "".join(
        f"<tr><td>{escape(words)}</td>"
        + "".join(f"<td>{escape(written(report[policy], key, unit))}</td>" for policy in policies)
        + "</tr>"
        for key, words, unit in ROWS
    )
    figures = "".join(
        f"<h2>{escape(caption)}</h2>"
        f"<figure role='img' aria-label='{escape(caption)}'>{svg}</figure>"
        for caption, svg in plots.items()
    )
    version = escape(str(report["versions"].get("recourse", "")))
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Recourse: a simulated day</title><style>{_STYLE}</style></head><body>"
        "<h1>A simulated day</h1>"
        f"<p class='note'>{escape(head)}. Every figure on this page comes from a simulator whose "
        "rates are partly measured and partly assumed (<code>recourse-sim parameters</code> lists "
        f"them); none was measured on real deliveries. Recourse {version}.</p>"
        f"<table><thead><tr><th>Policy</th>{columns}</tr></thead><tbody>{rows}</tbody></table>"
        f"{figures}</body></html>\n"
    )
