"""`archwright check`: every finding of an assembly, nothing written."""

from __future__ import annotations

from pathlib import Path

import typer

from ..console import FINDINGS, Format, report, say
from ..options import AssemblyPath, CatalogPath, OutputFormat

NAME = "check"
HELP = "Check an assembly: every finding in one run, nothing written."
EXAMPLES = "Examples: archwright check | archwright check examples/helpdesk --format sarif > findings.sarif"


def run(assembly: AssemblyPath = Path(), catalog: CatalogPath = None, form: OutputFormat = Format.TEXT) -> None:
    """Read, resolve and prove; print what is wrong."""
    from ....bootstrap import check

    checked = check(assembly, catalog=catalog)
    if report(checked.findings, checked.sources, form):
        raise typer.Exit(FINDINGS)
    plan = checked.plan
    if form is Format.TEXT and plan is not None:
        say(f"{plan.name} {plan.version}: {len(plan.entities)} entities, {len(plan.operations)} operations, no error")
