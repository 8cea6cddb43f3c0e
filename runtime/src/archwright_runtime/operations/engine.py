"""Runs operations: everything is compiled at start, per set of principals at its first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from ..authorization.identity import Identity
from ..authorization.policy import Policy
from ..caller import Caller
from ..errors import Refusal
from ..isolation.isolation import Isolation, Requirement
from ..persistence.cursor import Cursors
from ..persistence.database import ConstraintViolationError, Database
from ..persistence.schema import Schema
from ..persistence.vault import Vault
from ..plan import Access, Plan, Select
from ..secrets.source import Secrets
from .access import Gates
from .call import Call, Outcome, PageRequest, Rows, StoredFile
from .components import Components
from .idempotency import Idempotency
from .operation import CompiledOperation, Tools
from .outbox import Outbox
from .outward import Network
from .reads import Reads
from .run import first_names
from .service import Service
from .sharing import Sharing
from .uploads import Uploads
from .work import Work


@dataclass(frozen=True)
class Options:
    """What the deployment decides.

    Attributes:
        remember_tokens: how many accepted tokens are remembered; 0 asks the accounts component each time.
        isolation: whether to refuse to start where files of strangers cannot be read apart from everything else.
        attempts: how often an operation is run again after meeting another one.
        private: networks that components may reach although they are not public.
    """

    remember_tokens: int = 10_000
    isolation: Requirement = "require"
    attempts: int = 20
    private: tuple[Network, ...] = ()


class Engine:
    """A plan, ready to run.

    Args:
        plan: what to run.
        database: open, migrated.
        settings: values by name, as runtime values.
        secrets: the service's own root key, from which those of cursors and encrypted fields are derived, and what
            components require.
        report: is told of events outside requests: name and fields, never values of rows.
    """

    def __init__(
        self,
        plan: Plan,
        database: Database,
        *,
        settings: Mapping[str, Any],
        secrets: Secrets,
        options: Options = Options(),
        report: Callable[[str, Mapping[str, Any]], None] = lambda event, fields: None,
    ) -> None:
        self.plan = plan
        self.database = database
        self._options = options
        self._secrets = secrets
        schema = Schema(plan, database.dialect, _vault(plan, secrets))
        policy = Policy(plan)
        cursors = Cursors(secrets.key("cursors"))
        attempts, private = options.attempts, options.private
        self._service = Service(plan, database, schema, policy, cursors, settings, report, attempts, private)
        self._gates = Gates(self._service)
        self.isolation = Isolation(options.isolation, report=report)
        self._operations: dict[str, CompiledOperation] = {}
        self._components: Components | None = None
        self._identity: Identity | None = None
        self._tools: Tools | None = None
        self._work: Work | None = None
        self._selects: dict[int, tuple[Select, Reads]] = {}

    async def start(self) -> None:
        """Compile every operation and load every component.

        Raises:
            StartError: the plan asks for what this runtime cannot do.
        """
        service = self._service
        self._components = Components(service, self._secrets, self.forget, self.isolation)
        service.pure = self._components.pure
        shared = self._components.shared()
        service.sharing = None if shared is None else Sharing(shared, self.plan, service.report)
        service.blob_store = self._components.blob_store
        await service.blobs.check(self.database.fetch)
        most = self._options.remember_tokens
        self._identity = Identity(self._components.authenticate, service.policy, most=most)
        outbox = Outbox(service)
        self._tools = Tools(service, self._components, outbox, Idempotency(service), Uploads(service))
        for name, operation in self.plan.operations.items():
            gate = self._gates.gate(operation.access)
            self._operations[name] = CompiledOperation(name, operation, self._tools, gate)
        self._work = Work(self._tools, self._operations)
        await self._components.open()

    @property
    def background(self) -> Work:
        """What runs without being asked."""
        assert self._work is not None
        return self._work

    async def work(self) -> None:
        """Deliver effects and run jobs until cancelled; safe in any number of processes."""
        await self.background.run()

    async def stop(self) -> None:
        """Let go of what was started."""
        if self._components is not None:
            await self._components.close()

    async def run(self, name: str, call: Call) -> Outcome:
        """Run an operation.

        Raises:
            Refusal: the caller gets a failure.
        """
        try:
            return await self._operations[name].run(call, self._service.policy.standing(call.caller))
        except ConstraintViolationError:
            # A value that no row can hold, such as text with a NUL, equals nothing and cannot be written.
            raise Refusal("invalid", "a value does not fit") from None

    async def receive(self, name: str, call: Call) -> Outcome:
        """Run an operation that another service starts, as its own principal.

        Raises:
            Refusal: the other service gets a failure.
        """
        try:
            return await self._operations[name].run_job(call)
        except ConstraintViolationError:
            raise Refusal("invalid", "a value does not fit") from None

    async def read(self, select: Select, call: Call, page: PageRequest | None = None) -> Rows:
        """Rows of a view with the caller's rights, for pages; ``select`` must be one of the plan's own."""
        standing = self._service.policy.standing(call.caller)
        names = first_names(self._service, call)
        found = await self._reads(select).page(self.database.fetch, standing, names, page)
        return Rows(found.wire(), found.next, found.total)

    def _reads(self, select: Select) -> Reads:
        known = self._selects.get(id(select))
        if known is None:
            # The select is kept with it, so that its identity is never another one's.
            # Cursors carry the name: it has to be the same in every process.
            name = f"page.{sha256(msgspec.json.encode(select)).hexdigest()[:16]}"
            known = self._selects[id(select)] = (select, Reads(self._service, select, (), name))
        return known[1]

    async def may(self, access: tuple[Access, ...], caller: Caller) -> bool:
        """Whether the caller holds one of the roles, and its condition where it has one."""
        call = Call(caller)
        standing = self._service.policy.standing(caller)
        return await self._gates.gate(access).allows(standing, first_names(self._service, call), self.database.fetch)

    async def authenticate(self, scheme: str, token: str) -> Caller | None:
        """Who presents a credential: ``scheme`` is ``cookie`` or a lower-case ``Authorization`` scheme."""
        return None if self._identity is None else await self._identity.recognise(scheme, token, datetime.now(UTC))

    @property
    def schemes(self) -> tuple[str, ...]:
        """``Authorization`` schemes that are taken, lower case."""
        return () if self._components is None else self._components.schemes

    @property
    def cookie(self) -> str | None:
        """The name of the session cookie."""
        loaded = None if self._components is None else self._components.identity()
        return None if loaded is None else loaded.implementation.cookie

    async def file(self, file: Mapping[str, Any]) -> StoredFile:
        """The bytes of a file value that the caller was allowed to read."""
        assert self._tools is not None
        return self._tools.uploads.open(file)

    @property
    def service(self) -> Service:
        """Plan, tables and permissions, for those who put rows past them (demonstrations)."""
        return self._service

    @property
    def components(self) -> Components:
        """The components, once started."""
        assert self._components is not None
        return self._components

    def forget(self, session: str) -> None:
        """Ask the accounts component again about a session's tokens; ``*``: about all."""
        if self._identity is not None:
            self._identity.forget(session)


def _vault(plan: Plan, secrets: Secrets) -> Vault | None:
    sealed = any(field.encrypted for entity in plan.entities.values() for field in entity.fields.values())
    return Vault(secrets.key("encrypted-fields")) if sealed else None
