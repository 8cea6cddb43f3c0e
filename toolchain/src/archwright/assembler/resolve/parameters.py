"""What an entity says to a trait: complete, known and of the right types."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...diagnostics import Collector, did_you_mean
from ...language.component import Trait
from ...language.fields import FieldType
from ...language.substitution import Substitution
from .source import Place


def completed(
    name: str, trait: Trait, given: Mapping[str, Any], facts: Mapping[str, str], place: Place, findings: Collector
) -> dict[str, Any] | None:
    """Every parameter with its value, defaults included; None after a finding."""
    wrong = [*_unknown(name, trait, given, place, findings), *_unfit(name, trait, given, place, findings)]
    missing = [key for key, one in trait.parameters.items() if one.spec.required and key not in given]
    if missing:
        findings.error(
            "assembly/missing-parameter",
            place.key,
            f"the trait `{name}` needs `{missing[0]}`",
            expected=f"`{missing[0]}`",
        )
    if wrong or missing:
        return None
    defaults = {key: _default(one.default, facts, place) for key, one in trait.parameters.items()}
    return {**defaults, **given}


def _default(value: Any, facts: Mapping[str, str], place: Place) -> Any:
    """A default may speak of the entity: `${self.path}/{id}/comments`."""
    if isinstance(value, str) and "${self." in value:
        return Substitution("", {}, facts).text(value, place.location)
    return list(value) if isinstance(value, tuple) else value


def _unknown(name: str, trait: Trait, given: Mapping[str, Any], place: Place, findings: Collector) -> list[str]:
    unknown = [key for key in given if key not in trait.parameters]
    for key in unknown:
        findings.error(
            "assembly/unknown-parameter",
            (place / key).key,
            f"the trait `{name}` takes no `{key}`",
            found=f"`{key}`",
            hint=did_you_mean(key, trait.parameters),
        )
    return unknown


def _unfit(name: str, trait: Trait, given: Mapping[str, Any], place: Place, findings: Collector) -> list[str]:
    wrong = []
    for key, value in given.items():
        parameter = trait.parameters.get(key)
        expected = _expected(parameter.spec.type, value) if parameter is not None else None
        if expected is not None:
            wrong.append(key)
            findings.error(
                "assembly/bad-value",
                (place / key).location,
                f"the trait `{name}` does not take this `{key}`",
                expected=expected,
                found=f"`{value}`"[:80],
            )
    return wrong


def _expected(type: FieldType, value: Any) -> str | None:
    """What should stand there instead; None where the value fits."""
    match type.kind:
        case "list":
            return _expected_list(type, value)
        case "bool":
            return None if isinstance(value, bool) else "`true` or `false`"
        case "enum":
            return None if value in type.values else "one of " + ", ".join(f"`{one}`" for one in type.values)
        case "int" | "decimal" | "money":
            return None if isinstance(value, int | Decimal) and not isinstance(value, bool) else "a number"
        case "json":
            return None
        case _:
            return None if isinstance(value, str) else "a text"


def _expected_list(type: FieldType, value: Any) -> str | None:
    if not isinstance(value, list | tuple):
        return "a list"
    if type.max is not None and len(value) > type.max:
        return f"at most {type.max} items"
    item = type.item
    wrong = (_expected(item, one) for one in value) if item is not None else iter(())
    first = next((one for one in wrong if one is not None), None)
    return None if first is None else f"a list in which each is {first}"
