"""`archwright new`: a first assembly that runs at once."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path

from ....errors import InputError
from .. import options
from ..console import FINDINGS, FINE, Format, report, say

NAME = "new"
HELP = "Begin an assembly: a folder with a small service that already runs."
EXAMPLES = (
    "Examples: archwright new tasks | archwright new holiday-planner --folder services/holiday-planner\n"
    "          archwright new blog --contract openapi.yaml"
)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("name", metavar="NAME", help="The name of the service, such as `tasks`.")
    parser.add_argument("--folder", metavar="FOLDER", type=Path, help="Where to write it; else a folder of that name.")
    parser.add_argument(
        "--contract", metavar="FILE", type=Path, help="An OpenAPI document that the service has to fulfil."
    )
    options.form(parser)


def run(*, name: str, folder: Path | None, contract: Path | None, form: Format) -> int:
    """Write the files of a new service; nothing that exists is overwritten."""
    from ....files import write_file
    from ....templates import starter

    if not _NAME.fullmatch(name) or len(name) > 60:
        raise InputError(f"`{name}` is not the name of a service", hint="use lower-case words with `-` between them")
    target = folder or Path(name)
    if contract is None:
        files = starter(name)
    else:
        from ....bootstrap import drafted

        draft = drafted(contract, name)
        if report(draft.findings, draft.sources, form):
            return FINDINGS
        files = dict(draft.files)
    taken = [path for path in files if (target / path).exists()]
    if taken:
        raise InputError(f"{target / taken[0]} exists already", hint="choose another --folder")
    for path, content in files.items():
        write_file(target / path, content)
        say(f"wrote {target / path}")
    say(f"next: archwright {f'up {target} --demo' if contract is None else f'check {target} --left'}")
    return FINE
