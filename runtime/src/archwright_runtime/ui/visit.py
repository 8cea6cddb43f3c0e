"""One person opening or using one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..caller import Caller
from ..http.request import Request
from ..operations.call import Call
from ..plan import Access
from .engine import Engine


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Visit:
    """What the parts of a page share while it is answered.

    Attributes:
        address: the page as it was opened, without its query.
        row: the id in the address of a record's page.
        token: what forms carry against forged requests.
        source: the network address that the request came from.
        heading: the record's own name, where a part shows the record.
        name: the same, where a part edits it.
    """

    engine: Engine
    request: Request
    address: str
    row: str | None
    token: str
    source: str = ""
    heading: str | None = None
    name: str | None = None
    now: datetime = field(default_factory=_now)
    _allowed: dict[tuple[Access, ...], bool] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """Who it is."""
        return self.request.caller

    @property
    def query(self) -> Mapping[str, list[str]]:
        """What the address asks for."""
        return self.request.query

    @property
    def here(self) -> str:
        """The page with everything that its address asks for."""
        query = self.request.query_string.decode("ascii", "replace")
        return f"{self.address}?{query}" if query else self.address

    def call(self, values: dict[str, Any] | None = None, **more: Any) -> Call:
        """A call in this person's name."""
        return Call(self.caller, values or {}, now=self.now, request_id=self.request.id, source=self.source, **more)

    async def may(self, access: tuple[Access, ...]) -> bool:
        """Whether this person holds one of the roles; asked once per page."""
        # Conditions are dictionaries, which cannot be keys; those are rare and asked every time.
        if any(rule.when is not None for rule in access):
            return await self.engine.may(access, self.caller)
        known = self._allowed.get(access)
        if known is None:
            known = self._allowed[access] = await self.engine.may(access, self.caller)
        return known
