"""A manifest whose traits are filled in with sample values, so that each can be read and checked on its own."""

from __future__ import annotations

from typing import Any

from archwright.diagnostics import Collector, Location

from .nodes import Entry, Mapping, Node, to_data
from .substitution import Substitution

FACTS = {"path": "/api/self", "name": "self", "field": "row", "label": "row", "people": "accounts.User"}


def sampled(root: Mapping, findings: Collector) -> Mapping:
    """The same manifest with every trait filled in; names that mean nothing in a trait are findings."""
    provides = root.entries.get("provides")
    traits = (
        provides.value.entries.get("traits") if provides is not None and isinstance(provides.value, Mapping) else None
    )
    if provides is None or traits is None or not isinstance(traits.value, Mapping):
        return root
    made = {name: Entry(entry.key, _filled(entry.value, findings)) for name, entry in traits.value.entries.items()}
    below = _with(provides.value, "traits", Entry(traits.key, Mapping(made, traits.value.location)))
    return _with(root, "provides", Entry(provides.key, below))


def _with(node: Node, key: str, entry: Entry) -> Mapping:
    assert isinstance(node, Mapping)
    return Mapping({**node.entries, key: entry}, node.location)


def _filled(trait: Node, findings: Collector) -> Node:
    if not isinstance(trait, Mapping):
        return trait

    def unknown(name: str, place: Location) -> None:
        findings.error(
            "component/unknown-parameter",
            place,
            f"`{name}` means nothing in this trait",
            expected="`parameters.x` with a parameter of the trait, `self.path` and the like",
            found=f"`{name}`",
        )

    stated = trait.entries.get("parameters")
    parameters = to_data(stated.value) if stated is not None else {}
    samples = {name: sample(one) for name, one in parameters.items()} if isinstance(parameters, dict) else {}
    return Substitution("Self", samples, FACTS, everything=True, unknown=unknown).trait(trait)


def sample(written: Any) -> Any:
    """A value that a parameter may have, as far as its declaration can be read: its default, or a simple one."""
    if not isinstance(written, dict):
        return _simple(str(written))
    default = written.get("default")
    if default not in (None, [], ""):
        return Substitution("Self", {}, FACTS).text(default, _NOWHERE) if isinstance(default, str) else default
    if "list" in written:
        return [sample(written["list"])]
    values = written.get("enum")
    return values[0] if isinstance(values, list) and values else _simple(str(written.get("type")))


def _simple(type: str) -> Any:
    if type.startswith("bool"):
        return True
    return 1 if type.startswith("int") else "example"


_NOWHERE = Location("", 1, 1)
