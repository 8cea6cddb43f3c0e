"""Sets factors up, asks for their codes, and removes them.

* A code works once: the step of the last one is kept, and only later ones are taken.
* Whatever a code decides is written by compare-and-set together with the number of failures, so that guesses sent at
  once gain nothing over guesses in a row.
* A factor that nobody has confirmed is asked of nobody, and goes after an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import FieldProblem, Refusal

from . import codes

_LAPSES = timedelta(hours=1)
_RECOVERY_CODES = 10
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
_MOST_DOUBLINGS = 10
_MOST_FAILURES = 1_000_000

Row = dict[str, Any]


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    factors = Factors(issuer=str(host.config["issuer"]), tolerated=int(host.config.get("failures", 5)))
    return Implementation(
        capabilities={
            "enrol": factors.enrol,
            "confirm": factors.confirm,
            "renew": factors.renew,
            "disable": factors.disable,
            "remove": factors.remove,
            "verify": factors.verify,
        }
    )


@dataclass(frozen=True)
class Factors:
    """The component's own entities ``Factor`` and ``RecoveryCode``."""

    issuer: str
    tolerated: int

    async def enrol(self, context: Context, input: Row) -> Row:
        """Make a secret for the caller; one that was not confirmed makes room for it."""
        person = _caller(context)
        rows = context.rows("Factor")
        present = await _factor(context, person)
        if present is not None and present["confirmed_at"] is not None:
            raise Refusal("enrolled-already")
        if present is not None:
            await rows.delete({"id": present["id"], "confirmed_at": None})
        key = codes.fresh_key()
        values = {"key": key, "step": 0, "failures": 0, "lapses_at": context.now + _LAPSES}
        if not await rows.ensure({"person": person}, values):
            raise Refusal("enrolled-already")
        return {"address": codes.address(self.issuer, key), "secret": key}

    async def confirm(self, context: Context, input: Row) -> Row:
        """Have the secret of the caller count from the first right code on."""
        factor = await _factor(context, _caller(context))
        if factor is None or factor["confirmed_at"] is not None or factor["lapses_at"] <= context.now:
            raise Refusal("not-enrolled")
        if not await self._is_right(context, factor, input["code"]):
            raise _wrong()
        values = {"confirmed_at": context.now, "lapses_at": None}
        await context.rows("Factor").update({"id": factor["id"]}, values)
        return await self._recovery_codes(context, factor["person"])

    async def renew(self, context: Context, input: Row) -> Row:
        """Give the caller other recovery codes."""
        factor = await self._proved(context, input["code"])
        return await self._recovery_codes(context, factor["person"])

    async def disable(self, context: Context, input: Row) -> Row:
        """Remove the factor of the caller."""
        await _remove(context, (await self._proved(context, input["code"]))["person"])
        return {}

    async def remove(self, context: Context, input: Row) -> Row:
        """Remove the factor of somebody else: an open session of a helper is not enough to remove one's own."""
        if input["person"] == context.caller.id:
            raise Refusal("forbidden", "Your own second factor is removed with a code.")
        if not await _remove(context, input["person"]):
            raise Refusal("not-enrolled")
        return {}

    async def verify(self, context: Context, input: Row) -> Row:
        """Refuse a person who has a factor and gives no right code."""
        factor = await _factor(context, input["person"])
        if factor is None or factor["confirmed_at"] is None:
            return {}
        if not input.get("code"):
            raise Refusal("code-needed", keep=True)
        if not await self._is_right(context, factor, input["code"]):
            raise Refusal("wrong-credentials", keep=True)
        return {}

    async def _proved(self, context: Context, code: str) -> Row:
        factor = await _factor(context, _caller(context))
        if factor is None or factor["confirmed_at"] is None:
            raise Refusal("not-enrolled")
        if not await self._is_right(context, factor, code):
            raise _wrong()
        return factor

    async def _is_right(self, context: Context, factor: Row, given: str) -> bool:
        """Whether a code is right; it is used up with that, and a wrong one is counted."""
        blocked: Any = factor["blocked_until"]
        if blocked is not None and blocked > context.now:
            seconds = max(1, round((blocked - context.now).total_seconds()))
            raise Refusal("too-many", "Too many wrong codes; try again later.", retry_after=seconds, keep=True)
        step = codes.matching_step(factor["key"], codes.plain(given), context.now, factor["step"])
        recovered = step is None and await self._use_recovery_code(context, factor["person"], given)
        if step is None and not recovered:
            await self._fail(context, factor)
            return False
        await _replace(context, factor, {"step": step or factor["step"], "failures": 0, "blocked_until": None})
        return True

    async def _fail(self, context: Context, factor: Row) -> None:
        failures = min(factor["failures"] + 1, _MOST_FAILURES)
        beyond = failures - self.tolerated
        wait = min(_FIRST_WAIT * 2 ** min(beyond, _MOST_DOUBLINGS), _LONGEST_WAIT) if beyond >= 0 else None
        blocked = None if wait is None else context.now + wait
        await _replace(context, factor, {"failures": failures, "blocked_until": blocked})

    async def _use_recovery_code(self, context: Context, person: str, given: str) -> bool:
        used = {"person": person, "digest": codes.digest(given)}
        return await context.rows("RecoveryCode").delete(used) > 0

    async def _recovery_codes(self, context: Context, person: str) -> Row:
        rows = context.rows("RecoveryCode")
        await rows.delete({"person": person})
        made = [codes.fresh_recovery_code() for _ in range(_RECOVERY_CODES)]
        for one in made:
            await rows.create({"person": person, "digest": codes.digest(one)})
        return {"codes": made}


def _caller(context: Context) -> str:
    if context.caller.id is None:
        raise Refusal("unauthenticated")
    return context.caller.id


async def _factor(context: Context, person: str) -> Row | None:
    found = await context.rows("Factor").find({"person": person})
    return found[0] if found else None


async def _replace(context: Context, factor: Row, values: Row) -> None:
    """Write what a code has decided, unless another one has decided meanwhile."""
    seen = {"id": factor["id"], "step": factor["step"], "failures": factor["failures"]}
    if not await context.rows("Factor").update(seen, values):
        raise Refusal("busy", retry_after=1)


async def _remove(context: Context, person: str) -> bool:
    await context.rows("RecoveryCode").delete({"person": person})
    return await context.rows("Factor").delete({"person": person}) > 0


def _wrong() -> Refusal:
    problem = FieldProblem("/code", "wrong", "This code is wrong or was used.")
    return Refusal("wrong-code", "This code is wrong or was used.", problems=(problem,), keep=True)
