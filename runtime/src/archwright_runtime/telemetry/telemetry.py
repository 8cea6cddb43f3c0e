"""Log, metrics and traces of one service, together."""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from .log import Log, Writer
from .metrics import Metrics
from .trace import Tracer

_MOST_REMEMBERED = 10_000


class Telemetry:
    """What every room of the runtime tells about itself.

    Attributes:
        log: events; requests are logged by the edge.
        metrics: numbers; statements add to ``metrics.database``.
        tracer: spans of sampled traces.
    """

    def __init__(
        self,
        log: Log | None = None,
        tracer: Tracer | None = None,
        caller_key: bytes | None = None,
    ) -> None:
        self.log = log or Log(Writer())
        self.metrics = Metrics()
        self.tracer = tracer or Tracer()
        self._caller_key = caller_key or os.urandom(32)
        self._hashes: dict[str, str] = {}
        self.metrics.gauge(
            "archwright_log_lines_dropped", "Log lines that nobody read in time.", lambda: self.log.writer.dropped
        )

    def caller(self, id: str | None) -> str | None:
        """A caller's name in logs: the same within a service, worthless outside of it."""
        if id is None:
            return None
        known = self._hashes.get(id)
        if known is None:
            if len(self._hashes) >= _MOST_REMEMBERED:
                self._hashes.clear()
            known = self._hashes[id] = hmac.new(self._caller_key, id.encode(), sha256).hexdigest()[:16]
        return known

    def close(self) -> None:
        """Deliver everything that is buffered."""
        self.tracer.close()
        self.log.writer.close()
