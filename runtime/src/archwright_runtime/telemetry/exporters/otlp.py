"""Spans as OTLP/JSON (OpenTelemetry protocol 1.x), to a file or to a collector, from a background thread."""

from __future__ import annotations

import http.client
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...errors import SettingError
from ..trace import Span

_MOST_WAITING = 4096
_BATCH = 256
_WAIT_SECONDS = 1.0
_TIMEOUT_SECONDS = 5.0

Deliver = Callable[[bytes], None]


class OtlpExporter:
    """Delivers spans in batches; drops them when the collector is away, because requests matter more."""

    def __init__(self, service: str, deliver: Deliver) -> None:
        self._service = service
        self._deliver = deliver
        self._queue: queue.Queue[Span | None] = queue.Queue(_MOST_WAITING)
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def export(self, span: Span) -> None:
        """Take one span; never waits."""
        try:
            self._queue.put_nowait(span)
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Deliver what is left."""
        self._queue.put(None)
        self._thread.join(_TIMEOUT_SECONDS * 2)

    def _run(self) -> None:
        ended = False
        while not ended:
            batch: list[Span] = []
            span = self._queue.get()
            while span is not None and len(batch) < _BATCH:
                batch.append(span)
                try:
                    span = self._queue.get(timeout=_WAIT_SECONDS)
                except queue.Empty:
                    break
            else:
                ended = span is None
                if span is not None:
                    batch.append(span)
            if batch:
                self._send(batch)

    def _send(self, batch: list[Span]) -> None:
        try:
            self._deliver(msgspec.json.encode(document(self._service, batch)))
        except (OSError, http.client.HTTPException):
            self.dropped += len(batch)


def document(service: str, spans: list[Span]) -> dict[str, Any]:
    """The OTLP/JSON document of some spans."""
    resource = {"attributes": [_attribute("service.name", service)]}
    scope = {"scope": {"name": "archwright"}, "spans": [_span(span) for span in spans]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def to_file(path: Path) -> Deliver:
    """Append one document per line to a file."""

    def deliver(data: bytes) -> None:
        with path.open("ab") as file:
            file.write(data + b"\n")

    return deliver


def to_collector(url: str) -> Deliver:
    """Post documents to a collector's address, e.g. ``http://collector:4318/v1/traces``.

    Raises:
        SettingError: the address is not http or https.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingError(f"the address of the trace collector is not an http address: {url}")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection

    def deliver(data: bytes) -> None:
        connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("POST", parts.path or "/v1/traces", data, {"content-type": "application/json"})
            connection.getresponse().read()
        finally:
            connection.close()

    return deliver


def _span(span: Span) -> dict[str, Any]:
    made: dict[str, Any] = {
        "traceId": span.trace,
        "spanId": span.id,
        "name": span.name,
        "kind": 2 if span.parent is None else 1,
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.end),
        "attributes": [_attribute(name, value) for name, value in span.attributes.items()],
        "status": {"code": 2} if span.failed else {},
    }
    if span.parent is not None:
        made["parentSpanId"] = span.parent
    return made


def _attribute(name: str, value: str | int) -> dict[str, Any]:
    return {"key": name, "value": {"stringValue": value} if isinstance(value, str) else {"intValue": str(value)}}
