"""The shape of error answers: a certified one, or one of the assembly's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...diagnostics import Collector, did_you_mean
from ...language.assembly import Errors
from .. import plan
from .source import Place

WORDS = ("code", "status", "title", "detail", "request", "message", "messages", "fields", "problems")
"""What a shape may show; nothing else of a failure leaves the service."""
_WORD = re.compile(r"\$\{([^}]*)\}")


def planned(written: Errors | None, place: Place, findings: Collector) -> plan.Errors:
    """The shape and the statuses of all operations."""
    if written is None:
        return plan.Errors()
    for here, word in _words(written.body, place / "body"):
        if word not in WORDS:
            findings.error(
                "assembly/unknown-word",
                here.location,
                f"a failure has no `{word}`",
                expected=", ".join(f"`${{{name}}}`" for name in WORDS),
                found=f"`${{{word}}}`",
                hint=did_you_mean(word, WORDS),
            )
    failures = {
        name: plan.Failure(status=one.status, title=one.title, detail=one.detail)
        for name, one in sorted(written.failures.items())
    }
    shape = "custom" if written.body is not None else written.shape
    return plan.Errors(shape=shape, body=written.body, failures=failures)


def _words(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _words(one, place / name)
    elif isinstance(value, (list, tuple)):
        for position, one in enumerate(value):
            yield from _words(one, place / position)
    elif isinstance(value, str):
        for word in _WORD.findall(value):
            yield place, word.strip()
