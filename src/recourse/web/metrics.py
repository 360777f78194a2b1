"""This file knows what is counted for operators, in a registry of its own."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import Scope

__all__ = ["Figures", "Metrics"]

_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Figures:
    """What the platform itself can say about its state, read when somebody asks.

    Parameters
    ----------
    counts : callable
        How many orders, couriers, cases and assignments are in each status.
    last_number : callable
        Highest number of the log.
    lag_s : callable
        Seconds the oldest due command has been waiting; 0 when none is due.
    n_parked : callable
        How many commands failed too often.
    """

    def __init__(
        self,
        *,
        counts: Callable[[], Mapping[str, Mapping[str, int]]],
        last_number: Callable[[], int],
        lag_s: Callable[[], float],
        n_parked: Callable[[], int],
    ) -> None:
        self.counts, self.last_number = counts, last_number
        self.lag_s, self.n_parked = lag_s, n_parked


def lag_s(due_at: datetime | None, now: datetime) -> float:
    """Seconds something due at an instant has been waiting.

    Parameters
    ----------
    due_at : datetime or None
        When it fell or falls due; None when there is nothing.
    now : datetime
        Present instant.

    Returns
    -------
    float
        0 for what is not due yet.
    """
    return max(0.0, (now - due_at).total_seconds()) if due_at else 0.0


class _State(Collector):
    """Figures of the platform as gauges."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the figures now."""
        for kind, by_status in self._figures.counts().items():
            name = kind.lower().replace(".", "_")
            family = GaugeMetricFamily(
                f"recourse_{name}", f"How many {kind} are in each status.", labels=["status"]
            )
            for status, n in by_status.items():
                family.add_metric([status], n)
            yield family
        yield GaugeMetricFamily(
            "recourse_events", "Highest number of the log.", self._figures.last_number()
        )
        yield GaugeMetricFamily(
            "recourse_command_lag_seconds",
            "How long the oldest due command has been waiting.",
            self._figures.lag_s(),
        )
        yield GaugeMetricFamily(
            "recourse_commands_parked", "Commands that failed too often.", self._figures.n_parked()
        )


class Metrics:
    """Requests by route, method and status, with their times; and the platform's figures."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "recourse_requests",
            "Requests answered.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._times_s = Histogram(
            "recourse_request_seconds",
            "Time until the answer was out.",
            ["route"],
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._children: dict[tuple[str, str, int], Counter] = {}
        self._spans: dict[str, Histogram] = {}

    def watch(self, figures: Figures) -> None:
        """Add the figures of a platform."""
        self._registry.register(_State(figures))

    def count(self, scope: Scope, status: int, took_s: float) -> None:
        """Count one request under the pattern of its route, never under its path.

        A path may be anything, and every new label would stay in memory for ever.
        """
        route = getattr(scope.get("route"), "path", "unknown")
        method = scope["method"] if scope.get("route") is not None else "-"
        key = (route, method, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(route, method, str(status))
            self._spans.setdefault(route, self._times_s.labels(route))
        child.inc()
        self._spans[route].observe(took_s)

    def text(self) -> bytes:
        """Write everything in the Prometheus text format."""
        return generate_latest(self._registry)
