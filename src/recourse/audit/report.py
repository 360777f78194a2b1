"""This file knows what an audit found: broken rules, and rows that disagree with the log."""

from dataclasses import dataclass

__all__ = ["Breach", "Disagreement", "Report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule that the log itself breaks.

    Attributes
    ----------
    rule : str
        Name of the rule, e.g. ``"one_live_assignment"``.
    number : int
        Event at which it broke; 0 when only the end of the log shows it.
    subject : str
        Which order, case, offer or courier.
    detail : str
        What was found.
    """

    rule: str
    number: int
    subject: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A row that says something else than the log.

    Attributes
    ----------
    table, id, column : str
        Which row and column.
    log_says, table_says : str
        The two values; empty text where there is none.
    """

    table: str
    id: str
    column: str
    log_says: str
    table_says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an audit found.

    Attributes
    ----------
    n_events, n_orders, n_rows : int
        How much was looked at: events replayed, orders in the log, rows of tables compared.
    head : str
        Number and link of the newest event, ``"number:link"``; empty before the first. Noted
        somewhere else, it tells later that nothing before it was changed.
    n_erased : int
        Events whose personal fields were erased.
    breaches : tuple of Breach
        Broken rules, in the order of the log.
    disagreements : tuple of Disagreement
        Rows that disagree, table by table.
    """

    n_events: int
    n_orders: int
    n_rows: int
    breaches: tuple[Breach, ...]
    disagreements: tuple[Disagreement, ...]
    head: str = ""
    n_erased: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.breaches or self.disagreements)

    def lines(self, *, limit: int = 20) -> list[str]:
        """Say what was found, the first things first.

        Parameters
        ----------
        limit : int, optional
            How many findings are spelled out.

        Returns
        -------
        list of str
            One line each, a summary first.
        """
        looked_at = f"{self.n_events} events, {self.n_orders} orders, {self.n_rows} rows"
        n_found = f"{len(self.breaches)} broken rules, {len(self.disagreements)} rows that disagree"
        said = [f"{looked_at}: {n_found}"]
        said += [
            f"  event {one.number or '-'}: {one.rule}: {one.subject}: {one.detail}"
            for one in self.breaches[:limit]
        ]
        for one in self.disagreements[:limit]:
            both = f"the log says {one.log_says!r}, the table says {one.table_says!r}"
            said.append(f"  {one.table} {one.id}, column {one.column}: {both}")
        return said
