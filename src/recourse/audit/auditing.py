"""This file knows the order of an audit: read, replay, ask, compare."""

from recourse.audit.compare import Comparison
from recourse.audit.ends import breaches_at_the_end
from recourse.audit.reading import opened
from recourse.audit.replay import Replay
from recourse.audit.report import Breach, Report

__all__ = ["audit"]


def audit(url: str, *, policy: str = "recourse", noted: str = "") -> Report:
    """Recompute the state of everything from the log and name what breaks a rule or disagrees.

    Reads one state of the database, so it may run while the platform serves.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``.
    policy : str, optional
        Under ``"recourse"`` no order may be put to a courier who dropped it; the baselines it is
        measured against do not promise that.
    noted : str, optional
        The `Report.head` of an earlier audit, kept where nobody could change it: the log must still
        go through it.

    Returns
    -------
    Report
        What was looked at and what was found.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from recourse.adapters.store import migrate
    >>> with TemporaryDirectory() as folder:
    ...     migrate(f"sqlite:///{folder}/day.db")
    ...     print(*audit(f"sqlite:///{folder}/day.db").lines())
    0 events, 0 orders, 1 rows: 0 broken rules, 0 rows that disagree
    """
    seen = Replay(policy=policy)
    passes = {""}
    with opened(url) as source:
        for row in source.events():
            seen.hear(row)
            if noted.startswith(f"{row.number}:"):
                passes.add(f"{row.number}:{row.chain}")
        seen.finish()
        commands = source.rows(
            "SELECT key, name, payload, order_id, case_id FROM commands"
            " WHERE done_at IS NULL AND parked_at IS NULL"
        )
        comparison = Comparison(source, seen)
        disagreements = tuple(comparison.disagreements())
    astray = () if noted in passes else (_astray(noted),)
    last = seen.chain.head
    return Report(
        n_events=seen.n_events,
        n_orders=len(seen.orders),
        n_rows=comparison.n_rows,
        head=f"{seen.n_events}:{last}" if last else "",
        n_erased=seen.chain.n_erased,
        breaches=(*seen.breaches, *astray, *breaches_at_the_end(seen, commands)),
        disagreements=disagreements,
    )


def _astray(noted: str) -> Breach:
    """The log does not go through a link that was noted before."""
    detail = f"it does not go through {noted[:24]} any more: it was written anew, or cut off"
    return Breach(rule="log_was_sealed_so", number=0, subject="log", detail=detail)
