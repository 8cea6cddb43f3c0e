"""A small service that changes, step by step, and the databases that follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archwright.assembler.emit import Inputs, emit
from archwright.assembler.identity import NONE, Renames, assign_ids
from archwright.assembler.lock import Lock, LockedRuntime
from archwright.assembler.migration.files import Migration, paths
from archwright.assembler.plan import Entity, Field, Link, Plan
from archwright.diagnostics import Diagnostic
from toolchain.tests.plans import entity

RUNTIME = LockedRuntime(version="0.1.0")
MOMENT = "2026-01-01T00:00:00.000000Z"


def plan(entities: Mapping[str, Entity], links: Mapping[str, Link] | None = None) -> Plan:
    """A plan of entities alone, without ids."""
    return Plan(
        format=1,
        requires=(),
        name="shop",
        version="1.0.0",
        owner="team",
        entities=dict(entities),
        links=dict(links or {}),
    )


def table(name: str, fields: Mapping[str, Field], **members: Any) -> Entity:
    """An entity whose table has its name in lower case."""
    return entity(name.lower(), name, fields=dict(fields), **members)


class Service:
    """A service through its versions: each ``change`` is a build."""

    def __init__(self) -> None:
        self.lock: Lock | None = None
        self.files: dict[str, bytes] = {}
        self.plan: Plan | None = None

    def change(
        self, to: Plan, *, allow_drop: frozenset[str] = frozenset(), renames: Renames = NONE
    ) -> tuple[Migration, ...]:
        """Build the next version and return the migrations that it brings."""
        emission, findings = self.attempt(to, allow_drop=allow_drop, renames=renames)
        assert emission is not None, findings
        self.lock, self.files = emission.lock, dict(emission.files)
        return tuple(Migration(name, {path: self.files[path] for path in paths(name)}) for name in emission.changes)

    def attempt(self, to: Plan, *, allow_drop: frozenset[str] = frozenset(), renames: Renames = NONE) -> Any:
        """Try to build the next version."""
        self.plan = assign_ids(to, self.lock, renames)
        inputs = Inputs(
            archwright="0.1.0", runtime=RUNTIME, previous=self.lock, migrations=self.files, allow_drop=allow_drop
        )
        return emit(self.plan, inputs)

    def refused(self, to: Plan, **options: Any) -> tuple[Diagnostic, ...]:
        """The findings that stop a build."""
        emission, findings = self.attempt(to, **options)
        assert emission is None
        found: tuple[Diagnostic, ...] = findings
        return found


def afresh(to: Plan) -> tuple[Migration, ...]:
    """What a first build of a plan would create."""
    return Service().change(to)


def row(key: str, **values: Any) -> dict[str, Any]:
    """A row with what every table has."""
    return {"id": key, **values, "created_at": MOMENT, "updated_at": MOMENT, "version": 1}


def without(of: Entity, *names: str) -> Entity:
    """The entity without some fields and what hangs on them."""
    return replace(
        of,
        fields={key: found for key, found in of.fields.items() if key not in names},
        unique=tuple(keys for keys in of.unique if not set(keys) & set(names)),
        indexes=tuple(keys for keys in of.indexes if not set(keys) & set(names)),
        on_delete={key: action for key, action in of.on_delete.items() if key not in names},
    )


def having(of: Entity, **fields: Field) -> Entity:
    """The entity with more fields, or others under the same names."""
    named = {key: replace(found, column=found.column or key) for key, found in fields.items()}
    return replace(of, fields={**of.fields, **named})
