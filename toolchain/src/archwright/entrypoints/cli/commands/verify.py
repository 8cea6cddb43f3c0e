"""`archwright verify`: is a built service what its assembly says, byte for byte?"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from .. import options
from ..console import FINDINGS, FINE, Format, report, say

NAME = "verify"
HELP = "Verify that dist/ is exactly what the assembly and its certified components give."
EXAMPLES = "Examples: archwright verify | archwright verify examples/helpdesk --dist /srv/helpdesk"


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    options.assembly(parser)
    parser.add_argument(
        "--dist", metavar="FOLDER", type=Path, help="The built folder; else `dist` beside the assembly."
    )
    options.catalog(parser)
    options.contract(parser)
    options.form(parser)


def run(*, assembly: Path, dist: Path | None, catalog: Path | None, contract: Path | None, form: Format) -> int:
    """Assemble again in memory and compare every file."""
    from ....bootstrap import verify

    verified = verify(assembly, dist=dist, catalog=catalog, contract=contract)
    if report(verified.findings, verified.sources, form):
        return FINDINGS
    say(f"{verified.output} is what the assembly gives: {verified.count} files")
    return FINE
