"""What `archwright new` writes."""

from __future__ import annotations

from importlib import resources


def starter(name: str) -> dict[str, bytes]:
    """The files of a small service that runs, by path."""
    here = resources.files(__package__) / "starter"
    names = ("assembly.yaml", "demo.yaml")
    return {file: (here / file).read_text(encoding="utf-8").replace("starter-name", name).encode() for file in names}
