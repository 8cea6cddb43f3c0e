"""`archwright check`: every finding of an assembly, nothing written."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from .. import options
from ..console import FINDINGS, FINE, Format, report, say

NAME = "check"
HELP = "Check an assembly: every finding in one run, nothing written."
EXAMPLES = "Examples: archwright check | archwright check examples/helpdesk --format sarif > findings.sarif"


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    options.assembly(parser)
    options.catalog(parser)
    options.form(parser)


def run(*, assembly: Path, catalog: Path | None, form: Format) -> int:
    """Read, resolve and prove; print what is wrong."""
    from ....bootstrap import check

    checked = check(assembly, catalog=catalog)
    if report(checked.findings, checked.sources, form):
        return FINDINGS
    plan = checked.plan
    if form is Format.TEXT and plan is not None:
        say(f"{plan.name} {plan.version}: {len(plan.entities)} entities, {len(plan.operations)} operations, no error")
    return FINE
