"""`archwright catalog`: the components that may be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..console import FINDINGS, Format, report
from ..options import CatalogPath, OutputFormat

NAME = "catalog"
HELP = "List the certified components; `--index` writes the catalogue's index anew, for those who certify."
EXAMPLES = "Examples: archwright catalog | archwright catalog --catalog catalog --index"


def run(
    catalog: CatalogPath = None,
    index: Annotated[bool, typer.Option("--index", help="Write index.json from the folders as they are now.")] = False,
    form: OutputFormat = Format.TEXT,
) -> None:
    """Show what an assembly may use."""
    from ....bootstrap import certified, write_index

    if index:
        typer.echo(f"wrote {write_index(catalog or Path('catalog'))}")
        return
    components, findings = certified(catalog, near=Path())
    failed = report(findings, {}, form)
    for name in components.names:
        newest = components.versions(name)[-1]
        typer.echo(f"{name} {newest.version}  {newest.manifest.summary}")
    if failed:
        raise typer.Exit(FINDINGS)
