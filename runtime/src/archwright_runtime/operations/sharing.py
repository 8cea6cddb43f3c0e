"""What all processes of a service share: remembered answers and counted requests.

Its rules:

* It may be lost or away at any time: then each process remembers and counts by itself, and says so in the log.
* A key tells nothing: it is a digest of who asks for what.
* An answer carries marks of the entities that it depends on. A write replaces the mark, and no answer with the old one
  is found again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from ..component import Shared
from ..plan import Plan
from .call import Outcome

_DAY = 86_400
_MINUTE = 60
_LARGEST = 1_048_576
Report = Callable[[str, Mapping[str, Any]], None]


class Sharing:
    """One service's part of a store that its processes share."""

    def __init__(self, store: Shared, plan: Plan, report: Report) -> None:
        # Another version of the service answers in other shapes.
        self._prefix = f"{plan.name}:{sha256(msgspec.json.encode(plan.operations)).hexdigest()[:12]}"
        self._store = store
        self._report = report
        self._lasts = _DAY + max((one.remember or 0 for one in plan.operations.values()), default=0)

    async def marks(self, entities: Sequence[str]) -> str | None:
        """The state of what an operation reads; None while the store is away."""
        try:
            found = await self._store.get([f"{self._prefix}:mark:{entity}" for entity in entities])
        except OSError as error:
            self._away(error)
            return None
        return sha256(b"\0".join(mark or b"-" for mark in found)).hexdigest()

    async def find(self, key: bytes, marks: str) -> Outcome | None:
        """A remembered answer."""
        try:
            found = (await self._store.get([self._answer(key, marks)]))[0]
        except OSError as error:
            self._away(error)
            return None
        return None if found is None else msgspec.json.decode(found, type=Outcome)

    async def keep(self, key: bytes, marks: str, seconds: int, outcome: Outcome) -> None:
        """Remember an answer."""
        if outcome.file is not None or isinstance(outcome.body, bytes):
            return
        content = msgspec.json.encode(outcome)
        if len(content) > _LARGEST:
            return
        try:
            await self._store.put(self._answer(key, marks), content, seconds)
        except OSError as error:
            self._away(error)

    async def changed(self, entities: Iterable[str]) -> None:
        """Let nothing be found again that may depend on rows of these."""
        try:
            for entity in entities:
                await self._store.put(f"{self._prefix}:mark:{entity}", secrets.token_bytes(12), self._lasts)
        except OSError as error:
            self._away(error)

    async def count(self, endpoint: str, caller: str, now: float) -> int:
        """How often somebody has asked in this minute, this time included; 0 while the store is away."""
        who = sha256(f"{endpoint}\0{caller}".encode()).hexdigest()[:32]
        try:
            return await self._store.count(f"{self._prefix}:rate:{who}:{int(now // _MINUTE)}", 2 * _MINUTE)
        except OSError as error:
            self._away(error)
            return 0

    def _answer(self, key: bytes, marks: str) -> str:
        return f"{self._prefix}:answer:{key.hex()}:{marks[:32]}"

    def _away(self, error: OSError) -> None:
        self._report("cache-away", {"error": type(error).__name__})
