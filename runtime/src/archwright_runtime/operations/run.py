"""One operation while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..authorization.policy import Standing
from ..errors import Refusal
from ..expression import Closure
from ..persistence.audit import REQUEST
from ..persistence.database import Record, Transaction
from ..persistence.select import PAGE
from ..persistence.statement import Names
from .call import Call
from .service import Service


class Bound(dict[str, Any]):
    """A row that a step bound: what its reader may not see is absent."""

    def __missing__(self, name: str) -> None:
        return None


@dataclass
class Result:
    """What a step gives to the answer.

    Attributes:
        wire: makes the wire form, only when it is asked for.
        version: of the one row.
        settled: the row changes with its version only.
    """

    wire: Callable[[], Any]
    many: bool = False
    version: int | None = None
    next: str | None = None
    total: int | None = None
    settled: bool = False


@dataclass
class Run:
    """The state of one attempt.

    Attributes:
        names: what expressions see.
        attempt: how often it was tried before.
        results: what steps bound, for the answer.
        after: work that begins once everything is committed.
        fetched: what another service answered before the transaction began.
    """

    service: Service
    call: Call
    standing: Standing
    names: Names
    attempt: int = 0
    transaction: Transaction | None = None
    results: dict[str, Result] = field(default_factory=dict)
    after: list[Callable[[], None]] = field(default_factory=list)
    fetched: tuple[Any, Result] | None = None

    async def fetch(self, sql: str, arguments: Sequence[Any]) -> list[Record]:
        """Read, within the transaction if there is one."""
        if self.transaction is None:
            return await self.service.database.fetch(sql, arguments)
        return await self.transaction.fetch(sql, arguments)

    async def write(self, sql: str, arguments: Sequence[Any]) -> list[Record]:
        """Write, within the transaction if there is one."""
        if self.transaction is None:
            return await self.service.database.write(sql, arguments)
        return await self.transaction.write(sql, arguments)


def first_names(service: Service, call: Call) -> Names:
    """What every expression of a request may name."""
    return {
        "caller": call.caller.id,
        "now": call.now,
        "today": call.now.date(),
        "input": call.input,
        "settings": service.settings,
        REQUEST: call.request_id,
        PAGE: None,
    }


def evaluate(closure: Closure, names: Names) -> Any:
    """The value of an expression.

    Raises:
        Refusal: it needs what the caller may not read.
    """
    try:
        return closure(names)
    except (TypeError, AttributeError):
        raise Refusal("forbidden", "this needs values that you may not read") from None
