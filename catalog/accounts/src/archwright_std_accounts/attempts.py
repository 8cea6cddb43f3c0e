"""Slows guessing down, per account and per source, without saying which accounts exist.

* A counter belongs to what was *tried*, so an address without an account is counted and blocked like any other.
* The verdict of a verification counts only if the account was not blocked meanwhile: many guesses sent at once gain
  nothing over the same guesses sent in a row.
* Counters are written by compare-and-set, so no failure is lost between two writers.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archwright_runtime.component import Context, Rows
from archwright_runtime.errors import Refusal

from . import tokens
from .policy import Lockout

_MOST_TRIES = 50
_MOST_DOUBLINGS = 20
_IPV6_NETWORK = 64
"""Bits that belong to one customer; the rest is theirs to vary."""


@dataclass(frozen=True)
class Counted:
    """One thing whose failures are counted together, and how many are tolerated."""

    key: str
    limit: int


def account(purpose: str, email: str, limit: int) -> Counted:
    """Failures for one address, whether or not it has an account."""
    return Counted(tokens.digest(f"{purpose}:{email}"), limit)


def source(context: Context, limit: int) -> Counted | None:
    """Failures from one network address; None where the transport knows none."""
    return Counted(tokens.digest(f"source:{_network(context.source)}"), limit) if context.source else None


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))
    return str(parsed)


class Attempts:
    """The counters, kept in the component's own entity ``Attempt``."""

    def __init__(self, lockout: Lockout) -> None:
        self._lockout = lockout

    async def admit(self, context: Context, counted: Counted | None) -> None:
        """Refuse while blocked.

        Raises:
            Refusal: ``too-many``, the same for accounts that exist and that do not.
        """
        if counted is not None:
            self._refuse_blocked(context, await self._find(context, counted))

    async def fail(self, context: Context, counted: Counted | None) -> None:
        """Count one failure.

        Raises:
            Refusal: ``too-many``, when others have reached the limit meanwhile.
        """
        if counted is None:
            return
        for _ in range(_MOST_TRIES):
            row = await self._find(context, counted)
            self._refuse_blocked(context, row)
            if await self._raise_count(context, counted, row):
                return
        raise Refusal("busy", retry_after=1, keep=True)

    async def succeed(self, context: Context, counted: Counted) -> None:
        """Forget the failures of an account.

        Raises:
            Refusal: ``too-many``, when others have reached the limit meanwhile.
        """
        for _ in range(_MOST_TRIES):
            row = await self._find(context, counted)
            self._refuse_blocked(context, row)
            if row is None or await self._rows(context).delete(_unchanged(row)):
                return
        raise Refusal("busy", retry_after=1, keep=True)

    async def _raise_count(self, context: Context, counted: Counted, row: dict[str, Any] | None) -> bool:
        earlier = 0 if row is None or row["expires"] <= context.now else row["failures"]
        values = self._values(context.now, earlier + 1, counted.limit)
        if row is None:
            return await self._rows(context).ensure({"key": counted.key}, values)
        return await self._rows(context).update(_unchanged(row), values) > 0

    def _values(self, now: datetime, failures: int, limit: int) -> dict[str, Any]:
        wait = self._wait(failures - limit)
        blocked_until = now + wait if wait else None
        return {"failures": failures, "blocked_until": blocked_until, "expires": now + wait + self._lockout.window}

    def _wait(self, beyond: int) -> timedelta:
        if beyond < 0:
            return timedelta(0)
        doublings: int = 2 ** min(beyond, _MOST_DOUBLINGS)
        return min(self._lockout.first * doublings, self._lockout.longest)

    def _refuse_blocked(self, context: Context, row: dict[str, Any] | None) -> None:
        until = row["blocked_until"] if row is not None else None
        if until is not None and until > context.now:
            seconds = max(1, round((until - context.now).total_seconds()))
            raise Refusal("too-many", "Too many failed attempts; try again later.", retry_after=seconds, keep=True)

    async def _find(self, context: Context, counted: Counted) -> dict[str, Any] | None:
        found = await self._rows(context).find({"key": counted.key})
        return found[0] if found else None

    def _rows(self, context: Context) -> Rows:
        return context.rows("Attempt")


def _unchanged(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "failures": row["failures"]}
