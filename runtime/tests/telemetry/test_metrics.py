"""Numbers in Prometheus text."""

from __future__ import annotations

from archwright_runtime.telemetry.metrics import Metrics


def test_buckets_add_up() -> None:
    """Each bucket holds everything below its bound; the last one everything."""
    metrics = Metrics()
    operation = metrics.operation("Get")
    for seconds in (0.0005, 0.001, 0.002, 99.0):
        operation.observe(200, seconds)

    lines = metrics.text().splitlines()

    assert 'archwright_request_seconds_bucket{operation="Get",le="0.001"} 2' in lines
    assert 'archwright_request_seconds_bucket{operation="Get",le="0.0025"} 3' in lines
    assert 'archwright_request_seconds_bucket{operation="Get",le="+Inf"} 4' in lines
    assert 'archwright_request_seconds_count{operation="Get"} 4' in lines


def test_labels_cannot_break_their_line() -> None:
    """Quotes, backslashes and line ends are escaped."""
    metrics = Metrics()
    metrics.operation('a"b\\c\nd').observe(200, 0.1)

    assert r'archwright_requests_total{operation="a\"b\\c\nd",status="200"} 1' in metrics.text()


def test_counters_and_gauges_are_shown() -> None:
    """Counters add up, gauges are read when asked."""
    metrics = Metrics()
    metrics.count("archwright_jobs", "failed")
    metrics.count("archwright_jobs", "failed", 2)
    metrics.gauge("archwright_running", "Now.", lambda: 7)

    lines = metrics.text().splitlines()

    assert 'archwright_jobs_total{kind="failed"} 3' in lines
    assert "archwright_running 7" in lines
