"""A source of secrets, and the secrets of one service.

A service has one root secret of its own, ``service-key``; keys for single purposes (form tokens, cursors, encrypted
fields) are derived from it, so that no two purposes ever share a key.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Protocol

from ..errors import SettingError

ROOT = "service-key"
_LEAST_ROOT = 32


class Secret:
    """A value that does not show itself: not in a repr, not in text, not in a pickle."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The value itself; ask for it where it is used and nowhere earlier."""
        return self.__value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


class Source(Protocol):
    """Knows some secrets by name, e.g. ``smtp-password``."""

    def get(self, name: str) -> Secret | None:
        """The secret, or None where this source does not know it."""
        ...

    def hint(self, name: str) -> str:
        """Where a person would put it, for the message about a missing one."""
        ...


class Secrets:
    """The secrets of a service, asked from its sources in order."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)
        self._keys: dict[str, bytes] = {}

    def get(self, name: str) -> Secret:
        """A secret by its name.

        Raises:
            SettingError: no source knows it; the message says where to put it.
        """
        for source in self._sources:
            secret = source.get(name)
            if secret is not None:
                return secret
        raise SettingError(self._missing([name]))

    def require(self, names: Iterable[str]) -> None:
        """Make sure at start that every secret is there.

        Raises:
            SettingError: names every missing one, and where to put it.
        """
        missing = [name for name in sorted(set(names)) if not any(source.get(name) for source in self._sources)]
        if missing:
            raise SettingError(self._missing(missing))

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose, derived from the root secret; the same in every process of the service.

        Raises:
            SettingError: the root secret is missing or short.
        """
        if purpose not in self._keys:
            root = self.get(ROOT).reveal()
            if len(root) < _LEAST_ROOT:
                raise SettingError(f"the secret `{ROOT}` needs at least {_LEAST_ROOT} characters; it has {len(root)}")
            # HKDF (RFC 5869) with one block of output, which is all that 32 bytes take.
            extracted = hmac.new(b"archwright", root.encode(), sha256).digest()
            self._keys[purpose] = hmac.new(extracted, purpose.encode() + b"\x01", sha256).digest()
        return self._keys[purpose]

    def _missing(self, names: list[str]) -> str:
        lines = [f"the secret `{name}` is missing" + self._places(name) for name in names]
        return "; ".join(lines)

    def _places(self, name: str) -> str:
        hints = [source.hint(name) for source in self._sources]
        return f" (set {' or '.join(hints)})" if hints else ""
