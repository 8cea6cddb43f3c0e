"""What a trait becomes for one entity: ``Self`` is the entity's name, ``${parameters.x}`` what it says to the trait."""

from __future__ import annotations

import re
from collections.abc import Mapping as Values
from typing import Any

from archwright.diagnostics import Location

from .nodes import Entry, Mapping, Node, Scalar, Sequence

_SELF = re.compile(r"\bSelf(?=[A-Z]|\b)")
_USE = re.compile(r"\$\{\s*parameters\.([a-z][a-z0-9_]*)\s*\}")


def substitute(root: Mapping, entity: str, parameters: Values[str, Any]) -> Mapping:
    """Return the tree of a trait with both marks filled in; places stay those of the manifest."""
    entries = {
        str(_filled(key, entity, parameters)): Entry(one.key, _node(one.value, entity, parameters))
        for key, one in root.entries.items()
    }
    return Mapping(entries, root.location)


def _node(node: Node, entity: str, parameters: Values[str, Any]) -> Node:
    if type(node) is Mapping:
        return substitute(node, entity, parameters)
    if type(node) is Sequence:
        return Sequence(tuple(_node(item, entity, parameters) for item in node.items), node.location)
    assert type(node) is Scalar
    if not isinstance(node.value, str):
        return node
    filled = _filled(node.value, entity, parameters)
    return node if filled == node.value else _of_data(filled, node.location)


def _filled(text: str, entity: str, parameters: Values[str, Any]) -> Any:
    whole = _USE.fullmatch(text)
    if whole is not None:
        return parameters.get(whole[1])
    return _SELF.sub(entity, _USE.sub(lambda use: str(parameters.get(use[1])), text))


def _of_data(value: Any, location: Location) -> Node:
    if isinstance(value, dict):
        return Mapping({str(key): Entry(location, _of_data(item, location)) for key, item in value.items()}, location)
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(_of_data(item, location) for item in value), location)
    return Scalar(value, str(value), isinstance(value, str), location)
