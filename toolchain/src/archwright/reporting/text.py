"""Findings for people at a terminal: what, where with the line itself, what to do. Readable without colour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from archwright.diagnostics import Diagnostic, Location, Severity

from .counting import summary
from .printable import printable, width

_LINE = re.compile("\r\n|\r|\n")
_WIDEST = 110
_CODES = {"error": "1;31", "warning": "1;33", "note": "1;36", "place": "34", "hint": "32", "bold": "1"}


def text(findings: Iterable[Diagnostic], sources: Mapping[str, str], *, colour: bool = False) -> str:
    """Return all findings as text, the summary last; nothing where there are none.

    Args:
        sources: the text of each file, by the name that locations carry; without it the excerpt is left out.
    """
    found = tuple(findings)
    if not found:
        return ""
    paint = _Paint(colour)
    lines = {file: _LINE.split(source) for file, source in sources.items()}
    blocks = ["\n".join(_block(finding, lines, paint)) for finding in found]
    return "\n\n".join([*blocks, paint("bold", summary(found))]) + "\n"


class _Paint:
    """Wraps text into terminal colours, or leaves it alone."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, name: str, words: str) -> str:
        return f"\x1b[{_CODES[name]}m{words}\x1b[0m" if self._on else words


def _block(finding: Diagnostic, lines: Mapping[str, list[str]], paint: _Paint) -> Iterator[str]:
    head = paint(finding.severity.value, f"{finding.severity.value}[{finding.code}]")
    yield f"{head}: {printable(finding.message)}"
    yield from _excerpt(finding.location, lines, paint, finding.severity)
    for name, value in (("expected", finding.expected), ("found", finding.found)):
        if value is not None and value not in finding.message:
            yield f"  {name}: {printable(value)}"
    for step in finding.path:
        yield f"  {paint('note', 'then')}: {printable(step.note)}"
        yield from _excerpt(step.location, lines, paint, Severity.NOTE)
    if finding.hint is not None:
        yield f"{paint('hint', 'hint')}: {printable(finding.hint)}"


def _excerpt(place: Location, lines: Mapping[str, list[str]], paint: _Paint, severity: Severity) -> Iterator[str]:
    yield f"  {paint('place', '-->')} {printable(str(place))}"
    source = lines.get(place.file, ())
    if not 0 < place.line <= len(source):
        return
    line = source[place.line - 1]
    start = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(line.rstrip())
    cut = max(0, min(start - _WIDEST // 2, len(line) - _WIDEST)) if len(line) > _WIDEST else 0
    shown = line[cut : cut + _WIDEST]
    before, marked = printable(shown[: start - cut]), printable(shown[start - cut : max(end, start) - cut])
    margin = " " * len(str(place.line))
    yield f" {paint('place', f'{place.line} |')} {printable(shown)}".rstrip()
    carets = "^" * max(1, width(marked))
    yield f" {margin} {paint('place', '|')} {' ' * width(before)}{paint(severity.value, carets)}"
