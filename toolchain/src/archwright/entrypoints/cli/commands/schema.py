"""`archwright schema`: the JSON Schema of a document, for editors and agents."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

NAME = "schema"
HELP = "Print the JSON Schema of a document."
EXAMPLES = "Examples: archwright schema assembly > assembly.schema.json"


class Document(StrEnum):
    """Which of the three documents."""

    ASSEMBLY = "assembly"
    COMPONENT = "component"
    ARCHITECTURE = "architecture"


def run(document: Annotated[Document, typer.Argument(help="assembly, component or architecture")]) -> None:
    """Print the schema, generated from the typed models."""
    from ....language.schema import schema_text

    typer.echo(schema_text(document.value).rstrip("\n"))
