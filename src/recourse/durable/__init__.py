"""RUN ONCE: when a failed command is tried again or parked, and where a crash may strike."""

from recourse.durable.faults import Crash, FaultPoint, Faults, sweep
from recourse.durable.retries import RetryParams, is_parked, retry_at

__all__ = ["Crash", "FaultPoint", "Faults", "RetryParams", "is_parked", "retry_at", "sweep"]
