"""What is asked of every contender."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .dataset import CREATED_BODY

LIST_SIZE = 25


@dataclass(frozen=True)
class Scenario:
    """One kind of request; ``{id}`` in the path stands for a sampled ticket."""

    name: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    status: int = 200

    def requests(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """Path and body of each request of one cycle."""
        body = json.dumps(self.body) if self.body is not None else ""
        return [(self.path.replace("{id}", ticket), body) for ticket in (ids if "{id}" in self.path else ids[:1])]


SCENARIOS = (
    Scenario("get", "GET", "/api/tickets/{id}"),
    Scenario("list", "GET", f"/api/tickets?status=open&limit={LIST_SIZE}"),
    Scenario("nested", "GET", f"/api/ticket-cards?status=open&limit={LIST_SIZE}"),
    Scenario(
        "create",
        "POST",
        "/api/tickets",
        {"subject": "The projector needs a look", "body": CREATED_BODY, "priority": 2},
        status=201,
    ),
    Scenario("update", "PATCH", "/api/tickets/{id}", {"subject": "The projector was looked at", "priority": 4}),
)
READS = ("get", "list", "nested")
WRITES = ("create", "update")
