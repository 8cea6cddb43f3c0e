"""``provenance.json``: what was made from what, as an in-toto statement that somebody else signs.

It says nothing about when or where, since the same input gives the same bytes whoever builds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...registry import digest
from ..emitter import Facts
from ..plan import canonical


def emit(facts: Facts) -> Mapping[str, bytes]:
    """The statement about every file that was made so far."""
    plan = facts.plan
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": path, "digest": _digest(digest.of_bytes(facts.earlier[path]))} for path in sorted(facts.earlier)
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:archwright:assemble:v1",
                "externalParameters": {"assembly": plan.name, "version": plan.version},
                "internalParameters": {"runtime": facts.runtime},
                "resolvedDependencies": [*_documents(facts), *_components(facts)],
            },
            "runDetails": {"builder": {"id": f"urn:archwright:{facts.archwright}"}},
        },
    }
    return {"provenance.json": canonical(statement)}


def _documents(facts: Facts) -> list[dict[str, Any]]:
    return [{"name": name, "digest": _digest(value)} for name, value in sorted(facts.documents.items())]


def _components(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"name": f"{component.use}@{component.version}", "digest": _digest(component.digest)}
        for _, component in sorted(facts.plan.components.items())
    ]


def _digest(value: str) -> dict[str, str]:
    algorithm, _, content = value.partition(":")
    return {algorithm: content}
