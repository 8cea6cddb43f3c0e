"""`archwright explain`: the page of a finding's code."""

from __future__ import annotations

from typing import Annotated

import typer

from ....errors import InputError

NAME = "explain"
HELP = "Explain a finding's code: what it means, why it matters, an example and the fix."
EXAMPLES = "Examples: archwright explain assembly/unknown-key | archwright explain --list"


def run(
    code: Annotated[str | None, typer.Argument(help="e.g. assembly/unknown-key")] = None,
    everything: Annotated[bool, typer.Option("--list", help="List every code with its title.")] = False,
) -> None:
    """Print one page, or the list of codes."""
    from ....diagnostics import did_you_mean
    from ....diagnostics.codes import titles
    from ....diagnostics.pages import page

    known = titles()
    if everything or code is None:
        width = max(map(len, known))
        typer.echo("\n".join(f"{name:<{width}}  {title}" for name, title in known.items()))
        return
    if code not in known:
        raise InputError(
            f"no finding has the code `{code}`", hint=did_you_mean(code, known) or "see `archwright explain --list`"
        )
    typer.echo(page(code).rstrip("\n"))
