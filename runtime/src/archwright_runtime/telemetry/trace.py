"""Traces: W3C trace context in and out, and spans that are only made when their trace is sampled."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Protocol

_HEX = frozenset("0123456789abcdef")
_getrandbits = random.SystemRandom().getrandbits
# Ids need to be unique, not secret: one generator seeded from the system is faster than asking the system each time.
_fast = random.Random(_getrandbits(128)).getrandbits


@dataclass(frozen=True, slots=True)
class TraceContext:
    """Where a request belongs: its trace, and whether spans are made for it."""

    trace: str
    parent: str | None
    sampled: bool


def parse_traceparent(value: str) -> TraceContext | None:
    """A ``traceparent`` header (W3C Trace Context, version 00); None where it is none."""
    if len(value) < 55 or value[2] != "-" or value[35] != "-" or value[52] != "-":
        return None
    version, trace, parent, flags = value[:2], value[3:35], value[36:52], value[53:55]
    if version == "ff" or (version == "00" and len(value) != 55) or (len(value) > 55 and value[55] != "-"):
        return None
    if not _HEX.issuperset(version + trace + parent + flags) or not trace.strip("0") or not parent.strip("0"):
        return None
    return TraceContext(trace, parent, bool(int(flags, 16) & 1))


def format_traceparent(trace: str, span: str, sampled: bool) -> str:
    """A ``traceparent`` header for a call that goes out."""
    return f"00-{trace}-{span}-{'01' if sampled else '00'}"


def new_trace() -> str:
    """A trace id."""
    return f"{_fast(128):032x}"


def new_span() -> str:
    """A span id; also the id of a request."""
    return f"{_fast(64):016x}"


@dataclass(slots=True)
class Span:
    """A finished or running piece of work within a trace. Attributes hold names and numbers, never data."""

    trace: str
    id: str
    parent: str | None
    name: str
    start: int
    end: int = 0
    failed: bool = False
    attributes: dict[str, str | int] = field(default_factory=dict)


class Exporter(Protocol):
    """Takes finished spans; must not block."""

    def export(self, span: Span) -> None:
        """Take one span."""
        ...

    def close(self) -> None:
        """Deliver what is left."""
        ...


class Tracer:
    """Decides whether a trace is sampled, before anything is made for it."""

    def __init__(self, exporter: Exporter | None = None, ratio: float = 0.0) -> None:
        self._exporter = exporter
        self._threshold = int(ratio * (1 << 32)) if exporter is not None else 0
        self.active = exporter is not None and ratio > 0.0

    def sample(self) -> bool:
        """Whether a new trace is sampled."""
        return self._threshold > 0 and _fast(32) < self._threshold

    def start(self, context: TraceContext, name: str, id: str | None = None) -> Span | None:
        """Begin a span; None where the trace is not sampled."""
        if not context.sampled or self._exporter is None:
            return None
        return Span(context.trace, id or new_span(), context.parent, name, time.time_ns())

    def end(self, span: Span, *, failed: bool = False) -> None:
        """End a span and hand it over."""
        span.end = time.time_ns()
        span.failed = failed
        if self._exporter is not None:
            self._exporter.export(span)

    def close(self) -> None:
        """Deliver what is left."""
        if self._exporter is not None:
            self._exporter.close()
