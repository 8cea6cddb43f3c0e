"""The program `archwright`."""

from __future__ import annotations

import gc
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from ...errors import ArchwrightError, InputError
from .console import COULD_NOT_RUN, fail

COMMANDS = ("new", "check", "build", "up", "verify", "explain", "schema", "catalog")
_DESCRIPTION = "Assemble services from certified components: no code, certified by construction."
_CODES = "Exit codes: 0 fine, 1 findings, 2 could not run."


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program; failures end with one line, never with a traceback."""
    gc.disable()  # a command ends before cycles matter; those that stay turn it on again
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # what a document means depends on no plugin
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: Sequence[str]) -> int:
    try:
        parser = _parser(arguments)
        if not arguments:
            parser.print_help()
            return COULD_NOT_RUN
        options = vars(parser.parse_args(arguments))
        code: int = options.pop("command").run(**options)
        sys.stdout.flush()
        return code
    except ArchwrightError as error:
        return fail(error)
    except BrokenPipeError:
        # Whoever read the result has seen enough; nothing is left to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return fail(InputError(f"cannot use {error.filename or 'a file'}: {reason}"))
    except KeyboardInterrupt:
        return 130


def _parser(arguments: Sequence[str]) -> ArgumentParser:
    """The parser of the named command, or of all where help is wanted; the others are not even loaded."""
    parser = ArgumentParser("archwright", description=_DESCRIPTION, epilog=_CODES)
    parser.add_argument("--version", action="version", version=_version() if "--version" in arguments else "")
    commands = parser.add_subparsers(title="Commands", metavar="COMMAND", required=True)
    named = arguments[0] if arguments and arguments[0] in COMMANDS else None
    for name in COMMANDS if named is None else (named,):
        module: Any = import_module(f"{__package__}.commands.{name}")
        command = commands.add_parser(
            name,
            help=module.HELP.replace("%", "%%"),
            description=module.HELP,
            epilog=module.EXAMPLES,
            formatter_class=RawDescriptionHelpFormatter,
        )
        module.declare(command)
        command.set_defaults(command=module)
    return parser


def _version() -> str:
    from importlib.metadata import version

    return f"archwright {version('archwright')}"
