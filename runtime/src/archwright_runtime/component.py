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

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
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


class Subject(Protocol):
    """What a service keeps about one person: the rows of entities that name a subject, where it is that person."""

    async def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every such row by entity, in the form of the wire, without secrets.

        Raises:
            Refusal: ``too-large``.
        """
        ...

    async def erase(self) -> dict[str, int]:
        """Erase them as the retention of each entity says: numbers ``deleted``, ``anonymised`` and ``held``.

        Raises:
            Refusal: ``conflict``, where something that stays refers to a row that would go.
        """
        ...


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

    async def person(self, id: str) -> Caller | None:
        """A person with the roles held now, as the component that says who a caller is knows them; None for nobody
        who may act. For components that recognise callers by credentials of their own."""
        ...

    def letters(self) -> Letters:
        """What waits to be delivered; for capabilities with the effect ``queue``."""
        ...

    def subject(self, person: str) -> Subject:
        """What is kept about a person; for capabilities with the effect ``subjects``."""
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


@dataclass(frozen=True)
class Limits:
    """What one isolated call may use; reaching a limit is the refusal ``too-complex``.

    Attributes:
        seconds: on the clock; then it is killed with everything that it started.
        cpu: seconds of work.
        memory: bytes of address space, of which the interpreter with its libraries takes the first 200 MB or so.
        file: bytes of the largest file that it may write.
        descriptors: open files.
        result: bytes that it may answer with.
    """

    seconds: int = 10
    cpu: int = 5
    memory: int = 1 << 30
    file: int = 64 << 20
    descriptors: int = 64
    result: int = 32 << 20


USUAL = Limits()
"""Limits that suit documents and pictures of a few megabytes."""


@dataclass(frozen=True)
class Program:
    """A program of the machine, found when the service started.

    Attributes:
        path: absolute, links followed.
    """

    name: str
    path: str


@dataclass(frozen=True)
class Finished:
    """What a program left.

    Attributes:
        code: its exit code.
        output: the beginning of what it wrote to standard output, at most 64 KiB; ``errors`` of standard error.
        files: of the named results those that are there, by name.
    """

    code: int
    output: bytes
    errors: bytes
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Reply:
    """What another service answered.

    Attributes:
        headers: names in lower case; of several with one name the last.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


class OutwardError(Exception):
    """Another service was not reached.

    Attributes:
        reason: ``url`` ``host`` ``address`` ``request`` where it never will be; ``unreachable`` ``certificate``
            ``timeout`` ``answer`` ``too-large`` where it may be another time.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def is_final(self) -> bool:
        """Whether no later attempt will succeed."""
        return self.reason in ("url", "host", "address", "request")


class Outward(Protocol):
    """HTTP to the hosts that a manifest declares for one kind of effect, and to nothing else.

    Names are resolved and their addresses tested; no redirect is followed; time and size are bounded.
    """

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        largest: int = 1_048_576,
        seconds: float = 20.0,
    ) -> Reply:
        """Ask, and give the whole answer, whatever its status.

        Raises:
            OutwardError: it was not reached.
        """
        ...

    def check(self, url: str) -> None:
        """Refuse an address that could never be reached.

        Raises:
            OutwardError: it is none, or its host is not declared.
        """
        ...


class Letters(Protocol):
    """What waits to be delivered after commits, and what was given up; values are never shown."""

    async def waiting(self) -> list[dict[str, Any]]:
        """For each queue: ``queue``, ``waiting``, ``delayed``, ``dead`` and ``oldest``."""
        ...

    async def dead(self, queue: str | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
        """What was given up, the latest first: ``id``, ``queue``, ``target``, ``attempts``, ``error``, ``sent_at``."""
        ...

    async def redrive(self, id: str | None = None, queue: str | None = None) -> int:
        """Have something that was given up delivered again, or all of a queue; how many."""
        ...

    async def discard(self, id: str) -> int:
        """Let something go that was given up."""
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

    def outward(self, kind: str) -> Outward:
        """The way to the hosts that the manifest declares for the effect ``egress:<kind>``.

        Raises:
            SettingError: it declares none, or one that is no host.
        """
        ...

    async def offload(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run blocking work in a thread."""
        ...

    def isolates(self, *modules: str) -> None:
        """Say in ``create`` whose functions will be run by ``isolate``.

        They are imported ahead, and a service that cannot isolate does not start.
        """
        ...

    async def isolate(self, target: str, *arguments: Any, limits: Limits = USUAL, broken: str = "invalid") -> Any:
        """Run ``module:function`` on the bytes of strangers in a process without rights, and give its result.

        Arguments and result are plain values (numbers, texts, bytes, lists, dicts with text keys). The function has no
        environment, secrets, network or files but an empty directory; a ``Refusal`` that it raises is raised here.

        Args:
            broken: the kind of refusal when it crashes.

        Raises:
            Refusal: ``too-complex`` at a limit, ``broken`` after a crash, ``busy`` when too many wait.
        """
        ...

    def program(self, name: str) -> Program:
        """A program of the machine by its name or absolute path; for ``create``.

        Raises:
            SettingError: there is none.
        """
        ...

    async def execute(
        self,
        program: Program,
        arguments: Sequence[str],
        *,
        files: Mapping[str, bytes],
        results: Sequence[str] = (),
        limits: Limits = USUAL,
        broken: str = "invalid",
    ) -> Finished:
        """Run a program as ``isolate`` runs functions: no shell, ``files`` in an otherwise empty working directory.

        Of what it makes there only regular files named in ``results`` are taken.

        Raises:
            Refusal: as ``isolate``; a program that fails in its own way gives its exit code instead.
        """
        ...

    def forget(self, session: str) -> None:
        """Drop what is remembered about a session's token, at sign-out or when rights change; ``*``: everything."""
        ...


