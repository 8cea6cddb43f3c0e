"""The program `archwright`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .commands import build, catalog, check, explain, new, schema, up, verify

application = typer.Typer(
    name="archwright",
    help="Assemble services from certified components: no code, certified by construction.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"archwright {version('archwright')}")
        raise typer.Exit()


@application.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Exit codes: 0 fine, 1 findings, 2 could not run."""


for command in (new, check, build, up, verify, explain, schema, catalog):
    application.command(name=command.NAME, help=command.HELP, epilog=command.EXAMPLES)(command.run)


def main() -> None:
    """Run the program; failures end with one line, never with a traceback."""
    from ...errors import ArchwrightError

    try:
        application()
    except ArchwrightError as error:
        from .console import fail

        try:
            fail(error)
        except typer.Exit as end:
            sys.exit(end.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
