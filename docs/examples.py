"""The examples as a table, made from their assemblies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archwright.language.assembly import Assembly, read_assembly

_EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
_HEAD = """\
# Examples

Complete services, assembled without a line of code; each has a page that says what was assembled from what.
Run one with `archwright up examples/<name> --demo`.

| Example | What it is | Components |
|---|---|---|"""


def files() -> dict[str, str]:
    """Every page by its file name below ``docs/examples``."""
    return {"README.md": "\n".join((_HEAD, *_rows())) + "\n"}


def _rows() -> Iterator[str]:
    for path in sorted(_EXAMPLES.glob("*/assembly.yaml")):
        document, findings = read_assembly(path.read_bytes(), str(path))
        if document is None:
            raise SystemExit(f"{path} cannot be read: {[finding.message for finding in findings]}")
        yield f"| [{path.parent.name}](../../examples/{path.parent.name}/README.md) | {_what(document.model)} |"


def _what(assembly: Assembly) -> str:
    names = dict.fromkeys(one.use.name for one in assembly.components.values())
    links = (f"[`{name}`](../../catalog/{name.partition('/')[2]}/README.md)" for name in names)
    return f"{(assembly.description or '').strip()} | {', '.join(links)}"
