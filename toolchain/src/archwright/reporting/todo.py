"""What is left to do, as a list in Markdown to tick off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from archwright.diagnostics import Diagnostic, Severity

from .printable import printable


class Task(NamedTuple):
    """One thing that has to hold, and what stands in its way."""

    title: str
    done: bool
    findings: tuple[Diagnostic, ...] = ()


def todo(tasks: Iterable[Task], others: Iterable[Diagnostic] = ()) -> str:
    """Tasks in their order, then the findings that belong to none of them."""
    listed = tuple(tasks)
    lines = [line for task in listed for line in _task(task)]
    rest = [line for finding in others for line in _finding(finding)]
    done = sum(1 for task in listed if task.done)
    head = [f"# {done} of {len(listed)} done", ""] if listed else []
    tail = ["", "## Besides", "", *rest] if rest else []
    return "\n".join([*head, *lines, *tail]) + "\n"


def _task(task: Task) -> Iterator[str]:
    yield f"- [{'x' if task.done else ' '}] {printable(task.title)}"
    for finding in task.findings:
        yield f"  - {_words(finding)}"


def _finding(finding: Diagnostic) -> Iterator[str]:
    mark = "- [ ] " if finding.severity is Severity.ERROR else "- "
    yield f"{mark}{printable(str(finding.location))}: {_words(finding)}"


def _words(finding: Diagnostic) -> str:
    """The finding in one line; the task says already which operation it is about."""
    parts = [finding.message.partition("`: ")[2] if finding.area == "contract" else finding.message]
    parts[0] = parts[0] or finding.message
    for name, value in (("expected", finding.expected), ("found", finding.found)):
        if value is not None and value not in finding.message:
            parts.append(f"{name} {value}")
    return printable(f"{'; '.join(parts)} ({finding.code})")
