"""What the operations of a contract are about: entities, and the usual things that are done with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from . import wire
from .inheritance import success
from .interface import Described, Interface, Spot
from .names import pascal, plain, snake
from .schema import Atom
from .types import value_of

Action = Literal["list", "get", "create", "update", "delete"]

_PARAMETER = re.compile(r"\{([^{}/]*)\}")
_MOST_ENTITIES = 200
_USUAL_ENVELOPES = ("data", "result", "results", "items", "rows", "records", "content", "value", "values", "list")
"""Names that say nothing about what they hold."""


@dataclass
class Resource:
    """One kind of row.

    Attributes:
        answered: the members of its rows in answers, by their names on the wire.
        sent: the members that clients give when they create one.
        keys: members by which single rows are looked up.
        owners: the resources that it lies below in paths.
    """

    name: str
    answered: dict[str, tuple[Spot, ...]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    sent: dict[str, tuple[Spot, ...]] = field(default_factory=dict)
    demanded: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Recognised:
    """One operation of a contract as far as it is understood.

    Attributes:
        action: what it does with its resource; nothing where that is not plain.
        key: the parameter that names the row.
        owner: the resource that the path names before, with its own parameter.
    """

    described: Described
    resource: str | None = None
    action: Action | None = None
    key: str | None = None
    owner: tuple[str, str] | None = None


@dataclass(frozen=True)
class Resources:
    """Everything that was recognised."""

    resources: Mapping[str, Resource]
    operations: tuple[Recognised, ...]


def recognise(interface: Interface) -> Resources:
    """Resources by what is answered and where, and the operations over them."""
    found: dict[str, Resource] = {}
    collections: dict[str, str] = {}
    for described in interface.operations:
        name, atom = _answered(described)
        if name is None or atom is None or len(found) >= _MOST_ENTITIES:
            continue
        resource = found.setdefault(name, Resource(name))
        _add(resource, atom)
        if _fits(_segment(described.path), name):
            collections.setdefault(_collection(described.path), name)
    operations = tuple(_recognised(described, found, collections) for described in interface.operations)
    for one in operations:
        _note(one, found)
    return Resources(found, operations)


def _add(resource: Resource, atom: Atom) -> None:
    for name in atom.names:
        resource.answered.setdefault(name, atom.named(name) or ())
    resource.required |= set(atom.required)


def _note(one: Recognised, found: dict[str, Resource]) -> None:
    """What an operation tells about its resource."""
    resource = found.get(one.resource or "")
    if resource is None:
        return
    if one.action in ("create", "update"):
        atom = wire.contents(one.described)
        for name in atom.names if atom is not None else ():
            resource.sent.setdefault(name, (atom.named(name) or ()) if atom is not None else ())
        if one.action == "create" and atom is not None:
            resource.demanded |= set(atom.required)
    if one.key is not None and _member(resource, one.key) is not None:
        resource.keys.add(one.key)
    if one.owner is not None:
        resource.owners.add(one.owner[0])


def _recognised(described: Described, found: dict[str, Resource], collections: dict[str, str]) -> Recognised:
    path = described.path
    single = path.endswith("}")
    name = collections.get(_collection(path))
    answered, _ = _answered(described)
    if name is None or (answered is not None and answered != name):
        return Recognised(described, answered if answered in found else name)
    key = _PARAMETER.findall(path)[-1] if single else None
    action: Action | None = None
    match described.method:
        case "GET":
            action = "get" if single or not _is_list(described) else "list"
        case "POST" if not single:
            action = "create"
        case "PUT" | "PATCH" if single:
            action = "update"
        case "DELETE" if single:
            action = "delete"
        case _:
            pass
    if action == "get" and key is None:
        action = None
    return Recognised(described, name, action, key, _owner(path, name, collections))


def _owner(path: str, name: str, collections: dict[str, str]) -> tuple[str, str] | None:
    """The resource above: of `/articles/{slug}/comments` the article with its slug."""
    above = _collection(path).rpartition("/")[0]
    owner = collections.get(_collection(above)) if above.endswith("}") else None
    return (owner, _PARAMETER.findall(above)[-1]) if owner is not None and owner != name else None


def _collection(path: str) -> str:
    """The path of all rows: of `/tags/{id}` it is `/tags`."""
    return path.rpartition("/")[0] if path.endswith("}") else path


def _segment(path: str) -> str:
    return _collection(path).rpartition("/")[2]


def _fits(segment: str, name: str) -> bool:
    """Whether a part of a path is the plural or the singular of a name."""
    return plain(name) in (plain(segment), *(plain(one) for one in singulars(segment)))


def singulars(word: str) -> Iterator[str]:
    """What a plural may be the plural of.

    >>> list(singulars("categories")), list(singulars("boxes")), list(singulars("articles"))
    (['category', 'categorie'], ['box', 'boxe'], ['article'])
    """
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith(("ses", "xes", "zes", "ches", "shes")):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]


def _is_list(described: Described) -> bool:
    found = _result(described)
    return found is not None and found.type == "array"


def _result(described: Described) -> Atom | None:
    """What an answer holds, out of its envelope."""
    status = success(described)
    answer = described.responses.get(str(status))
    found = value_of(wire.document_of(answer)) if answer is not None else None
    held = wire.envelope(described, status).member
    if found is not None and isinstance(held, str):
        return value_of(*(found.named(held) or ()))
    if found is not None and found.type == "object":
        lists = [name for name in found.names if _kind(found, name) == "array"]
        if len(lists) == 1 and "items" in (value_of(*(found.named(lists[0]) or ())) or found).where:
            rows = value_of(*(found.named(lists[0]) or ()))
            item = value_of(*rows.items) if rows is not None and rows.items else None
            if item is not None and item.type == "object" and _fits(_segment(described.path), _name(item, described)):
                return rows
    return found


def _kind(atom: Atom, name: str) -> str | None:
    return getattr(value_of(*(atom.named(name) or ())), "type", None)


def _answered(described: Described) -> tuple[str | None, Atom | None]:
    """The name and the members of the rows that an operation answers."""
    found = _result(described)
    if found is not None and found.type == "array":
        found = value_of(*found.items) if found.items else None
    if found is None or found.type != "object" or not found.names:
        return None, None
    return _name(found, described), found


def _name(atom: Atom, described: Described) -> str:
    """The name of a component schema, else that of the path."""
    pointer = atom.spot.pointer
    if len(pointer) == 3 and pointer[:2] == ("components", "schemas"):
        return pascal(str(pointer[2]))
    held = wire.envelope(described, success(described)).member
    word = held if isinstance(held, str) and held not in _USUAL_ENVELOPES else _segment(described.path)
    return pascal(next(singulars(word), word))


def _member(resource: Resource, parameter: str) -> str | None:
    """The member that a parameter of the path names."""
    return next((name for name in resource.answered if snake(name) == snake(parameter)), None)
