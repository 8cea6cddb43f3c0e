"""Components as they run: their packages, what they are given, their capabilities.

Its rules:

* A component reaches its own entities and nothing else.
* What goes into a capability and what comes out is tested against its manifest's types.
* A capability runs inside the transaction of the operation that calls it.
"""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from ..caller import ANONYMOUS, Caller
from ..component import BlobStore, Credentials, Handler, Implementation, Recognised, Shared
from ..component import Rows as ComponentRows
from ..errors import FieldProblem, PlanError, Refusal, SettingError
from ..expression import Closure, compile_closure
from ..isolation.isolation import Isolation
from ..persistence.database import Transaction, UniqueViolationError
from ..persistence.rows import EntityRows, RowStatements
from ..plan import Capability, Component
from ..secrets.source import Secrets
from .blobs import Blobs
from .call import Upload
from .calls import PureCall
from .isolating import Isolating
from .letters import Letters
from .outward import Network, Outward
from .service import Service
from .subjects import Subject, Subjects
from .values import conforms, files_in, holds_files, within

_THREADS = 4
_SETTING = re.compile(r"\$\{settings\.([a-z][a-z0-9_]*)\}")


class ComponentHost(Isolating):
    """What one component is given at start."""

    def __init__(
        self,
        name: str,
        component: Component,
        settings: Mapping[str, Any],
        secrets: Secrets,
        threads: ThreadPoolExecutor,
        forget: Callable[[str], None],
        isolation: Isolation,
        private: Sequence[Network] = (),
    ) -> None:
        super().__init__(isolation)
        self.config: Mapping[str, Any] = {key: _configured(value, settings) for key, value in component.config.items()}
        self._name = name
        self._allowed = frozenset((*component.secrets, *component.optional_secrets))
        self._secrets = secrets
        self._threads = threads
        self._forget = forget
        self._egress = {kind: _hosts(one.hosts, settings) for kind, one in component.egress.items()}
        self._private = private

    def outward(self, kind: str) -> Outward:
        """The way to the hosts that the manifest declares."""
        if kind not in self._egress:
            raise SettingError(f"the manifest of `{self._name}` declares no hosts for `egress:{kind}`")
        try:
            return Outward(self._egress[kind], self._private)
        except ValueError as error:
            raise SettingError(f"{self._name}: {error}") from None

    def secret(self, name: str) -> str:
        """A secret that the manifest requires."""
        if name not in self._allowed:
            raise SettingError(f"the manifest of `{self._name}` does not require the secret `{name}`")
        return self._secrets.get(f"{self._name}.{name}").reveal()

    async def offload(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run blocking work in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def forget(self, session: str) -> None:
        """Drop what is remembered about a session's token."""
        self._forget(session)


def _hosts(written: Sequence[str], settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Declared hosts; one that is ``${settings.name}`` is what the deployment says."""
    found = (_SETTING.fullmatch(host) for host in written)
    return tuple(host if match is None else str(settings[match[1]]) for host, match in zip(written, found, strict=True))


def _configured(value: Any, settings: Mapping[str, Any]) -> Any:
    """A configured value; one that is marked is taken from a setting."""
    if isinstance(value, Mapping):
        if set(value) == {"$"}:
            marked = value["$"]
            if "setting" in marked:
                return settings[marked["setting"]]
            return compile_closure(marked)({"settings": settings})
        return {key: _configured(item, settings) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_configured(item, settings) for item in value]
    return value


class ComponentContext:
    """One call of a capability."""

    def __init__(
        self,
        owner: Loaded,
        transaction: Transaction,
        caller: Caller,
        now: datetime,
        source: str,
        idempotency_key: str,
    ) -> None:
        self.caller = caller
        self.now = now
        self.source = source
        self.idempotency_key = idempotency_key
        self._owner = owner
        self._transaction = transaction
        self._known: set[str] = set()

    async def read(self, file: Mapping[str, Any]) -> bytes:
        """The bytes of a file that this call may read."""
        if file["id"] not in self._known:
            raise LookupError(f"`{self._owner.name}` was not given this file")
        return await self._owner.blobs.read(self._transaction.fetch, file["id"])

    async def store(self, content: bytes, *, name: str, media: str) -> dict[str, Any]:
        """Keep bytes in this transaction."""
        upload = Upload(name, media, content)
        stored = await self._owner.blobs.put(self._transaction.write, upload, self.now)
        self.give(stored)
        return stored

    def give(self, value: Any) -> None:
        """Let this call read the files in a value."""
        self._known.update(file["id"] for file in files_in(value))

    def subject(self, person: str) -> Subject:
        """What is kept about a person."""
        if not self._owner.sees_subjects:
            raise LookupError(f"no capability of `{self._owner.name}` has the effect `subjects`")
        names = {"caller": self.caller.id, "now": self.now, "today": self.now.date(), "settings": self._owner.settings}
        return self._owner.subjects.of(person, self._transaction, names)

    async def person(self, id: str) -> Caller | None:
        """A person with the roles held now, as the identity knows them."""
        identity = self._owner.identity()
        if identity is None or identity.implementation.person is None:
            return None
        context = ComponentContext(identity, self._transaction, ANONYMOUS, self.now, self.source, "")
        return await identity.implementation.person(context, id)

    def letters(self) -> Letters:
        """What waits to be delivered."""
        if not self._owner.sees_queue:
            raise LookupError(f"no capability of `{self._owner.name}` has the effect `queue`")
        return Letters(self._owner.plan, self._transaction, self._owner.dialect, self.now)

    def rows(self, entity: str) -> ComponentRows:
        """The component's own entity, by its short name."""
        statements = self._owner.statements(entity)
        defaults = self._owner.defaults(statements.table.name)
        names = {"caller": self.caller.id, "now": self.now, "today": self.now.date()}
        rows = EntityRows(
            statements,
            self._transaction,
            self.now,
            {name: _later(closure, {**names, "settings": self._owner.settings}) for name, closure in defaults.items()},
        )
        files = self._owner.file_fields(statements.table.name)
        return _Read(rows, self, files) if files else rows


class _Read:
    """Rows that hold files: whoever found a row may read its files."""

    def __init__(self, rows: EntityRows, context: ComponentContext, files: tuple[str, ...]) -> None:
        self._context = context
        self._files = files
        self.create, self.ensure, self.update, self.delete = rows.create, rows.ensure, rows.update, rows.delete
        self._find = rows.find

    async def find(self, where: Mapping[str, Any], *, limit: int = 1) -> list[dict[str, Any]]:
        """Rows that match, in the order of their ids."""
        found = await self._find(where, limit=limit)
        for row in found:
            for name in self._files:
                self._context.give(row[name])
        return found


class PureContext:
    """A call of a pure capability for a member of a row: nobody asks, and there are no rows."""

    caller = ANONYMOUS
    source = ""
    idempotency_key = ""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def give(self, value: Any) -> None:
        """Nothing: views give no files."""

    def rows(self, entity: str) -> ComponentRows:
        """Nothing: what is pure depends on its arguments alone."""
        raise LookupError(f"a pure capability has no rows, not those of `{entity}` either")

    def subject(self, person: str) -> Subject:
        """Nothing: what is pure depends on its arguments alone."""
        raise LookupError("a pure capability knows nobody")

    async def person(self, id: str) -> Caller | None:
        """Nobody: what is pure depends on its arguments alone."""
        raise LookupError("a pure capability knows nobody")

    def letters(self) -> Letters:
        """Nothing: a view does not look into queues."""
        raise LookupError("a pure capability sees no queue")

    async def read(self, file: Mapping[str, Any]) -> bytes:
        """Nothing: no file is given."""
        raise LookupError("a pure capability in a view reads no files")

    async def store(self, content: bytes, *, name: str, media: str) -> dict[str, Any]:
        """Nothing: a view only reads."""
        raise LookupError("a pure capability keeps nothing")


class AheadContext(PureContext):
    """A call that asks another service before the transaction begins: it knows who asks, and there are no rows."""

    def __init__(self, caller: Caller, now: datetime, source: str, idempotency_key: str) -> None:
        super().__init__(now)
        self.caller, self.source, self.idempotency_key = caller, source, idempotency_key


def _later(closure: Closure, names: dict[str, Any]) -> Callable[[], Any]:
    return lambda: closure(names)


@dataclass
class Bound:
    """A capability with its types."""

    owner: Loaded
    stated: Capability
    handler: Handler
    name: str

    async def call(self, context: ComponentContext | PureContext, values: dict[str, Any]) -> dict[str, Any]:
        """Run it.

        Raises:
            PlanError: it was given, or gave, what its manifest does not say.
            Refusal: it was given more than its manifest takes, or refuses by itself.
        """
        self._test(values, self.stated.input, "takes")
        beyond = [name for name, value in values.items() if not within(self.stated.input[name], value)]
        if beyond:
            problems = tuple(FieldProblem(f"/{name}", "range", "this is more than can be taken") for name in beyond)
            raise Refusal("invalid", f"`{self.name}` takes no such {', '.join(beyond)}", problems)
        for name, type in self.stated.input.items():
            if holds_files(type):
                context.give(values.get(name))
        try:
            output = await self.handler(context, values)
        except UniqueViolationError as error:
            taken = "another one has this already"
            problems = tuple(FieldProblem(f"/{column}", "unique", taken) for column in error.columns)
            raise Refusal("conflict", f"another one has the same {', '.join(error.columns)}", problems) from None
        self._test(output, self.stated.output, "gives")
        return output

    def _test(self, values: Mapping[str, Any], types: Mapping[str, Any], verb: str) -> None:
        for name, value in values.items():
            stated = types.get(name)
            if stated is None or not conforms(stated, value):
                raise PlanError(f"the capability `{self.name}` {verb} no such `{name}`")


class Loaded:
    """One component of the plan with its implementation.

    Args:
        identity: gives the component that says who a caller is.
    """

    def __init__(
        self,
        service: Service,
        name: str,
        component: Component,
        implementation: Implementation,
        identity: Callable[[], Loaded | None],
    ) -> None:
        self.name = name
        self.component = component
        self.implementation = implementation
        self.identity = identity
        self.settings = service.settings
        self.plan = service.plan
        self.dialect = service.database.dialect
        self.sees_subjects = any("subjects" in one.effects for one in component.capabilities.values())
        self.subjects = Subjects(service)
        self.sees_queue = any("queue" in one.effects for one in component.capabilities.values())
        self._service = service
        self._statements: dict[str, RowStatements] = {}
        self._defaults: dict[str, dict[str, Closure]] = {}

    def statements(self, short: str) -> RowStatements:
        """Statements over one of its own entities.

        Raises:
            LookupError: it has no such entity.
        """
        if short not in self._statements:
            entity = f"{self.name}.{short}"
            known = self._service.plan.entities.get(entity)
            if known is None or known.component not in (self.name, None):
                raise LookupError(f"the component `{self.name}` owns no entity `{short}`")
            self._statements[short] = RowStatements(self._service.schema, self._service.schema.tables[entity])
        return self._statements[short]

    def defaults(self, entity: str) -> dict[str, Closure]:
        """What fills fields that are not given."""
        if entity not in self._defaults:
            fields = self._service.plan.entities[entity].fields
            self._defaults[entity] = {
                name: compile_closure(field.default) for name, field in fields.items() if field.default is not None
            }
        return self._defaults[entity]

    @property
    def blobs(self) -> Blobs:
        """The bytes of files."""
        return self._service.blobs

    def file_fields(self, entity: str) -> tuple[str, ...]:
        """The fields of an entity that hold files."""
        fields = self._service.plan.entities[entity].fields
        return tuple(name for name, field in fields.items() if holds_files(field.type))


class Components:
    """Every component of a plan."""

    def __init__(self, service: Service, secrets: Secrets, forget: Callable[[str], None], isolation: Isolation) -> None:
        self._service = service
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="component")
        self.loaded: dict[str, Loaded] = {}
        self._isolation = isolation
        self._hosts: list[ComponentHost] = []
        for name, component in service.plan.components.items():
            if component.module is not None:
                host = ComponentHost(
                    name, component, service.settings, secrets, self._threads, forget, isolation, service.private
                )
                self._hosts.append(host)
                self.loaded[name] = Loaded(
                    service, name, component, _implementation(name, component, host), self.identity
                )

    async def open(self) -> None:
        """Begin what components said they need.

        Raises:
            StartError: the deployment requires isolation that this machine lacks.
        """
        if any(host.needs_isolation for host in self._hosts):
            await self._isolation.start([module for host in self._hosts for module in host.isolated])

    async def close(self) -> None:
        """Let go of threads, processes and connections."""
        shared = self.shared()
        if shared is not None:
            await shared.close()
        await self._isolation.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def capability(self, name: str) -> Bound:
        """A capability by its name in this assembly.

        Raises:
            PlanError: no component has it.
        """
        alias, _, short = name.partition(".")
        loaded = self.loaded.get(alias)
        stated = None if loaded is None else loaded.component.capabilities.get(short)
        handler = None if loaded is None else loaded.implementation.capabilities.get(short)
        if loaded is None or stated is None or handler is None:
            raise PlanError(f"no component provides the capability `{name}`")
        return Bound(loaded, stated, handler, name)

    def pure(self, name: str) -> tuple[Capability, PureCall]:
        """A capability that members of rows may be made by.

        Raises:
            PlanError: no component has it, or it has effects.
        """
        bound = self.capability(name)
        if bound.stated.effects:
            raise PlanError(f"the capability `{name}` has effects, so no view may call it")

        async def call(now: datetime, values: dict[str, Any]) -> dict[str, Any]:
            return await bound.call(PureContext(now), values)

        return bound.stated, call

    def blob_store(self) -> tuple[BlobStore | None, str]:
        """Where bytes are kept, if not in the database, and the name of the component that says so.

        Raises:
            PlanError: several components do.
        """
        found = [one for one in self.loaded.values() if one.implementation.blobs is not None]
        if len(found) > 1:
            raise PlanError(f"several components keep files: {', '.join(one.name for one in found)}")
        return (found[0].implementation.blobs, found[0].component.use) if found else (None, "")

    def shared(self) -> Shared | None:
        """What keeps values that all processes share, if a component does."""
        found = (one.implementation.shared for one in self.loaded.values())
        return next((one for one in found if one is not None), None)

    def identity(self) -> Loaded | None:
        """The component that says who a caller is."""
        stated = self._service.plan.identity
        return None if stated is None else self.loaded.get(stated.component)

    @property
    def schemes(self) -> tuple[str, ...]:
        """``Authorization`` schemes that are taken, lower case; the identity's own first."""
        return tuple(self._recognising)

    @cached_property
    def _recognising(self) -> dict[str, Loaded]:
        """Who recognises the credentials of each ``Authorization`` scheme."""
        own = self.identity()
        others = [one for one in self.loaded.values() if one is not own and one.component.credentials]
        found: dict[str, Loaded] = {}
        for one in ([] if own is None else [own]) + others:
            for scheme in one.implementation.schemes:
                if scheme in found:
                    raise PlanError(f"`{found[scheme].name}` and `{one.name}` both take credentials called `{scheme}`")
                found[scheme] = one
        return found

    async def authenticate(self, credentials: Credentials, now: datetime) -> Recognised | None:
        """Ask the component that takes such credentials, in a transaction of its own."""
        loaded = self.identity() if credentials.scheme == "cookie" else self._recognising.get(credentials.scheme)
        if loaded is None or loaded.implementation.authenticate is None:
            return None
        async with self._service.database.transaction() as transaction:
            context = ComponentContext(loaded, transaction, ANONYMOUS, now, "", "")
            return await loaded.implementation.authenticate(context, credentials)


def _implementation(name: str, component: Component, host: ComponentHost) -> Implementation:
    module = importlib.import_module(str(component.module))
    implementation = module.create(host)
    if not isinstance(implementation, Implementation):
        raise PlanError(f"the package of `{name}` gives no implementation")
    missing = sorted(set(component.capabilities) - set(implementation.capabilities))
    if missing:
        raise PlanError(f"the package of `{name}` lacks {', '.join(missing)}")
    return implementation
