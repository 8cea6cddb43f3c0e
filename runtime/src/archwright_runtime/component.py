"""What a component's Python package implements, and what it is given.

A component imports this module and ``errors`` only.
Its package exports ``create(host) -> Implementation``; the plan names the package.

Example::

    def create(host: Host) -> Implementation:
        async def send(context: Context, input: dict[str, Any]) -> dict[str, Any]:
            ...
        return Implementation(capabilities={"send": send})
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from .caller import Caller


class Rows(Protocol):
    """The rows of one entity that the component itself owns, inside the caller's transaction.

    Conditions are equalities over stored fields, all of which must hold; values are the runtime's own
    (see the table of types); an unknown field is a programming error.
    """

    async def find(self, where: Mapping[str, Any], *, limit: int = 1) -> list[dict[str, Any]]: ...

    async def create(self, values: Mapping[str, Any]) -> dict[str, Any]: ...

    async def ensure(self, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        """Create a row unless one with this unique ``key`` exists; whether it was created.

        Unlike ``create`` it never refuses, so the transaction goes on (``on conflict do nothing``).
        """
        ...

    async def update(self, where: Mapping[str, Any], values: Mapping[str, Any]) -> int: ...

    async def delete(self, where: Mapping[str, Any]) -> int: ...


class Context(Protocol):
    """One call of a capability: who asks, when, and the rows of the component within the open transaction."""

    caller: Caller
    now: datetime
    source: str
    """The address a request came from, as far as the transport trusts it; empty for jobs."""
    idempotency_key: str
    """Stable across the repeats of one deferred effect."""

    def rows(self, entity: str) -> Rows:
        """The component's own entity, by its short name (``Session``)."""
        ...

    async def read(self, file: Mapping[str, Any]) -> bytes:
        """The bytes of a file that this call was given, that it stored, or that its own rows hold.

        Raises:
            Refusal: ``not-found``, where they are gone.
            LookupError: nobody gave this file to the call.
        """
        ...

    async def store(self, content: bytes, *, name: str, media: str) -> dict[str, Any]:
        """Keep bytes in this transaction; gives the value of a ``file`` or ``image``: ``{id, name, media, size}``.

        Its name and media type are those that are safe: no path, and what the first bytes prove.
        What no row keeps is removed after a while. The manifest states the effect ``files``.
        """
        ...


class Host(Protocol):
    """What a component is given when the service starts."""

    config: Mapping[str, Any]
    """As configured in the assembly, settings filled in."""

    def secret(self, name: str) -> str:
        """A secret that the manifest requires; never log it, never keep it in a repr.

        Raises:
            SettingError: it is not given, which can happen only to a secret that the manifest calls optional.
        """
        ...

    async def offload(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run blocking work in a thread."""
        ...

    def forget(self, session: str) -> None:
        """Drop what is remembered about a session's token, at sign-out or when rights change; ``*``: everything."""
        ...


Handler = Callable[[Context, dict[str, Any]], Awaitable[dict[str, Any]]]
"""A capability: input values by name in, output values by name out; refuses by raising ``errors.Refusal``."""


@dataclass(frozen=True)
class Credentials:
    """What a request carries to say who asks.

    Attributes:
        scheme: lower-case name before the token in ``Authorization``; ``cookie`` for a session cookie.
        token: the secret part; never shown.
    """

    scheme: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Recognised:
    """An accepted token: the caller and until when the answer may be remembered."""

    caller: Caller
    expires: datetime


@dataclass(frozen=True)
class Implementation:
    """What a component's package provides.

    Attributes:
        capabilities: handlers by the capability's short name (``mail.send`` is ``send``).
        authenticate: for the component that says who a caller is.
        schemes: the credentials it takes: ``Authorization`` scheme names, lower case.
        cookie: the name of its session cookie, if any.
        seed: for the component that says who a caller is: creates people for a demonstration and gives their ids by
            e-mail address. A person has ``email``, ``name``, ``password``, ``roles`` and values of further fields, in
            which another person's address stands for that person.
    """

    capabilities: Mapping[str, Handler] = field(default_factory=dict)
    authenticate: Callable[[Context, Credentials], Awaitable[Recognised | None]] | None = None
    schemes: tuple[str, ...] = ()
    cookie: str | None = None
    seed: Callable[[Context, Sequence[Mapping[str, Any]]], Awaitable[dict[str, str]]] | None = None
