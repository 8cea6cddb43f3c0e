"""Arguments that several commands share, declared once."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from .console import Format


def assembly(parser: ArgumentParser) -> None:
    """The assembly; this folder where none is named."""
    text = "An assembly.yaml, or the folder that holds one; else this folder."
    parser.add_argument("assembly", metavar="ASSEMBLY", nargs="?", type=Path, default=Path(), help=text)


def catalog(parser: ArgumentParser) -> None:
    """Where the components are."""
    named = os.environ.get("ARCHWRIGHT_CATALOG")
    text = "Folder of certified components; else ARCHWRIGHT_CATALOG, or the nearest `catalog/`."
    parser.add_argument("--catalog", metavar="FOLDER", type=Path, default=Path(named) if named else None, help=text)


def contract(parser: ArgumentParser) -> None:
    """Which contract has to be fulfilled."""
    text = "An OpenAPI document to fulfil, instead of the one that the assembly names."
    parser.add_argument("--contract", metavar="FILE", type=Path, help=text)


def form(parser: ArgumentParser) -> None:
    """How findings are printed."""
    choices = ", ".join(one.value for one in Format)
    parser.add_argument(
        "--format",
        dest="form",
        metavar="FORMAT",
        type=_format,
        default=Format.TEXT,
        help=f"How findings are printed: {choices}.",
    )


def allow_drop(parser: ArgumentParser) -> None:
    """What may be lost."""
    text = "Name what may be lost by this change; may be repeated."
    parser.add_argument("--allow-drop", metavar="ENTITY[.FIELD]", action="append", default=[], help=text)


def _format(text: str) -> Format:
    try:
        return Format(text.lower())
    except ValueError:
        raise ArgumentTypeError(f"`{text}` is none of {', '.join(one.value for one in Format)}") from None
