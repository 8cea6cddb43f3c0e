"""``decision.md`` and ``decision.json``: which part was chosen and why, and what there is to review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..account import TIERS, account
from ..emitter import Facts
from ..plan import canonical


def emit(facts: Facts) -> Mapping[str, bytes]:
    """The record for people, and the same for programs."""
    record = account(facts)
    return {"decision.json": canonical(record), "decision.md": ("\n".join(_lines(record)) + "\n").encode()}


def _lines(record: Mapping[str, Any]) -> Iterator[str]:
    service = record["service"]
    yield f"# {service['name']} {service['version']}: what was decided"
    yield ""
    if service["description"]:
        yield from (service["description"], "")
    made = record["made_by"]
    yield f"Owned by {service['owner']}. Made by archwright {made['archwright']} for its runtime {made['runtime']}."
    yield ""
    yield from _components(record["components"])
    yield from _tiers(record["tiers"])
    yield from _public(record["public"])
    yield from _principals(record["principals"])
    yield from _personal(record["personal"])
    yield from _declassifications(record["declassifications"])
    yield from _novel(record["novel"])


def _components(components: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Components", "")
    if not components:
        yield from ("None.", "")
    for name, one in components.items():
        yield from (f"### {name}: {one['use']} {one['version']}", "")
        for label, value in (("What", one["summary"]), ("When", one["use_when"]), ("Not when", one["avoid_when"])):
            if value:
                yield f"- {label}: {value}"
        yield f"- Here because: {'; '.join(one['because']) or 'the assembly names it'}"
        for label, key in (
            ("May reach", "egress"),
            ("Needs the secrets", "secrets"),
            ("Clears", "clears"),
            ("Certified as", "claims"),
        ):
            if one[key]:
                yield f"- {label}: {', '.join(one[key])}"
        if one["licence"]:
            yield f"- Licence: {one['licence']}"
        yield f"- Digest: `{one['digest']}`"
        yield ""


def _tiers(tiers: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    yield from ("## Tiers", "", "| Element | Kind | Tier |", "|---|---|---|")
    for kind, elements in tiers.items():
        for name, tier in elements.items():
            yield f"| `{_cell(name)}` | {kind} | {tier} {TIERS[tier]} |"
    yield ""


def _public(public: Mapping[str, str | None]) -> Iterator[str]:
    yield from ("## Open to anyone", "")
    yield from (f"- `{name}`: {why}" if why else f"- `{name}`" for name, why in public.items())
    yield from ([] if public else ["Nothing."])
    yield ""


def _principals(principals: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[str]:
    yield from ("## Rights that operations hold by themselves", "")
    for name, rights in principals.items():
        for right in rights:
            if "runs_as" in right:
                yield f"- `{name}` runs as `{right['runs_as']}`"
            else:
                fields = f" ({', '.join(right['fields'])})" if right["fields"] else ""
                where = f" where `{right['where']}`" if right["where"] else ""
                yield f"- `{name}` may {right['action']} `{right['entity']}`{fields}{where}"
    yield from ([] if principals else ["None."])
    yield ""


def _personal(personal: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Classified data", "")
    for name, one in personal.items():
        fields = ", ".join(f"`{key}` ({', '.join(classes)})" for key, classes in one["fields"].items())
        subject = f"; it is about `{one['subject']}`" if one["subject"] else ""
        kept = one["retention"]
        retention = f"; {kept['then']}d {kept['days']} days after `{kept['from']}`" if kept else ""
        yield f"- `{name}`: {fields}{subject}{retention}"
    yield from ([] if personal else ["None."])
    yield ""


def _declassifications(found: list[Mapping[str, Any]]) -> Iterator[str]:
    yield from ("## Labels that are lowered", "")
    for one in found:
        transform = f", by {one['transform']}" if one["transform"] else ""
        yield f"- `{one['where']}` to {one['to']}{transform}: {one['why']}"
    yield from ([] if found else ["None."])
    yield ""


def _novel(novel: Mapping[str, str]) -> Iterator[str]:
    yield from ("## Own code", "")
    yield from (f"- `{name}`: {why}" for name, why in novel.items())
    yield from ([] if novel else ["None."])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
