"""Repeated requests with one key get the first one's answer.

The record is written in the transaction of the change itself: both are there or neither.
The same key with another body is refused, since it cannot be the same request.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from ..errors import Refusal
from ..persistence.database import ContentionError, UniqueViolationError
from ..persistence.forms import time_argument
from .call import Outcome, Upload
from .run import Run
from .service import Service

# Numbers that are decimals stay exactly what they were.
_recorded = msgspec.json.Decoder(Outcome, float_hook=Decimal).decode
_record = msgspec.json.Encoder(decimal_format="number").encode

_BLOCK = 262_144


class Idempotency:
    """Records answers by operation, caller and key."""

    def __init__(self, service: Service) -> None:
        mark = service.schema.placeholder
        time = "timestamptz" if service.schema.postgresql else "text"
        self._dialect = service.schema.dialect
        self._find = (
            "SELECT digest, outcome FROM archwright_idempotency "
            f"WHERE operation = {mark(1, 'text')} AND caller = {mark(2, 'text')} AND name = {mark(3, 'text')}"
        )
        self._update = (
            f"UPDATE archwright_idempotency SET outcome = {mark(4, 'text')} "
            f"WHERE operation = {mark(1, 'text')} AND caller = {mark(2, 'text')} AND name = {mark(3, 'text')}"
        )
        texts = ", ".join(mark(number, "text") for number in range(1, 6))
        self._insert = (
            "INSERT INTO archwright_idempotency (operation, caller, name, digest, outcome, created_at) "
            f"VALUES ({texts}, {mark(6, time)})"
        )

    async def claim(self, run: Run, operation: str, key: str) -> Outcome | None:
        """The recorded answer, if there is one; else the key is taken, and whoever comes next waits for the outcome.

        Raises:
            Refusal: the key was used for something else.
        """
        found = await run.fetch(self._find, (operation, _who(run), key))
        if not found:
            await self._take(run, operation, key)
            return None
        digest, outcome = found[0]
        if digest != _digest(run):
            raise Refusal("invalid", "this Idempotency-Key was used for another request")
        return _recorded(outcome)

    async def _take(self, run: Run, operation: str, key: str) -> None:
        now = time_argument(self._dialect, run.call.now)
        try:
            await run.write(self._insert, (operation, _who(run), key, _digest(run), "", now))
        except UniqueViolationError:
            # The same request was under way twice: run again and find the other one's answer.
            raise ContentionError("the same key is being used") from None

    async def record(self, run: Run, operation: str, key: str, outcome: Outcome) -> None:
        """Keep an answer."""
        kept = outcome
        if outcome.file is not None:
            kept = msgspec.structs.replace(outcome, file=msgspec.structs.replace(outcome.file, pieces=None))
        await run.write(self._update, (operation, _who(run), key, _record(kept).decode()))


def _who(run: Run) -> str:
    return run.call.caller.id or ""


def _digest(run: Run) -> str:
    """What tells one request from another that uses the same key."""
    if run.call.signed:
        return ""
    return sha256(msgspec.json.encode(_plain(run.call.input), order="sorted")).hexdigest()


def _sum(upload: Upload) -> str:
    digest = sha256()
    for block in upload.blocks(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Upload):
        return [value.name, value.media, _sum(value)]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
