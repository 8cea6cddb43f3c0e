"""How every command prints and ends: results to stdout, the rest to stderr; 0 fine, 1 findings, 2 could not run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum

from ...diagnostics import Diagnostic, Severity
from ...errors import ArchwrightError

FINE, FINDINGS, COULD_NOT_RUN = 0, 1, 2


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"


def colours(stream_is_terminal: bool) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR is set (no-color.org); FORCE_COLOR turns it on."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream_is_terminal and os.environ.get("TERM") != "dumb")


def report(findings: Iterable[Diagnostic], sources: Mapping[str, str], form: Format) -> bool:
    """Print findings to stdout; True when one of them stops the build."""
    found = tuple(findings)
    if not found and form is Format.TEXT:
        return False
    from ... import reporting

    if form is Format.TEXT:
        text = reporting.text(found, sources, colour=colours(sys.stdout.isatty()))
    else:
        text = {Format.JSON: reporting.json, Format.SARIF: reporting.sarif, Format.MARKDOWN: reporting.markdown}[form](
            found
        )
    if text:
        show(text.rstrip("\n"))
    return any(finding.severity is Severity.ERROR for finding in found)


def show(text: str) -> None:
    """Print a part of the result."""
    print(text, file=sys.stdout)


def say(message: str) -> None:
    """Tell the person how it goes; never part of a result."""
    sys.stdout.flush()
    print(message, file=sys.stderr)


def fail(error: ArchwrightError) -> int:
    """Say the one translation of a failure; the exit code that goes with it."""
    say(f"error: {error.message}")
    if error.hint:
        say(f"hint: {error.hint}")
    return COULD_NOT_RUN
