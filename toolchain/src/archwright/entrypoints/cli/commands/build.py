"""`archwright build`: from an assembly to what is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..console import FINDINGS, Format, report, say
from ..options import AllowDrop, AssemblyPath, CatalogPath, OutputFormat

NAME = "build"
HELP = (
    "Build dist/: plan, lock, migrations, OpenAPI, container and Kubernetes files; the same input gives the same bytes."
)
EXAMPLES = (
    "Examples: archwright build | archwright build examples/inventory --output /srv/inventory --allow-drop Item.note"
)


def run(
    assembly: AssemblyPath = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write; else `dist` beside the assembly.")
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", help="Folder of the lock and the migrations; else beside the assembly.")
    ] = None,
    catalog: CatalogPath = None,
    allow_drop: AllowDrop = None,
    form: OutputFormat = Format.TEXT,
) -> None:
    """Check, then emit and write as a whole: either everything is written or nothing is."""
    from ....bootstrap import build

    built = build(assembly, output=output, catalog=catalog, allow_drop=frozenset(allow_drop or ()), home=home)
    if report(built.findings, built.sources, form):
        raise typer.Exit(FINDINGS)
    say(f"wrote {built.output}: {built.count} files")
    for line in built.changes:
        say(f"  {line}")
