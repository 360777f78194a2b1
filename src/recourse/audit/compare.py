"""This file knows how the tables are held against what the log says."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from recourse.audit.moves import LIVE
from recourse.audit.reading import Source, instant
from recourse.audit.replay import Replay
from recourse.audit.report import Disagreement

__all__ = ["Comparison"]

Columns = dict[str, Any]


class Comparison:
    """Holds every table of state against a replay.

    Parameters
    ----------
    source : Source
        Where the tables are.
    seen : Replay
        What the log says.
    """

    def __init__(self, source: Source, seen: Replay) -> None:
        self._source, self._seen = source, seen
        self.n_rows = 0

    def disagreements(self) -> Iterator[Disagreement]:
        """Every row that disagrees, table by table, in the order of their ids."""
        yield from self._held("orders", self._orders(), "SELECT id, status FROM orders")
        yield from self._held("assignments", *self._assignments())
        yield from self._held("offers", self._offers(), "SELECT id, status FROM offers")
        yield from self._held("custody", *self._custody())
        yield from self._held("cases", self._cases(), "SELECT id, order_id, status FROM cases")
        yield from self._held("couriers", *self._couriers())
        yield from self._held("remedies", *self._remedies())
        yield from self._held("entries", *self._entries())
        yield from self._held("notices", *self._notices())
        yield from self._held("consents", *self._consents())
        yield from self._held("tally", *self._tally())

    def _held(
        self,
        table: str,
        log: dict[str, Columns],
        found: str | dict[str, Columns],
    ) -> Iterator[Disagreement]:
        """Compare one table: rows that only one side knows, and columns that differ."""
        rows = self._by_id(found) if isinstance(found, str) else found
        self.n_rows += len(rows)
        for key in sorted(log.keys() | rows.keys()):
            if key not in rows:
                yield _differ(table, key, "(row)", "is there", "")
            elif key not in log:
                yield _differ(table, key, "(row)", "", "is there")
            else:
                for column, said in log[key].items():
                    if rows[key][column] != said:
                        yield _differ(table, key, column, said, rows[key][column])

    def _by_id(self, sql: str) -> dict[str, Columns]:
        """Rows of a query by their id."""
        return {row.pop("id"): row for row in self._source.rows(sql)}

    def _orders(self) -> dict[str, Columns]:
        return {name: {"status": order.status} for name, order in self._seen.orders.items()}

    def _offers(self) -> dict[str, Columns]:
        return {name: {"status": status} for name, status in self._seen.offers.items()}

    def _cases(self) -> dict[str, Columns]:
        cases = self._seen.cases.items()
        return {name: {"order_id": case.order_id, "status": case.status} for name, case in cases}

    def _assignments(self) -> tuple[dict[str, Columns], dict[str, Columns]]:
        rows = self._by_id("SELECT id, order_id, courier_id, status FROM assignments")
        # The log says that a duty began; the table may still tell accepted from active.
        live = {
            name: {**row, "status": "active" if row["status"] in LIVE else row["status"]}
            for name, row in rows.items()
        }
        log = {
            name: {"order_id": d.order_id, "courier_id": d.courier_id, "status": d.status}
            for name, d in self._seen.duties.items()
        }
        return log, live

    def _custody(self) -> tuple[dict[str, Columns], dict[str, Columns]]:
        rows = self._source.rows(
            "SELECT order_id, number, custodian, holder_id, from_at, until_at FROM custody"
        )
        table = {
            f"{row['order_id']}/{row['number']:04}": {
                "custodian": row["custodian"],
                "holder_id": row["holder_id"],
                "from_at": instant(row["from_at"]),
                "until_at": row["until_at"] and instant(row["until_at"]),
            }
            for row in rows
        }
        log = {
            f"{name}/{number:04}": {
                "custodian": hands.custodian,
                "holder_id": hands.holder_id,
                "from_at": hands.from_at,
                "until_at": hands.until_at,
            }
            for name, order in self._seen.orders.items()
            for number, hands in enumerate(order.hands, start=1)
        }
        return log, table

    def _couriers(self) -> tuple[dict[str, Columns], dict[str, Columns]]:
        rows = self._by_id("SELECT id, state FROM couriers")
        # Until the first move the log does not say in which state a courier was registered.
        log = {
            name: {"state": state} if state else {} for name, state in self._seen.couriers.items()
        }
        return log, rows

    def _remedies(self) -> tuple[dict[str, Columns], dict[str, Columns]]:
        rows = self._source.rows("SELECT case_id, kind, beneficiary_id, amount_cents FROM remedies")
        table = {
            f"{row['case_id']}/{row['kind']}/{row['beneficiary_id']}": {
                "amount_cents": row["amount_cents"]
            }
            for row in rows
        }
        log = {"/".join(key): {"amount_cents": cents} for key, cents in self._seen.remedies.items()}
        return log, table

    def _entries(self) -> tuple[dict[str, Columns], dict[str, Columns]]:
        table = {}
        for row in self._source.rows("SELECT key, postings FROM entries"):
            lines = row["postings"]
            lines = json.loads(lines) if isinstance(lines, str) else lines
            table[row["key"]] = {
                "postings": tuple((line["account"], line["amount_cents"]) for line in lines)
            }
        return {key: {"postings": lines} for key, lines in self._seen.entries.items()}, table

    def _notices(self) -> tuple[dict[str, Columns], dict[str, Columns]]:
        rows = self._source.rows("SELECT key FROM notices")
        return {key: {} for key in self._seen.notices}, {row["key"]: {} for row in rows}

    def _consents(self) -> tuple[dict[str, Columns], dict[str, Columns]]:
        rows = self._source.rows("SELECT order_id, site_id FROM consents")
        log: dict[str, Columns] = {
            f"{name}/{site_id}": {}
            for name, order in self._seen.orders.items()
            for site_id in order.consents
        }
        return log, {f"{row['order_id']}/{row['site_id']}": {} for row in rows}

    def _tally(self) -> tuple[dict[str, Columns], dict[str, Columns]]:
        rows = self._source.rows("SELECT n_events, n_notices, head FROM tally")
        log = {
            "n_events": self._seen.n_events,
            "n_notices": len(self._seen.notices),
            "head": self._seen.chain.head,
        }
        return {"1": log}, {str(i): row for i, row in enumerate(rows, start=1)}


def _differ(table: str, key: str, column: str, log: object, row: object) -> Disagreement:
    """One disagreement, both sides as text."""
    return Disagreement(
        table=table, id=key, column=column, log_says=_text(log), table_says=_text(row)
    )


def _text(value: object) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
