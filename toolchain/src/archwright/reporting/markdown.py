"""Findings for comments on a change: Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from archwright.diagnostics import Diagnostic

from .counting import summary
from .printable import printable

_CODE = re.compile("(`[^`]*`)")
_SPECIAL = re.compile(r"([\\*_\[\]<>|#~&])")


def markdown(findings: Iterable[Diagnostic]) -> str:
    """Return a heading with the numbers and one list item for each finding."""
    found = tuple(findings)
    if not found:
        return "No findings\n"
    items = ["\n".join(_item(finding)) for finding in found]
    return "\n".join([f"### {summary(found)}", "", *items]) + "\n"


def _item(finding: Diagnostic) -> Iterator[str]:
    place = _span(str(finding.location))
    yield f"- **{finding.severity.value}** {_span(finding.code)} {place}: {_escape(finding.message)}"
    for name, value in (("expected", finding.expected), ("found", finding.found)):
        if value is not None and value not in finding.message:
            yield f"  - {name}: {_escape(value)}"
    for step in finding.path:
        yield f"  - then {_span(str(step.location))}: {_escape(step.note)}"
    if finding.hint is not None:
        yield f"  - hint: {_escape(finding.hint)}"


def _escape(text: str) -> str:
    """Keep backticks as code and take every other character literally."""
    parts = _CODE.split(printable(text))
    return "".join(
        part if part.startswith("`") and part.endswith("`") and len(part) > 1 else _plain(part) for part in parts
    )


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("`", "\\`")


def _span(text: str) -> str:
    shown = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}{shown}{fence}"
