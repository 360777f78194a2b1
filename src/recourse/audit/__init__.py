"""The auditor: recomputes everything from the log alone and holds the tables against it.

It imports nothing of what it judges. The rules and the state tables are written a second time, so a
slip in either place shows as a difference.
"""

from recourse.audit.auditing import audit
from recourse.audit.report import Breach, Disagreement, Report

__all__ = ["Breach", "Disagreement", "Report", "audit"]
