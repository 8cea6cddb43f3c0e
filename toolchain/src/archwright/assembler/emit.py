"""From a plan and the previous lock to every file of ``dist/``: pure, and the same bytes for the same input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..diagnostics import Diagnostic, Location, Severity
from ..registry import digest
from . import lock as locks
from .emitter import ComponentFacts, Declassification, Emitter, Facts, Wheel
from .emitters.registered import EMITTERS
from .identity import locked_entities
from .lock import Lock, LockedComponent, LockedMigration, LockedRuntime
from .migration.difference import Question, difference
from .migration.files import Migration, paths, render
from .migration.schema import EMPTY, Schema, constants, derive
from .plan import Plan, canonical
from .promise.account import Account

DIGESTS = "digests.json"
_ASSEMBLY = Location("assembly.yaml")


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a build knows besides the plan.

    Attributes:
        archwright: the version of these tools.
        runtime: the runtime that the plan is for, and its digest where it is known.
        documents: digest of every document that was read, by path.
        previous: the lock of the build before; None for the first one.
        migrations: the files of the locked migrations, by path (``migrations/0001-create.sqlite.sql``).
        allow_drop: what may be lost: ``Entity``, ``Entity.field``, by their former names.
        places: where entities and fields stand, by ``Entity`` and ``Entity.field``.
        assembly: the place of the assembly, for what stands nowhere any more.
        components: what the manifests say, by the name that each component has in this assembly.
        wheels: what the deployed image installs.
    """

    archwright: str
    runtime: LockedRuntime
    documents: Mapping[str, str] = field(default_factory=dict)
    previous: Lock | None = None
    migrations: Mapping[str, bytes] = field(default_factory=dict)
    allow_drop: frozenset[str] = frozenset()
    places: Mapping[str, Location] = field(default_factory=dict)
    assembly: Location = _ASSEMBLY
    components: Mapping[str, ComponentFacts] = field(default_factory=dict)
    wheels: tuple[Wheel, ...] = ()
    declassifications: tuple[Declassification, ...] = ()
    novel: Mapping[str, str] = field(default_factory=dict)
    contract: Account | None = None


@dataclass(frozen=True, kw_only=True)
class Emission:
    """A whole ``dist/``.

    Attributes:
        files: content by path, the lock included.
        lock: what the next build starts from.
        changes: names of the migrations that this build adds.
    """

    files: Mapping[str, bytes]
    lock: Lock
    changes: tuple[str, ...] = ()


def emit(plan: Plan, inputs: Inputs) -> tuple[Emission | None, tuple[Diagnostic, ...]]:
    """Emit a plan that has its stable ids; or say why the database cannot follow."""
    schema = derive(plan)
    migrations, findings = _migrations(plan, schema, inputs)
    if _stopped(findings):
        return None, findings
    files = _earlier(inputs)
    for migration in migrations:
        files |= migration.files
    files |= _emitted(_facts(plan, schema, inputs, files), EMITTERS)
    lock = _lock(plan, schema, inputs, migrations, files)
    files[locks.FILE] = locks.write(lock)
    files[DIGESTS] = canonical({path: digest.of_bytes(content) for path, content in files.items()})
    changes = tuple(migration.name for migration in migrations)
    return Emission(files=dict(sorted(files.items())), lock=lock, changes=changes), findings


def _migrations(plan: Plan, schema: Schema, inputs: Inputs) -> tuple[tuple[Migration, ...], tuple[Diagnostic, ...]]:
    previous = inputs.previous
    altered = locks.altered(previous, inputs.migrations) if previous else ()
    old = previous.schema if previous else EMPTY
    found = difference(
        Question(
            old=old,
            new=schema,
            constants=constants(plan),
            allow_drop=inputs.allow_drop,
            places=inputs.places,
            elsewhere=inputs.assembly,
        )
    )
    findings = (*altered, *found.findings)
    if _stopped(findings):
        return (), findings
    last = int(previous.migrations[-1].name[:4]) if previous and previous.migrations else 0
    return render(plan.name, old, found, last), findings


def _stopped(findings: tuple[Diagnostic, ...]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def _earlier(inputs: Inputs) -> dict[str, bytes]:
    """The locked migrations: a new database applies all of them."""
    names = [migration.name for migration in inputs.previous.migrations] if inputs.previous else []
    return {path: inputs.migrations[path] for name in names for path in paths(name)}


def _facts(plan: Plan, schema: Schema, inputs: Inputs, files: Mapping[str, bytes]) -> Facts:
    return Facts(
        plan=plan,
        schema=schema,
        archwright=inputs.archwright,
        runtime=inputs.runtime.version,
        documents=inputs.documents,
        components=inputs.components,
        wheels=inputs.wheels,
        declassifications=inputs.declassifications,
        novel=inputs.novel,
        contract=inputs.contract,
        earlier=files,
    )


def _emitted(facts: Facts, emitters: tuple[Emitter, ...]) -> dict[str, bytes]:
    """What the emitters make, each seeing what those before it made."""
    made: dict[str, bytes] = {}
    for emitter in emitters:
        made |= emitter(replace(facts, earlier={**facts.earlier, **made}))
    return made


def _lock(plan: Plan, schema: Schema, inputs: Inputs, added: tuple[Migration, ...], files: Mapping[str, bytes]) -> Lock:
    kept = inputs.previous.migrations if inputs.previous else ()
    return Lock(
        format=locks.FORMAT,
        archwright=inputs.archwright,
        assembly=plan.name,
        version=plan.version,
        runtime=inputs.runtime,
        documents=dict(inputs.documents),
        components={
            name: LockedComponent(use=component.use, version=component.version, digest=component.digest)
            for name, component in plan.components.items()
        },
        entities=locked_entities(plan),
        schema=schema,
        migrations=(*kept, *map(_locked, added)),
        files={path: digest.of_bytes(content) for path, content in files.items()},
    )


def _locked(migration: Migration) -> LockedMigration:
    postgresql, sqlite = (digest.of_bytes(migration.files[path]) for path in paths(migration.name))
    return LockedMigration(name=migration.name, postgresql=postgresql, sqlite=sqlite)
