"""The help desk as a built service with addresses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from archwright_runtime.plan import Capability, Component, Identity, Operation, Plan, Step, Trigger
from runtime.tests.application.support import build
from runtime.tests.databases import ddl
from runtime.tests.plans import help_desk

_ROUTES = {
    "list": ("GET", ""),
    "get": ("GET", "/{id}"),
    "create": ("POST", ""),
    "update": ("PATCH", "/{id}"),
    "delete": ("DELETE", "/{id}"),
}
VARIABLES: Mapping[str, str] = {"ARCHWRIGHT_SECRET_SERVICE_KEY": "k" * 40}


def desk(**more: Any) -> Plan:
    """The plan: everything exposed, people recognised by their tokens."""
    made = help_desk()
    made.operations.update({name: _routed(name, one) for name, one in made.operations.items()})
    made.add("Fail", Step(kind="call", capability="accounts.fail"), access=("anyone",),
             trigger=Trigger(kind="http", method="POST", path="/api/fail"))  # fmt: skip
    component = Component(
        use="test/people",
        version="1.0.0",
        digest="sha256:0",
        module="runtime.tests.application.people",
        capabilities={"fail": Capability()},
    )
    return made.plan(
        components={"accounts": component},
        identity=Identity(component="accounts", entity="User", roles=None),
        **more,
    )


def built(directory: Path, plan: Plan | None = None) -> Path:
    """The built service in a directory, with a migration for each kind of database."""
    plan = plan or desk()
    return build(directory, plan, {f"0001-first.{kind}.sql": ddl(plan, kind) for kind in ("sqlite", "postgresql")})


def _routed(name: str, operation: Operation) -> Operation:
    entity, _, action = name.partition(".")
    method, suffix = _ROUTES.get(action, ("GET", ""))
    path = f"/api/{entity.lower()}s{suffix}"
    return msgspec.structs.replace(operation, trigger=Trigger(kind="http", method=method, path=path))
