"""The limit: the same bytes to everything."""

from __future__ import annotations

from ..contender import Contender, Start, Workspace, uvicorn


class Constant(Contender):
    """An ASGI application that does nothing."""

    name = "constant bytes"
    database = "none"
    scenarios = ("get",)

    def prepare(self, workspace: Workspace) -> Start:
        """Nothing to prepare."""
        return Start(uvicorn("benchmarks.peers.constant.main:app", workspace.port))

    def ticket_id(self, number: int) -> str:
        """Any id will do."""
        return str(number)
