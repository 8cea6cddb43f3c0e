"""No secret stands in a document: components name the secrets that they need, and deployments give them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...diagnostics import Diagnostic
from ..resolve.source import Place
from .proof import Proof, broken

_NAMES = re.compile(
    r"(?:^|[_-])(?:password|passwd|secret|token|api[_-]?key|private[_-]?key|credential|passphrase)s?(?:$|[_-])", re.I
)
_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.|://[^/\s:@]+:[^/\s:@]+@"
)
"""Private keys, access keys of well-known providers, tokens in JWT form, and passwords inside addresses."""


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report values that are or look like secrets, in configuration and in defaults of settings."""
    for alias, use in proof.assembly.model.components.items():
        yield from _mapping(use.config, Place(proof.assembly, ("components", alias, "config")), proof)
    for name, setting in proof.assembly.model.settings.items():
        place = Place(proof.assembly, ("settings", name, "default"))
        if (
            isinstance(setting.default, str)
            and (_NAMES.search(name) or _SHAPES.search(setting.default))
            and setting.default
        ):
            yield _by_value(place, name)


def _mapping(config: Mapping[str, Any], place: Place, proof: Proof) -> Iterator[Diagnostic]:
    for key, value in config.items():
        here = place / key
        if isinstance(value, Mapping):
            yield from _mapping(value, here, proof)
        elif (
            isinstance(value, str)
            and value
            and (_SHAPES.search(value) or (_NAMES.search(key) and not value.startswith("${")))
        ):
            yield _by_value(here, key)


def _by_value(place: Place, name: str) -> Diagnostic:
    # The value itself is never repeated: findings are logged and pasted.
    return broken(
        "secret-by-value",
        place.location,
        f"`{name}` holds a secret by value",
        expected="no secret in any document",
        hint="the component names the secrets it needs under `requires`; "
        "give them at deployment, as ARCHWRIGHT_SECRET_<NAME>",
    )
