"""`archwright explain`: the page of a finding's code."""

from __future__ import annotations

from argparse import ArgumentParser

from ....errors import InputError
from ..console import FINE, show

NAME = "explain"
HELP = "Explain a finding's code: what it means, why it matters, an example and the fix."
EXAMPLES = "Examples: archwright explain assembly/unknown-key | archwright explain --list"


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("code", metavar="CODE", nargs="?", help="e.g. assembly/unknown-key")
    parser.add_argument("--list", dest="everything", action="store_true", help="List every code with its title.")


def run(*, code: str | None, everything: bool) -> int:
    """Print one page, or the list of codes."""
    from ....diagnostics import did_you_mean
    from ....diagnostics.codes import titles
    from ....diagnostics.pages import page

    known = titles()
    if everything or code is None:
        width = max(map(len, known))
        show("\n".join(f"{name:<{width}}  {title}" for name, title in known.items()))
        return FINE
    if code not in known:
        raise InputError(
            f"no finding has the code `{code}`", hint=did_you_mean(code, known) or "see `archwright explain --list`"
        )
    show(page(code).rstrip("\n"))
    return FINE
