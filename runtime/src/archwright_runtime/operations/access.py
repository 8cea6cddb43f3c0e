"""Who may run an operation or see a page."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ..authorization.policy import Standing
from ..errors import Refusal
from ..persistence.statement import Bind, Names, Statement
from ..plan import Access
from .reads import Fetch
from .service import Service


class Gate:
    """One access rule: roles, some of them under a condition about the caller."""

    def __init__(self, service: Service, access: Iterable[Access]) -> None:
        rules = tuple(access)
        self._plain = frozenset(rule.role for rule in rules if rule.when is None)
        self._conditions = [(rule.role, _question(service, rule)) for rule in rules if rule.when is not None]
        self._known: dict[Standing, bool] = {}

    async def allows(self, standing: Standing, names: Names, fetch: Fetch) -> bool:
        """Whether the caller may."""
        known = self._known.get(standing)
        if known is None:
            known = self._known[standing] = not self._plain.isdisjoint(standing.principals)
        if known or not self._conditions:
            return known
        for role, (sql, binds) in self._conditions:
            if role in standing.principals and (await fetch(sql, [bind(names) for bind in binds]))[0][0]:
                return True
        return False

    async def require(self, standing: Standing, names: Names, fetch: Fetch) -> None:
        """Refuse whoever may not."""
        if not await self.allows(standing, names, fetch):
            raise Refusal("unauthenticated" if names["caller"] is None else "forbidden")


def _question(service: Service, rule: Access) -> tuple[str, tuple[Bind, ...]]:
    statement = Statement(service.schema, lambda entity: ())
    assert rule.when is not None
    return f"SELECT ({statement.condition(rule.when)}) IS TRUE", statement.arguments()


class Gates:
    """A gate for each access rule, made once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._gates: dict[bytes, Gate] = {}

    def gate(self, access: tuple[Access, ...]) -> Gate:
        """The gate of an access rule."""
        key = msgspec.json.encode(access, order="sorted")
        if key not in self._gates:
            self._gates[key] = Gate(self._service, access)
        return self._gates[key]
