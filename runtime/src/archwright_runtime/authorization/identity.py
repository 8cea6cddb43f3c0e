"""From a token to a caller, remembered for as long as the accounts component allows.

Its rules:

* Only accepted tokens are remembered, at most so many, and never past their expiry.
* A sign-out forgets its session at once; an answer that was under way meanwhile is not remembered.
* Roles are expanded by what they include; roles that the plan does not know give nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from ..caller import Caller
from ..component import Credentials, Recognised
from .policy import Policy

Ask = Callable[[Credentials, datetime], Awaitable[Recognised | None]]
EVERYTHING = "*"


class Identity:
    """Remembers who presented which token.

    Args:
        ask: the accounts component.
        most: how many tokens are remembered; 0 asks each time.
    """

    def __init__(self, ask: Ask, policy: Policy, *, most: int) -> None:
        self._ask = ask
        self._policy = policy
        self._most = most
        self._known: OrderedDict[tuple[str, str], Recognised] = OrderedDict()
        self._tokens: dict[str, set[tuple[str, str]]] = {}
        self._forgotten = 0

    async def recognise(self, scheme: str, token: str, now: datetime) -> Caller | None:
        """Who presents a token; None when nobody may."""
        key = (scheme, token)
        known = self._known.get(key)
        if known is not None:
            if now < known.expires:
                self._known.move_to_end(key)
                return known.caller
            self._drop(key)
        before = self._forgotten
        recognised = await self._ask(Credentials(scheme, token), now)
        if recognised is None:
            return None
        caller = replace(recognised.caller, roles=self._policy.expand(recognised.caller.roles))
        if self._most and before == self._forgotten and now < recognised.expires:
            self._remember(key, Recognised(caller, recognised.expires))
        return caller

    def forget(self, session: str) -> None:
        """Ask again about a session's tokens; ``*`` for all."""
        self._forgotten += 1
        if session == EVERYTHING:
            self._known.clear()
            self._tokens.clear()
            return
        for key in self._tokens.pop(session, ()):
            self._known.pop(key, None)

    def _remember(self, key: tuple[str, str], recognised: Recognised) -> None:
        self._known[key] = recognised
        if recognised.caller.session is not None:
            self._tokens.setdefault(recognised.caller.session, set()).add(key)
        if len(self._known) > self._most:
            self._drop(next(iter(self._known)))

    def _drop(self, key: tuple[str, str]) -> None:
        recognised = self._known.pop(key, None)
        session = recognised.caller.session if recognised is not None else None
        if session is not None and session in self._tokens:
            tokens = self._tokens[session]
            tokens.discard(key)
            if not tokens:
                del self._tokens[session]
