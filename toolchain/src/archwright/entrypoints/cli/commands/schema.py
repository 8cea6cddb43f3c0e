"""`archwright schema`: the JSON Schema of a document, for editors and agents."""

from __future__ import annotations

from argparse import ArgumentParser

from ..console import FINE, show

NAME = "schema"
HELP = "Print the JSON Schema of a document."
EXAMPLES = "Examples: archwright schema assembly > assembly.schema.json"
DOCUMENTS = ("assembly", "component", "architecture")


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("document", metavar="DOCUMENT", choices=DOCUMENTS, help=", ".join(DOCUMENTS))


def run(*, document: str) -> int:
    """Print the schema, generated from the typed models."""
    from ....language.schema import schema_text

    show(schema_text(document).rstrip("\n"))
    return FINE
