"""The page of each code: what it does, why it matters, an example, and the fix."""

from __future__ import annotations

from importlib import resources

from ..codes import titles


def page(code: str) -> str:
    """Return the Markdown page of a code.

    Raises:
        KeyError: the code is not registered.
    """
    if code not in titles():
        raise KeyError(code)
    # The pages are part of the package, like its source: reading them is no access to the user's disk.
    return (resources.files(__package__) / f"{code}.md").read_text(encoding="utf-8")


def reference() -> dict[str, str]:
    """Return every page by its file name below ``docs/findings``, with an index."""
    pages = {f"{code}.md": page(code) for code in titles()}
    return {"README.md": _index(), **pages}


def _index() -> str:
    lines = ["# Findings", "", "Every code that a finding may carry.", "`archwright explain CODE` prints its page."]
    area = ""
    for code, title in titles().items():
        if code.partition("/")[0] != area:
            area = code.partition("/")[0]
            lines += ["", f"## {area}", "", "| Code | Meaning |", "|---|---|"]
        lines.append(f"| [`{code}`]({code}.md) | {title} |")
    return "\n".join(lines) + "\n"
