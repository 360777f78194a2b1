"""This file knows the order of an audit: read, replay, ask, compare."""

from recourse.audit.compare import Comparison
from recourse.audit.ends import breaches_at_the_end
from recourse.audit.reading import opened
from recourse.audit.replay import Replay
from recourse.audit.report import Report

__all__ = ["audit"]


def audit(url: str, *, policy: str = "recourse") -> Report:
    """Recompute the state of everything from the log and name what breaks a rule or disagrees.

    Reads one state of the database, so it may run while the platform serves.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host:port/name``.
    policy : str, optional
        Under ``"recourse"`` no order may be put to a courier who dropped it; the baselines it is
        measured against do not promise that.

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
    with opened(url) as source:
        for row in source.events():
            seen.hear(row)
        seen.finish()
        commands = source.rows(
            "SELECT key, name, payload, order_id, case_id FROM commands"
            " WHERE done_at IS NULL AND parked_at IS NULL"
        )
        comparison = Comparison(source, seen)
        disagreements = tuple(comparison.disagreements())
    return Report(
        n_events=seen.n_events,
        n_orders=len(seen.orders),
        n_rows=comparison.n_rows,
        breaches=(*seen.breaches, *breaches_at_the_end(seen, commands)),
        disagreements=disagreements,
    )
