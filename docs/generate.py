"""Write what is generated: schemas, findings, the language, components, examples. ``--check`` only says what is stale.

What is generated lives beside what is written by hand, so that it is read on the web like any other page; a stale page
fails `make lint`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import components

import examples
from archwright.diagnostics import pages
from archwright.language import reference, schema

_ROOT = Path(__file__).resolve().parent.parent
_SOURCES: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "schemas": schema.files,
    "docs/findings": pages.reference,
    "docs/language": reference.files,
    "docs/components": components.files,
    "docs/examples": examples.files,
}


def main() -> int:
    """Write everything, or with ``--check`` name what differs."""
    parser = argparse.ArgumentParser(prog="docs/generate.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is stale")
    checking = parser.parse_args().check
    stale = [line for folder, files in _SOURCES.items() for line in _bring(_ROOT / folder, files(), checking)]
    print("\n".join(stale) or "everything generated is up to date")
    if checking and stale:
        print("run `make docs` and commit the result", file=sys.stderr)
        return 1
    return 0


def _bring(folder: Path, files: Mapping[str, str], checking: bool) -> list[str]:
    """Make a folder hold exactly these files; return a line for each difference."""
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    lines = []
    for name in sorted(there | files.keys()):
        path, text = folder / name, files.get(name)
        if text is None:
            lines.append(f"superfluous: {path.relative_to(_ROOT)}")
            if not checking:
                path.unlink()
        elif name not in there or path.read_text(encoding="utf-8") != text:
            lines.append(f"{'stale' if name in there else 'missing'}: {path.relative_to(_ROOT)}")
            if not checking:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return lines


if __name__ == "__main__":
    sys.exit(main())
