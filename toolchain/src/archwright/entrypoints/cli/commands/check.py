"""`archwright check`: every finding of an assembly, nothing written."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from ....diagnostics import Severity
from .. import options
from ..console import FINDINGS, FINE, Format, report, say, show

if TYPE_CHECKING:
    from ....bootstrap import Outcome

NAME = "check"
HELP = "Check an assembly: every finding in one run, nothing written."
EXAMPLES = (
    "Examples: archwright check | archwright check examples/helpdesk --format sarif > findings.sarif\n"
    "          archwright check --contract openapi.yaml --left"
)


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    options.assembly(parser)
    options.catalog(parser)
    options.contract(parser)
    parser.add_argument(
        "--left", action="store_true", help="Print what is left to fulfil the contract, as a list to tick off."
    )
    options.form(parser)


def run(*, assembly: Path, catalog: Path | None, contract: Path | None, left: bool, form: Format) -> int:
    """Read, resolve and prove; print what is wrong."""
    from ....bootstrap import check

    checked = check(assembly, catalog=catalog, contract=contract)
    if left:
        return _left(checked)
    if report(checked.findings, checked.sources, form):
        return FINDINGS
    plan = checked.plan
    if form is Format.TEXT and plan is not None:
        say(f"{plan.name} {plan.version}: {len(plan.entities)} entities, {len(plan.operations)} operations, no error")
        if checked.contract is not None:
            say(f"{checked.contract.name}: all of its {len(checked.contract.kept)} operations are served")
    return FINE


def _left(checked: Outcome) -> int:
    """Every operation of the contract, with what stands in its way, and then everything else."""
    from .... import reporting
    from ....errors import InputError

    account = checked.contract
    kept = account.kept if account is not None else ()
    if account is None and not checked.findings:
        raise InputError("there is no contract", hint="name one in the assembly, or with --contract")
    tasks = [reporting.Task(f"`{one.title}`{f' {one.id}' if one.id else ''}", one.holds, one.findings) for one in kept]
    others = [finding for finding in checked.findings if account is None or finding not in account.findings]
    show(reporting.todo(tasks, others).rstrip("\n"))
    return FINDINGS if any(finding.severity is Severity.ERROR for finding in checked.findings) else FINE
