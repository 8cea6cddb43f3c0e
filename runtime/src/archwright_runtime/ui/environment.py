"""The templates, read and compiled once when the service starts."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

from minijinja import Environment


def build() -> Environment:
    """An environment that escapes everything and refuses a name that nobody gave it."""
    return Environment(
        templates=dict(_sources(resources.files(__package__) / "templates", "")),
        undefined_behavior="strict",
        auto_escape_callback=lambda name: "html",
        trim_blocks=True,
        lstrip_blocks=True,
        debug=False,
        pycompat=False,
    )


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            found += _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".html"):
            found.append((prefix + entry.name, entry.read_text(encoding="utf-8")))
    return found
