"""``sbom.cdx.json``: everything that is deployed, as CycloneDX 1.6, and without a clock."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ...registry import digest
from ..emitter import ComponentFacts, Facts, Wheel
from ..plan import canonical

_SPACE = uuid.UUID("6f1a3f0e-3f57-5b1f-9d0b-2f3b6c1d7a10")


def emit(facts: Facts) -> Mapping[str, bytes]:
    """The bill of materials."""
    plan = facts.plan
    service = f"service:{plan.name}@{plan.version}"
    parts = _parts(facts)
    first_party = sorted(
        ref for ref in parts if ref.startswith("component:") or ref == _reference("archwright-runtime", facts.runtime)
    )
    body = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # Derived from what is described, so that two bills of the same build are one and the same.
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, _identity(facts))}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": service, "name": plan.name, "version": plan.version},
            "tools": {"components": [{"type": "application", "name": "archwright", "version": facts.archwright}]},
        },
        "components": [parts[ref] for ref in sorted(parts)],
        "dependencies": [{"ref": service, "dependsOn": first_party}, *_dependencies(facts, parts)],
    }
    return {"sbom.cdx.json": canonical(body)}


def _identity(facts: Facts) -> str:
    wheels = [(wheel.name, wheel.version, wheel.hashes) for wheel in facts.wheels]
    return digest.of_bytes(canonical([facts.earlier.get("plan.json", b"").decode(), facts.runtime, wheels]))


def _parts(facts: Facts) -> dict[str, dict[str, Any]]:
    found = {_reference(wheel.name, wheel.version): _wheel(wheel) for wheel in facts.wheels}
    runtime = _reference("archwright-runtime", facts.runtime)
    found.setdefault(runtime, _wheel(Wheel(name="archwright-runtime", version=facts.runtime, licence="Apache-2.0")))
    for name, component in facts.plan.components.items():
        known = facts.components.get(name, ComponentFacts())
        made: dict[str, Any] = {
            "type": "library",
            "bom-ref": f"component:{component.use}@{component.version}",
            "group": component.use.partition("/")[0],
            "name": component.use.partition("/")[2] or component.use,
            "version": component.version,
            "hashes": [{"alg": "SHA-256", "content": component.digest.removeprefix("sha256:")}],
        }
        if known.summary:
            made["description"] = known.summary
        if known.licence:
            made["licenses"] = [{"expression": known.licence}]
        found[made["bom-ref"]] = made
    return found


def _wheel(wheel: Wheel) -> dict[str, Any]:
    reference = _reference(wheel.name, wheel.version)
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": reference,
        "name": wheel.name,
        "version": wheel.version,
        "purl": reference,
    }
    if wheel.licence:
        made["licenses"] = [{"expression": wheel.licence}]
    if wheel.hashes:
        # One distribution has a file for each platform; any one of them may be the one that is installed.
        made["properties"] = [{"name": "archwright:file", "value": value} for value in sorted(wheel.hashes)]
    return made


def _reference(name: str, version: str) -> str:
    return f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"


def _dependencies(facts: Facts, parts: Mapping[str, Any]) -> list[dict[str, Any]]:
    versions = {wheel.name: _reference(wheel.name, wheel.version) for wheel in facts.wheels}
    needed = {
        _reference(wheel.name, wheel.version): [versions[name] for name in wheel.requires if name in versions]
        for wheel in facts.wheels
    }
    runtime = _reference("archwright-runtime", facts.runtime)
    required = {name for wheel in facts.wheels for name in wheel.requires}
    needed.setdefault(runtime, [versions[name] for name in versions if name not in required])
    return [{"ref": ref, "dependsOn": sorted(needed.get(ref, []))} for ref in sorted(parts)]
