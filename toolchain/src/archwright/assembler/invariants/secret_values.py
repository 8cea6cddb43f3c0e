"""No secret stands in a document: components name the secrets that they need, and deployments give them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...diagnostics import Diagnostic, Location
from ...language.nodes import Mapping as Tree
from ...language.nodes import Node, Scalar
from ..resolve.source import Place
from .proof import Proof, broken

_NAMES = re.compile(
    r"(?:^|[_-])(?:password|passwd|pwd|secret|token|bearer|(?:api|access|private|signing)[_-]?key|credential|passphrase)s?"
    r"(?:$|[_-])",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bgithub_pat_[A-Za-z0-9_]{22,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bsk_live_[A-Za-z0-9]{16,}|\bAIza[A-Za-z0-9_-]{35}\b"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.|://[^/\s:@{}$]+:[^/\s:@{}$]+@"
)
"""Private keys, access keys of well-known providers, tokens in JWT form, and passwords inside addresses."""
_SHORTEST = 8
_TEMPLATE = re.compile(r"\s*\$\{[^{}]*\}\s*")


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report what is named like a secret and given by value, and what has the shape of one wherever it stands."""
    named = {finding.location: finding for finding in _named(proof)}
    yield from named.values()
    for node, key in _scalars(proof.assembly.document.root):
        if node.location not in named and isinstance(node.value, str) and _SHAPES.search(node.value):
            yield _by_value(node.location, key)


def _named(proof: Proof) -> Iterator[Diagnostic]:
    """Values under a telling name: in configuration, in defaults of settings, in what capabilities are given."""
    for alias, use in proof.assembly.model.components.items():
        yield from _values(use.config, Place(proof.assembly, ("components", alias, "config")), alias)
    for name, setting in proof.assembly.model.settings.items():
        yield from _values({name: setting.default}, Place(proof.assembly, ("settings",)), name, "default")
    for _, written, _, place in proof.operations():
        for position, step in enumerate(written.steps):
            if place.source is proof.assembly:
                yield from _values(step.arguments, place / "steps" / position, "arguments")


def _values(values: Mapping[str, Any], place: Place, name: str, *below: str) -> Iterator[Diagnostic]:
    for key, value in values.items():
        here = place / key
        for part in below:
            here = here / part
        yield from _value(value, here, key)


def _value(value: Any, place: Place, name: str) -> Iterator[Diagnostic]:
    if isinstance(value, Mapping):
        yield from _values(value, place, name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for position, item in enumerate(value):
            yield from _value(item, place / position, name)
    elif isinstance(value, str) and value and is_secret_name(name) and not _TEMPLATE.fullmatch(value):
        yield _by_value(place.location, name)


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is probably a secret."""
    return _NAMES.search(_CAMEL.sub("_", name)) is not None


def _scalars(root: Node) -> Iterator[tuple[Scalar, str]]:
    """Every text of a document that is long enough, with the nearest key above it."""
    waiting: list[tuple[Node, str]] = [(root, "this")]
    while waiting:
        node, key = waiting.pop()
        if isinstance(node, Scalar):
            if len(node.text) >= _SHORTEST:
                yield node, key
        elif isinstance(node, Tree):
            waiting.extend((entry.value, name) for name, entry in node.entries.items())
        else:
            waiting.extend((item, key) for item in node.items)


def _by_value(location: Location, name: str) -> Diagnostic:
    # The value itself is never repeated: findings are logged and pasted.
    return broken(
        "secret-by-value",
        location,
        f"`{name}` holds a secret by value",
        expected="no secret in any document",
        hint="the component names the secrets it needs under `requires`; "
        "give them at deployment, as ARCHWRIGHT_SECRET_<NAME>",
    )
