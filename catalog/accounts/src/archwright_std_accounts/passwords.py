"""Which passwords are good enough, and how they are kept.

The rules follow NIST SP 800-63B, section 5.1.1.2: length counts, composition does not, well-known ones are refused.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

from archwright_runtime.errors import FieldProblem, Refusal

from .policy import Hashing, PasswordRules
from .words import COMMON, RUNS

_DIGITS_AS_LETTERS = str.maketrans("013457@$!", "oieastasi")
_HASH_LENGTH = 32
_SALT_LENGTH = 16
_SHORTEST_PERSONAL_PART = 4
_FEWEST_DIFFERENT = 5

Offload = Callable[..., Awaitable[Any]]


def check(password: str, rules: PasswordRules, pointer: str, personal: tuple[str, ...] = ()) -> None:
    """Refuse a password that the rules do not admit.

    Raises:
        Refusal: with one problem, at ``pointer``.
    """
    problem = _problem(canonical(password), rules, personal)
    if problem is not None:
        raise Refusal("invalid", problems=(FieldProblem(pointer, *problem),))


def canonical(password: str) -> str:
    """Compose a password, so that keyboards which send other code points for the same characters agree."""
    return unicodedata.normalize("NFC", password)


def _problem(password: str, rules: PasswordRules, personal: tuple[str, ...]) -> tuple[str, str] | None:
    if len(password) > rules.longest:
        return "too-long", f"A password has at most {rules.longest} characters."
    if len(password) < rules.shortest:
        return "too-short", f"A password has at least {rules.shortest} characters."
    if "\0" in password:
        return "format", "A password cannot hold a NUL character."
    if rules.refuse_common and _is_common(password.casefold()):
        return "common", "This password is easy to guess."
    if rules.refuse_personal and _holds(password.casefold(), personal):
        return "personal", "A password must not hold your name or e-mail address."
    return None


def _is_common(password: str) -> bool:
    bare = password.strip("".join(character for character in password if not character.isalpha()))
    forms = (password, password.translate(_DIGITS_AS_LETTERS), bare.translate(_DIGITS_AS_LETTERS))
    return (
        len(set(password)) < _FEWEST_DIFFERENT
        or any(_is_made_of(_letters(form), COMMON) for form in forms)
        or any(password in run or password in run[::-1] for run in RUNS)
    )


def _letters(password: str) -> str:
    return "".join(character for character in password if character.isalpha())


def _is_made_of(letters: str, words: frozenset[str]) -> bool:
    """Whether the letters are nothing but well-known words in a row."""
    reachable = {0}
    for end in range(1, len(letters) + 1):
        if any(letters[start:end] in words for start in reachable):
            reachable.add(end)
    return bool(letters) and len(letters) in reachable


def _holds(password: str, personal: tuple[str, ...]) -> bool:
    parts = {part for text in personal for part in _parts(text.casefold())}
    return any(part in password for part in parts)


def _parts(text: str) -> list[str]:
    separated = "".join(character if character.isalnum() else " " for character in text.partition("@")[0])
    return [part for part in separated.split() if len(part) >= _SHORTEST_PERSONAL_PART]


class Hasher:
    """Makes and verifies argon2id hashes, a few at a time and off the event loop."""

    def __init__(self, cost: Hashing, offload: Offload) -> None:
        from argon2 import PasswordHasher

        self._cost = cost
        self._offload = offload
        self._turn = asyncio.Semaphore(cost.together)
        self._waiting = 0
        self._argon2 = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory,
            parallelism=cost.lanes,
            hash_len=_HASH_LENGTH,
            salt_len=_SALT_LENGTH,
        )

    async def hash(self, password: str) -> str:
        """A fresh hash of a password, with its parameters and salt."""
        made: str = await self._run(self._argon2.hash, canonical(password))
        return made

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one kept; without one kept the same work is done for nothing."""
        matches: bool = await self._run(self._matches, kept or self._unreachable(), canonical(password))
        return matches and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(kept)

    def _matches(self, kept: str, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return self._argon2.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def _unreachable(self) -> str:
        """A well-formed hash of no password, with today's parameters (random, so never equal to anything)."""
        cost = self._cost
        salt, digest = (_base64(secrets.token_bytes(length)) for length in (_SALT_LENGTH, _HASH_LENGTH))
        return f"$argon2id$v=19$m={cost.memory},t={cost.passes},p={cost.lanes}${salt}${digest}"

    async def _run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        if self._waiting >= self._cost.waiting:
            raise Refusal("busy", "Too many people are signing in at this moment.", retry_after=1)
        self._waiting += 1
        try:
            async with self._turn:
                return await self._offload(work, *arguments)
        finally:
            self._waiting -= 1


def _base64(value: bytes) -> str:
    return base64.b64encode(value).rstrip(b"=").decode()
