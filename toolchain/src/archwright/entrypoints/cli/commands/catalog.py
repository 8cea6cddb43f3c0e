"""`archwright catalog`: the components that may be used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..console import FINDINGS, Format, report
from ..options import CatalogPath, OutputFormat

if TYPE_CHECKING:
    from ....registry.catalog import Catalog

NAME = "catalog"
HELP = "List the certified components; `--index` writes the catalogue's index anew, for those who certify."
EXAMPLES = "Examples: archwright catalog --format json | archwright catalog --catalog catalog --index"


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
    if form is Format.JSON and not findings:
        typer.echo(json.dumps({"format": 1, "components": list(_described(components))}, indent=2, ensure_ascii=False))
        return
    failed = report(findings, {}, form)
    for name in components.names:
        newest = components.versions(name)[-1]
        typer.echo(f"{name} {newest.version}  {newest.manifest.summary}")
    if failed:
        raise typer.Exit(FINDINGS)


def _described(components: Catalog) -> Iterator[dict[str, Any]]:
    """What somebody who chooses a component wants to know about each."""
    for name in components.names:
        newest = components.versions(name)[-1]
        manifest = newest.manifest
        yield {
            "name": name,
            "version": newest.version,
            "summary": manifest.summary,
            "use_when": manifest.use_when,
            "avoid_when": manifest.avoid_when,
            "examples": list(manifest.examples),
            "capabilities": sorted(manifest.provides.capabilities),
            "traits": sorted(manifest.provides.traits),
        }
