"""What is measured of one contender, and the figures that come out of several rounds."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from .load import Outcome


@dataclass(frozen=True)
class Round:
    """One scenario driven once; CPU in microseconds per request."""

    outcome: Outcome
    cpu: float
    database_cpu: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.outcome.requests / self.outcome.seconds


@dataclass
class Measurement:
    """Everything measured of one contender."""

    name: str
    database: str
    cold_wall: list[float] = field(default_factory=list)
    cold_cpu: list[float] = field(default_factory=list)
    resident: int = 0
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    def figures(self, scenario: str) -> Figures:
        """Medians over the rounds of a scenario."""
        rounds = self.rounds[scenario]
        return Figures(
            rate=statistics.median(one.rate for one in rounds),
            p50=statistics.median(one.outcome.p50 for one in rounds),
            p99=statistics.median(one.outcome.p99 for one in rounds),
            cpu=statistics.median(one.cpu for one in rounds),
            database_cpu=statistics.median(one.database_cpu for one in rounds),
        )


@dataclass(frozen=True)
class Figures:
    """Medians of one scenario: requests per second, latencies and CPU per request in microseconds."""

    rate: float
    p50: float
    p99: float
    cpu: float
    database_cpu: float


def ratio(mine: Measurement, other: Measurement, scenario: str) -> dict[str, float]:
    """How many times faster, compared round by round since machines are noisy; medians of the ratios."""
    pairs = list(zip(mine.rounds[scenario], other.rounds[scenario], strict=True))
    return {
        "rate": statistics.median(one.rate / two.rate for one, two in pairs),
        "p99": statistics.median(one.outcome.p99 / two.outcome.p99 for one, two in pairs),
        "cpu": statistics.median(one.cpu / two.cpu for one, two in pairs if two.cpu) if pairs[0][1].cpu else 0.0,
    }
