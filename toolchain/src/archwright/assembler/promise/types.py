"""Schemas of a contract as types of the language: what they leave loose gets a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .interface import Spot
from .schema import Atom, TooComplexError, atoms

_LONGEST = 1_000_000
_USUAL = 1000
"""Characters of a text that the contract leaves unbounded."""
_ITEMS = 100
_FORMATS = {
    "date-time": "datetime",
    "date": "date",
    "email": "email",
    "uuid": "uuid",
    "uri": "url",
    "url": "url",
    "duration": "duration",
    "binary": "file(5MB)",
}
_SAFE = 2**53 - 1


@dataclass(frozen=True)
class Taken:
    """A type as the language writes it, with the keys beside it.

    Attributes:
        guessed: whether the contract does not say enough and a usual bound was taken.
    """

    keys: dict[str, Any]
    guessed: bool = False


def value_of(*schemas: Spot) -> Atom | None:
    """The one alternative of a schema that is not null; nothing where there are several or none."""
    if not schemas or all(spot.value is None for spot in schemas):
        return None
    try:
        found = [atom for atom in atoms(schemas) if atom.type != "null"]
    except TooComplexError:
        return None
    if len(found) > 1 and found[0].untyped and any(atom.members for atom in found):
        found = [atom for atom in found if atom.type == "object"]
    return found[0] if len(found) == 1 else None


def taken(*schemas: Spot, required: bool = False) -> Taken:
    """What an input of such a schema takes."""
    made = typed(*schemas)
    keys = dict(made.keys)
    if required:
        keys["required"] = True
    if _nullable(schemas):
        keys["nullable"] = True
    return Taken(keys, made.guessed)


def typed(*schemas: Spot) -> Taken:
    """The type of a value."""
    atom = value_of(*schemas)
    if atom is None:
        return Taken({"type": "json(10KB)"}, guessed=True)
    match atom.type:
        case "string":
            return _text(atom)
        case "integer":
            return Taken({"type": _whole(atom)})
        case "number":
            return Taken({"type": "decimal(15,2)"}, guessed=True)
        case "boolean":
            return Taken({"type": "bool"})
        case "array":
            item = typed(*atom.items) if atom.items else Taken({"type": f"text({_USUAL})"}, guessed=True)
            plain = "type" in item.keys and not item.keys["type"].startswith(("json", "file"))
            inner = item.keys if plain or "enum" in item.keys else {"type": "json(10KB)"}
            most = _bounded(atom.longest, _ITEMS, 1000)
            return Taken({"list": inner, "max": most}, guessed=atom.longest is None or item.guessed)
        case _:
            return Taken({"type": "json(10KB)"}, guessed=True)


def _text(atom: Atom) -> Taken:
    values = atom.enum
    if values and len(values) <= 200 and all(0 < len(value) <= 100 for value in values):
        return Taken({"enum": list(dict.fromkeys(values))})
    kind = next((_FORMATS[one] for one in atom.formats if one in _FORMATS), None)
    if kind is not None:
        return Taken({"type": kind})
    most = _bounded(atom.longest, _USUAL, _LONGEST)
    least = atom.shortest if isinstance(atom.shortest, int) and 0 < atom.shortest <= most else None
    bounds = f"{least}..{most}" if least else f"{most}"
    return Taken({"type": f"text({bounds})"}, guessed=atom.longest is None)


def _whole(atom: Atom) -> str:
    low, high = (bound if bound is None else int(bound) for bound in (atom.low, atom.high))
    if (low is None and high is None) or not -_SAFE <= (low or 0) <= (high if high is not None else _SAFE) <= _SAFE:
        return "int"
    return f"int({'' if low is None else low}..{'' if high is None else high})"


def _bounded(written: Any, usual: int, most: int) -> int:
    return min(written, most) if isinstance(written, int) and written > 0 else usual


def _nullable(schemas: tuple[Spot, ...]) -> bool:
    try:
        found = atoms(schemas) if schemas else []
    except TooComplexError:
        return False
    return any(atom.type == "null" for atom in found) and not all(atom.untyped for atom in found)
