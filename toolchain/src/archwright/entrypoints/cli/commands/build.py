"""`archwright build`: from an assembly to what is deployed."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from .. import options
from ..console import FINDINGS, FINE, Format, report, say

NAME = "build"
HELP = (
    "Build dist/: plan, lock, migrations, OpenAPI, container and Kubernetes files; the same input gives the same bytes."
)
EXAMPLES = (
    "Examples: archwright build | archwright build examples/inventory --output /srv/inventory --allow-drop Item.note"
)


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    options.assembly(parser)
    parser.add_argument(
        "--output", "-o", metavar="FOLDER", type=Path, help="Folder to write; else `dist` beside the assembly."
    )
    parser.add_argument(
        "--home", metavar="FOLDER", type=Path, help="Folder of the lock and the migrations; else beside the assembly."
    )
    options.catalog(parser)
    options.contract(parser)
    options.allow_drop(parser)
    options.form(parser)


def run(
    *,
    assembly: Path,
    output: Path | None,
    home: Path | None,
    catalog: Path | None,
    contract: Path | None,
    allow_drop: list[str],
    form: Format,
) -> int:
    """Check, then emit and write as a whole: either everything is written or nothing is."""
    from ....bootstrap import build

    built = build(
        assembly, output=output, catalog=catalog, allow_drop=frozenset(allow_drop), home=home, contract=contract
    )
    if report(built.findings, built.sources, form):
        return FINDINGS
    say(f"wrote {built.output}: {built.count} files")
    for line in built.changes:
        say(f"  {line}")
    return FINE
