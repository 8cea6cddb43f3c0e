"""`archwright verify`: is a built service what its assembly says, byte for byte?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..console import FINDINGS, Format, report, say
from ..options import AssemblyPath, CatalogPath, OutputFormat

NAME = "verify"
HELP = "Verify that dist/ is exactly what the assembly and its certified components give."
EXAMPLES = "Examples: archwright verify | archwright verify examples/helpdesk --dist /srv/helpdesk"


def run(
    assembly: AssemblyPath = Path(),
    dist: Annotated[
        Path | None, typer.Option("--dist", help="The built folder; else `dist` beside the assembly.")
    ] = None,
    catalog: CatalogPath = None,
    form: OutputFormat = Format.TEXT,
) -> None:
    """Assemble again in memory and compare every file."""
    from ....bootstrap import verify

    verified = verify(assembly, dist=dist, catalog=catalog)
    if report(verified.findings, verified.sources, form):
        raise typer.Exit(FINDINGS)
    say(f"{verified.output} is what the assembly gives: {verified.count} files")
