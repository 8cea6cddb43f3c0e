"""What is left, as a list to tick off."""

from __future__ import annotations

from archwright.diagnostics import Diagnostic, Location, Severity
from archwright.reporting import Task, todo

_OPEN = Diagnostic(
    "contract/missing-status", Severity.ERROR, Location("openapi.yaml", 3, 5), "`GET /a`: the answer 202 is never given"
)
_ELSEWHERE = Diagnostic(
    "invariant/no-access-rule",
    Severity.ERROR,
    Location("assembly.yaml", 9, 3),
    "`A` does not say who",
    "`access`",
    "none",
)


def test_tasks() -> None:
    """Tasks stand in their order with what is in their way, and everything else after them."""
    text = todo([Task("`GET /a`", False, (_OPEN,)), Task("`GET /b`", True)], [_ELSEWHERE])

    assert text == (
        "# 1 of 2 done\n\n"
        "- [ ] `GET /a`\n  - the answer 202 is never given (contract/missing-status)\n"
        "- [x] `GET /b`\n\n"
        "## Besides\n\n"
        "- [ ] assembly.yaml:9:3: `A` does not say who; expected `access`; found none (invariant/no-access-rule)\n"
    )


def test_hidden_characters() -> None:
    """What a document says never controls the terminal of its reader."""
    assert "\x1b" not in todo([Task("`GET /\x1b[2J`", False)])
