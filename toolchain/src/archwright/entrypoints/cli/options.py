"""Options that several commands share, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import Format

AssemblyPath = Annotated[
    Path,
    typer.Argument(
        metavar="ASSEMBLY", help="An assembly.yaml, or the folder that holds one.", show_default="this folder"
    ),
]
CatalogPath = Annotated[
    Path | None,
    typer.Option(
        "--catalog", envvar="ARCHWRIGHT_CATALOG", help="Folder of certified components; else the nearest `catalog/`."
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How findings are printed.", case_sensitive=False)]
AllowDrop = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-drop", metavar="ENTITY[.FIELD]", help="Name what may be lost by this change; may be repeated."
    ),
]
