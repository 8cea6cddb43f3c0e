"""Names made readable: ``due_on`` is shown as "Due on"."""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[\s_\-]+")
_ABBREVIATIONS = {"id": "ID", "url": "URL", "sku": "SKU", "api": "API", "hr": "HR", "ip": "IP", "vat": "VAT"}


def humanise(name: str) -> str:
    """A name of the assembly as a person would write it."""
    words = [word for word in _BETWEEN.split(_CAMEL.sub(" ", name.rpartition(".")[2])) if word]
    if not words:
        return name
    spoken = [
        _ABBREVIATIONS.get(word.lower(), word if word.isupper() and len(word) > 1 else word.lower()) for word in words
    ]
    if spoken[-1] == "ID" and len(spoken) > 1:
        spoken.pop()
    return spoken[0][:1].upper() + " ".join(spoken)[1:]


def value_label(value: str) -> str:
    """A value of an enum as a person would write it."""
    return humanise(value) if value else "—"
