"""Traces in, out and to a collector."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from archwright_runtime.errors import SettingError
from archwright_runtime.telemetry.exporters.otlp import OtlpExporter, to_collector, to_file
from archwright_runtime.telemetry.trace import (
    Span,
    TraceContext,
    Tracer,
    format_traceparent,
    new_span,
    new_trace,
    parse_traceparent,
)


class _Kept:
    def __init__(self) -> None:
        self.spans: list[Span] = []

    def export(self, span: Span) -> None:
        self.spans.append(span)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("sampled", [True, False])
def test_a_trace_goes_out_as_it_came_in(sampled: bool) -> None:
    """What is written is read back."""
    trace, span = new_trace(), new_span()

    assert parse_traceparent(format_traceparent(trace, span, sampled)) == TraceContext(trace, span, sampled)


def test_a_later_version_is_understood() -> None:
    """Versions to come may append (W3C Trace Context 4)."""
    value = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"

    assert parse_traceparent(value) is not None


def test_nothing_is_made_for_a_trace_that_is_not_sampled() -> None:
    """The decision comes first."""
    kept = _Kept()
    tracer = Tracer(kept, 0.0)

    assert tracer.start(TraceContext(new_trace(), None, tracer.sample()), "GET") is None
    assert tracer.active is False


def test_a_sampled_trace_is_exported() -> None:
    """With a ratio of one every trace is."""
    kept = _Kept()
    tracer = Tracer(kept, 1.0)

    span = tracer.start(TraceContext(new_trace(), None, tracer.sample()), "GET")
    assert span is not None
    tracer.end(span, failed=True)

    assert kept.spans == [span]
    assert span.end >= span.start


def _span() -> Span:
    return Span("a" * 32, "b" * 16, None, "GET /x", 1, 2, attributes={"http.response.status_code": 200})


def test_spans_go_to_a_file(tmp_path: Path) -> None:
    """One OTLP document per line."""
    exporter = OtlpExporter("shop", to_file(tmp_path / "spans.jsonl"))

    for _ in range(600):
        exporter.export(_span())
    exporter.close()

    documents = [json.loads(line) for line in (tmp_path / "spans.jsonl").read_text().splitlines()]
    spans = [span for one in documents for span in one["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    assert len(spans) == 600
    assert spans[0]["traceId"] == "a" * 32
    assert spans[0]["attributes"] == [{"key": "http.response.status_code", "value": {"intValue": "200"}}]


def test_spans_go_to_a_collector() -> None:
    """The collector gets OTLP/JSON by POST."""
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.handle_request).start()
        exporter = OtlpExporter("shop", to_collector(f"http://127.0.0.1:{server.server_port}/v1/traces"))
        exporter.export(_span())
        exporter.close()

    assert json.loads(received[0])["resourceSpans"]


def test_a_collector_that_is_away_holds_up_nobody() -> None:
    """Its spans are dropped and counted."""
    exporter = OtlpExporter("shop", to_collector("http://127.0.0.1:1/v1/traces"))

    exporter.export(_span())
    exporter.close()

    assert exporter.dropped == 1


def test_a_collector_has_an_http_address() -> None:
    """Anything else refuses to start."""
    with pytest.raises(SettingError):
        to_collector("ftp://collector")