class BlobStore(Protocol):
    """Where the bytes of files are kept when not in the database.

    Names are random ids of letters and digits, never what anybody calls a file. Whatever goes wrong raises an
    ``OSError``; what is not there, ``FileNotFoundError``.
    """

    async def put(self, id: str, size: int, pieces: AsyncIterator[bytes]) -> None:
        """Keep bytes under a new id; once this returns, they survive a crash."""
        ...

    def open(self, id: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from a start to an end, in pieces of bounded size."""
        ...

    async def delete(self, ids: Sequence[str]) -> None:
        """Let bytes go; what is not there is fine."""
        ...

    def older(self, than: datetime) -> AsyncIterator[str]:
        """The ids of everything that was kept before a moment, to find what no transaction ever referred to."""
        ...


class Shared(Protocol):
    """Values that all processes of a service share for a while, and that may be lost at any time.

    Whatever goes wrong raises an ``OSError``; the service then goes on without.
    """

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values of keys, in their order."""
        ...

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep a value for so long at most."""
        ...

    async def count(self, key: str, seconds: int) -> int:
        """Count once more, and give the number; forgotten so long after the first time."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
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
        authenticate: for the component that says who a caller is, and for those whose manifest offers `credentials`.
        schemes: the credentials it takes: ``Authorization`` scheme names, lower case.
        cookie: the name of its session cookie, if any; for the component that says who a caller is.
        person: for the component that says who a caller is: see ``Context.person``.
        seed: for the component that says who a caller is: creates people for a demonstration and gives their ids by
            e-mail address. A person has ``email``, ``name``, ``password``, ``roles`` and values of further fields, in
            which another person's address stands for that person.
        shared: for the component that keeps remembered answers and counts requests over all processes.
        blobs: for the component that keeps the bytes of files; a service has one such component at most.
    """

    capabilities: Mapping[str, Handler] = field(default_factory=dict)
    authenticate: Callable[[Context, Credentials], Awaitable[Recognised | None]] | None = None
    schemes: tuple[str, ...] = ()
    cookie: str | None = None
    person: Callable[[Context, str], Awaitable[Caller | None]] | None = None
    seed: Callable[[Context, Sequence[Mapping[str, Any]]], Awaitable[dict[str, str]]] | None = None
    blobs: BlobStore | None = None
    shared: Shared | None = None
