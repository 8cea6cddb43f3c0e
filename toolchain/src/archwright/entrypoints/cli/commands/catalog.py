"""`archwright catalog`: the components that may be used."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import options
from ..console import FINDINGS, FINE, Format, report, show

if TYPE_CHECKING:
    from ....registry.catalog import Catalog

NAME = "catalog"
HELP = "List the certified components; `--index` writes the catalogue's index anew, for those who certify."
EXAMPLES = "Examples: archwright catalog --format json | archwright catalog --catalog catalog --index"


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    options.catalog(parser)
    parser.add_argument("--index", action="store_true", help="Write index.json from the folders as they are now.")
    options.form(parser)


def run(*, catalog: Path | None, index: bool, form: Format) -> int:
    """Show what an assembly may use."""
    from ....bootstrap import certified, write_index

    if index:
        show(f"wrote {write_index(catalog or Path('catalog'))}")
        return FINE
    components, findings = certified(catalog, near=Path())
    if form is Format.JSON and not findings:
        show(json.dumps({"format": 1, "components": list(_described(components))}, indent=2, ensure_ascii=False))
        return FINE
    failed = report(findings, {}, form)
    for name in components.names:
        newest = components.versions(name)[-1]
        show(f"{name} {newest.version}  {newest.manifest.summary}")
    return FINDINGS if failed else FINE


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
