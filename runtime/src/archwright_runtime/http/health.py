"""Probes: whether the process lives, and whether requests should be sent to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic

from .request import Request
from .response import Response, json, text
from .router import Endpoint, Router

Check = Callable[[], Awaitable[bool]]
# Probes come from several places at once; the database is asked no more often than this.
_REMEMBERED_SECONDS = 1.0


class Health:
    """Answers ``/health/live`` and ``/health/ready``."""

    def __init__(self, checks: dict[str, Check]) -> None:
        self.closing = False
        self._checks = checks
        self._known: dict[str, bool] = {}
        self._since = float("-inf")

    def add_to(self, router: Router) -> None:
        """Let both addresses be answered."""
        for path, handle in (("/health/live", self._live), ("/health/ready", self._ready)):
            router.add("GET", path, Endpoint(path, path, handle, identify=False, quiet=True))

    async def _live(self, request: Request) -> Response:
        return text("alive\n")

    async def _ready(self, request: Request) -> Response:
        if monotonic() - self._since >= _REMEMBERED_SECONDS:
            self._known = {name: await check() for name, check in self._checks.items()}
            self._since = monotonic()
        ready = all(self._known.values()) and not self.closing
        parts = {name: "ok" if good else "failing" for name, good in self._known.items()}
        return json({"status": "ready" if ready else "not-ready", "checks": parts}, 200 if ready else 503)


def add_metrics(router: Router, read: Callable[[], str]) -> None:
    """Let ``/metrics`` be answered in Prometheus text."""

    async def handle(request: Request) -> Response:
        return Response(200, read().encode(), [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")])

    router.add("GET", "/metrics", Endpoint("/metrics", "/metrics", handle, identify=False, quiet=True))
