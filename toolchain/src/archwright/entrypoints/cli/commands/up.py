"""`archwright up`: build, run on an embedded database, and start again when a document changes."""

from __future__ import annotations

import gc
import json
import os
import signal
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from .. import options
from ..console import FINDINGS, FINE, Format, report, say, show

if TYPE_CHECKING:
    from ....bootstrap import Outcome
    from ....development import Server, Trial

NAME = "up"
HELP = "Build and run a service on this machine, on an embedded database; reloads when a document changes."
EXAMPLES = "Examples: archwright up examples/leave-requests --demo | archwright up --port 8080 --database postgresql://localhost/leave"

_HOME = ".archwright"
_DEMO = "demo.yaml"


def declare(parser: ArgumentParser) -> None:
    """What the command takes."""
    options.assembly(parser)
    port = os.environ.get("PORT") or "8000"
    parser.add_argument("--port", type=_port, default=port, help="Where to listen; else PORT, or 8000.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="Who can reach it; others than this machine only if you say so."
    )
    parser.add_argument("--database", metavar="ADDRESS", help="Another database than the embedded one.")
    parser.add_argument(
        "--demo", action="store_true", help="Fill an empty database from demo.yaml and print its sign-ins."
    )
    parser.add_argument("--reset", action="store_true", help="Begin with an empty embedded database.")
    parser.add_argument(
        "--reload", action=BooleanOptionalAction, default=True, help="Start again when a document changes."
    )
    options.catalog(parser)
    options.allow_drop(parser)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:6]) < 65536):
        raise ArgumentTypeError(f"`{text}` is not a port from 1 to 65535")
    return int(text)


def run(
    *,
    assembly: Path,
    port: int,
    host: str,
    database: str | None,
    demo: bool,
    reset: bool,
    reload: bool,
    catalog: Path | None,
    allow_drop: list[str],
) -> int:
    """Build into a private folder beside the assembly, then serve."""
    from ....bootstrap import folder_of
    from ....development import Server, Trial

    home = folder_of(assembly) / _HOME
    if reset:
        _forget(home)
    gc.enable()
    drop = frozenset(allow_drop)
    built = _build(assembly, home, catalog, drop)
    if built is None:
        return FINDINGS
    trial = Trial(home / "dist", database or f"sqlite:///{home / 'data.sqlite'}", built.components, host, port)
    people = _seed(trial, built.folder, home) if demo else []
    # Whoever ends this process ends the service with it, also with SIGTERM.
    signal.signal(signal.SIGTERM, _interrupt)
    with Server(trial) as server:
        server.start()
        _greet(trial, built, people)
        try:
            for _ in _rounds(trial, built, assembly, home, catalog, drop, reload, server):
                pass
        except KeyboardInterrupt:
            say("stopped")
    return FINE


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _build(assembly: Path, home: Path, catalog: Path | None, drop: frozenset[str]) -> Outcome | None:
    from ....bootstrap import build

    built = build(assembly, output=home / "dist", catalog=catalog, allow_drop=drop, home=home)
    return None if report(built.findings, built.sources, Format.TEXT) else built


def _rounds(
    trial: Trial,
    built: Outcome,
    assembly: Path,
    home: Path,
    catalog: Path | None,
    drop: frozenset[str],
    reload: bool,
    server: Server,
) -> Iterator[None]:
    """Wait for changes for as long as the service lives; a broken document leaves the running service alone."""
    import time

    from ....development import changes
    from ....errors import ToolError

    documents = [Path(name) for name in built.sources]
    watch = changes([*documents, *trial.components]) if reload else iter(lambda: time.sleep(0.5), object())
    for _ in watch:
        if reload:
            say("a document changed: building again")
            if _build(assembly, home, catalog, drop) is not None:
                server.stop()
                server.start()
                say(f"running at {trial.address}")
        elif not server.running:
            raise ToolError("the service ended", hint="its own words stand above")
        yield


def _seed(trial: Trial, folder: Path, home: Path) -> list[dict[str, str]]:
    from ....bootstrap import read_demo
    from ....development import seed
    from ....files import write_file

    data = read_demo(folder / _DEMO)
    people: list[dict[str, str]] = data.get("people", [])
    marker = home / "demo.json"
    if not marker.exists():
        write_file(marker, json.dumps(data).encode())
        try:
            seed(trial, marker)
        except BaseException:
            marker.unlink()
            raise
    return people


def _greet(trial: Trial, built: Outcome, people: list[dict[str, str]]) -> None:
    plan = built.plan
    name = f"{plan.name} {plan.version}" if plan is not None else "service"
    show(f"\n  {name} is running at {trial.address}\n")
    if people:
        width = max(len(person["email"]) for person in people)
        show("  sign in as")
        for person in people:
            show(f"    {person['email']:<{width}}  password {person['password']:<24}  {person['name']}")
        show("")
    show(f"  API description: {trial.address}/docs      stop with Ctrl-C\n")


def _forget(home: Path) -> None:
    import shutil

    shutil.rmtree(home, ignore_errors=True)
