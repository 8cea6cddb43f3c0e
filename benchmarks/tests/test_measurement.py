"""Figures out of rounds."""

from __future__ import annotations

from benchmarks.load import Outcome
from benchmarks.measurement import Measurement, Round, ratio


def _measured(*rates: int) -> Measurement:
    rounds = [Round(Outcome(rate, 1.0, p50=10, p99=1_000_000 // rate), cpu=100.0, database_cpu=0.0) for rate in rates]
    return Measurement("any", "none", rounds={"get": rounds})


def test_figures_are_medians() -> None:
    """One disturbed round does not move the figure."""
    measured = _measured(1000, 1, 1100)

    assert measured.figures("get").rate == 1000


def test_ratios_compare_the_same_round() -> None:
    """A round in which the whole machine was slow counts like any other, since both met it."""
    fast, slow = _measured(1000, 100, 900), _measured(500, 50, 450)

    assert ratio(fast, slow, "get") == {"rate": 2.0, "p99": 0.5, "cpu": 1.0}
