"""Numbers about the service, added up in place and read as Prometheus text (exposition format 0.0.4)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency buckets, in seconds."""


class Histogram:
    """How values are spread over buckets."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """Add one value."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds


class OperationMetrics:
    """Requests of one operation: how many by status, and how long they took."""

    __slots__ = ("histogram", "statuses")

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.histogram = Histogram()

    def observe(self, status: int, seconds: float) -> None:
        """Add one request."""
        statuses = self.statuses
        statuses[status] = statuses.get(status, 0) + 1
        histogram = self.histogram
        histogram.counts[bisect_left(BOUNDS, seconds)] += 1
        histogram.sum += seconds


class Metrics:
    """All numbers of one process."""

    def __init__(self) -> None:
        self.operations: dict[str, OperationMetrics] = {}
        self.database = Histogram()
        """Time of single statements."""
        self._counters: dict[tuple[str, str], int] = {}
        self._gauges: dict[str, tuple[str, Callable[[], float]]] = {}

    def operation(self, name: str) -> OperationMetrics:
        """Where the requests of an operation are added up."""
        return self.operations.setdefault(name, OperationMetrics())

    def count(self, name: str, label: str = "", amount: int = 1) -> None:
        """Add to a counter, e.g. ``count("archwright_jobs", "failed")``."""
        key = (name, label)
        self._counters[key] = self._counters.get(key, 0) + amount

    def gauge(self, name: str, help: str, read: Callable[[], float]) -> None:
        """Show a number that is read when asked for."""
        self._gauges[name] = (help, read)

    def text(self) -> str:
        """Everything in Prometheus text format."""
        lines = [
            "# HELP archwright_requests_total Requests by operation and status.",
            "# TYPE archwright_requests_total counter",
        ]
        for name, operation in sorted(self.operations.items()):
            lines += [
                f'archwright_requests_total{{operation="{_label(name)}",status="{status}"}} {count}'
                for status, count in sorted(operation.statuses.items())
            ]
        lines += _header("archwright_request_seconds", "Time to answer a request.")
        for name, operation in sorted(self.operations.items()):
            lines += _histogram("archwright_request_seconds", f'operation="{_label(name)}"', operation.histogram)
        lines += _header("archwright_database_seconds", "Time of a statement.")
        lines += _histogram("archwright_database_seconds", "", self.database)
        lines += self._counter_lines()
        for name, (help, read) in sorted(self._gauges.items()):
            lines += [f"# HELP {name} {help}", f"# TYPE {name} gauge", f"{name} {read():g}"]
        return "\n".join(lines) + "\n"

    def _counter_lines(self) -> list[str]:
        lines: list[str] = []
        last = ""
        for (name, label), count in sorted(self._counters.items()):
            if name != last:
                lines.append(f"# TYPE {name}_total counter")
                last = name
            lines.append(f'{name}_total{{kind="{_label(label)}"}} {count}' if label else f"{name}_total {count}")
        return lines


def _header(name: str, help: str) -> list[str]:
    return [f"# HELP {name} {help}", f"# TYPE {name} histogram"]


def _histogram(name: str, labels: str, histogram: Histogram) -> list[str]:
    lines: list[str] = []
    total = 0
    comma = "," if labels else ""
    for bound, count in zip((*BOUNDS, "+Inf"), histogram.counts, strict=True):
        total += count
        lines.append(f'{name}_bucket{{{labels}{comma}le="{bound}"}} {total}')
    suffix = f"{{{labels}}}" if labels else ""
    return [*lines, f"{name}_sum{suffix} {histogram.sum:.6f}", f"{name}_count{suffix} {total}"]


def _label(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
