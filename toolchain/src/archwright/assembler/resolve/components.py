"""Chooses the certified components of an assembly and configures their manifests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...diagnostics import Collector, did_you_mean
from ...language.assembly import Assembly
from ...language.component import Component, configured
from ...language.configuration import defaults, with_defaults
from ...language.conformance import mismatches, unknown_keywords
from ...language.document import Document
from ...registry.catalog import Catalog, Certified
from .. import plan
from .source import Place, Source
from .traits import applied
from .types import of_field, of_plan

_SETTING = re.compile(r"\$\{settings\.([a-z][a-z0-9_]*)\}")


def choose(document: Document[Assembly], catalog: Catalog, findings: Collector) -> tuple[Source, ...]:
    """The sources of an assembly: its components, then itself, which may extend them, then the traits it takes."""
    assembly = Source("", document, document.model)
    chosen = [_source(alias, assembly, catalog, findings) for alias in document.model.components]
    sources = (*(source for source in chosen if source is not None), assembly)
    return (*sources, *applied(sources, findings))


def _source(alias: str, assembly: Source, catalog: Catalog, findings: Collector) -> Source | None:
    use = assembly.model.components[alias]
    place = Place(assembly, ("components", alias))
    certified = catalog.choose(use.use)
    if certified is None:
        _uncertified(str(use.use), use.use.name, place, catalog, findings)
        return None
    config = with_defaults(certified.config, use.config)
    if not _valid(certified, config, place / "config", findings):
        config = defaults(certified.root)  # what follows from a wrong configuration would only be noise
    reading = configured(certified.root, certified.file, config)
    findings.add(*reading.findings)
    if reading.document is None:
        return None
    return Source(alias, reading.document, reading.document.model, certified, config)


def _uncertified(wanted: str, name: str, place: Place, catalog: Catalog, findings: Collector) -> None:
    versions = [one.version for one in catalog.versions(name)]
    known = f"`{name}` has been certified in {', '.join(versions)}" if versions else None
    if name in catalog.known and not versions:
        known = f"what lies under the name `{name}` is not what was certified; see `archwright catalog`"
    findings.error(
        "assembly/uncertified-component", (place / "use").location, f"no certified component is `{wanted}`",
        expected="a component of the catalogue, in a certified version", found=f"`{wanted}`",
        hint=known or did_you_mean(name, catalog.known) or "see `archwright catalog`",
    )  # fmt: skip


def _valid(certified: Certified, config: Mapping[str, Any], place: Place, findings: Collector) -> bool:
    """Whether the component's own JSON Schema takes it; values taken from settings are checked at start."""
    schema = certified.config or {"type": "object", "additionalProperties": False}
    for keyword in unknown_keywords(schema):
        findings.error(
            "assembly/bad-configuration",
            place.location,
            f"`{certified.name}` describes its configuration with `{keyword}`, which is not checked",
            expected="keywords of JSON Schema that are checked",
            found=f"`{keyword}`",
        )
    wrong = [one for one in mismatches(schema, config) if not _is_setting(one.value)]
    for one in wrong:
        here = Place(place.source, (*place.path, *one.path))
        findings.error(
            "assembly/bad-configuration",
            here.key if one.key else here.location,
            f"`{certified.name}` does not take this configuration",
            expected=one.expected,
            found=_found(one.value),
            hint=did_you_mean(str(one.value), one.choices) if one.choices else None,
        )
    return not wrong


def _is_setting(value: Any) -> bool:
    return isinstance(value, str) and _SETTING.fullmatch(value) is not None


def _found(value: Any) -> str:
    return "a mapping" if isinstance(value, dict) else f"`{value}`"[:80]


def planned(sources: tuple[Source, ...], settings: Mapping[str, Any]) -> dict[str, plan.Component]:
    """The components as the plan holds them."""
    return {source.alias: _planned(source, settings) for source in sources if source.certified is not None}


def _planned(source: Source, settings: Mapping[str, Any]) -> plan.Component:
    assert source.certified is not None and source.config is not None
    manifest: Component = source.model
    implementation = manifest.implementation
    return plan.Component(
        use=source.certified.name,
        version=source.certified.version,
        digest=source.certified.implementation or source.certified.digest,
        module=implementation.module if implementation else None,
        distribution=implementation.distribution if implementation else None,
        config={key: _configured(value) for key, value in source.config.items()},
        secrets=tuple(sorted(secret.name for secret in manifest.requires.secrets if not secret.optional)),
        optional_secrets=tuple(sorted(secret.name for secret in manifest.requires.secrets if secret.optional)),
        egress={name: plan.Egress(hosts=tuple(one.hosts)) for name, one in sorted(manifest.egress.items())},
        capabilities=dict(_capabilities(source, manifest)),
        volumes=tuple(
            plan.Volume(name=one.name, path=_configured(source.config.get(one.at)), size=one.size)
            for one in manifest.requires.volumes
        ),
        blobs=manifest.provides.blobs,
        credentials=manifest.provides.credentials,
    )


def _configured(value: Any) -> Any:
    """A configured value; one taken from a setting is marked, so that the runtime fills it in at start."""
    if isinstance(value, str) and (match := _SETTING.fullmatch(value)):
        return {"$": {"setting": match[1]}}
    if isinstance(value, dict):
        return {key: _configured(item) for key, item in value.items()}
    return [_configured(item) for item in value] if isinstance(value, list) else value


def _capabilities(source: Source, manifest: Component) -> Iterator[tuple[str, plan.Capability]]:
    for name, capability in manifest.provides.capabilities.items():
        yield (
            short(name),
            plan.Capability(
                input={key: of_plan(of_field(one.spec.type, source.entity)) for key, one in capability.input.items()},
                output={key: of_plan(of_field(one.spec.type, source.entity)) for key, one in capability.output.items()},
                required=tuple(key for key, one in capability.input.items() if one.spec.required),
                effects=tuple(capability.effects),
                errors=tuple(capability.errors),
            ),
        )


def short(capability: str) -> str:
    """A capability's name without the component's: `mail.send` is `send`."""
    return capability.split(".", 1)[1]
