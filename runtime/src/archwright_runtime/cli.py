"""The command line of a deployed service: serve, work, migrate, verify, seed.

Exit codes: 0 fine, 1 what was built or the database is not as it should be, 2 could not run.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import IntegrityError, ServiceError, SettingError

if TYPE_CHECKING:
    from .application.settings import Deployment

    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_EXAMPLES = """examples:
  archwright-runtime verify dist
  archwright-runtime migrate dist --database postgresql://app@db/app
  archwright-runtime serve dist --database postgresql://app@db/app --host 0.0.0.0 --port 8080
  archwright-runtime serve dist --database sqlite:///app.sqlite --dev

Everything that an option says can be said by a variable too: --database is ARCHWRIGHT_DATABASE.
Settings of the service are ARCHWRIGHT_SETTING_<NAME>, secrets ARCHWRIGHT_SECRET_<NAME> or files in ARCHWRIGHT_SECRETS.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except IntegrityError as error:
        return _complain(error, 1)
    except ServiceError as error:
        return _complain(error, 2)
    except KeyboardInterrupt:
        return 0
    return code


def _complain(error: ServiceError, code: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="archwright-runtime",
        description="Runs a service that archwright built.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands)
    _add_work(commands)
    _add_migrate(commands)
    _add_verify(commands)
    _add_seed(commands)
    return parser


def _add_serve(commands: _Commands) -> None:
    command = commands.add_parser("serve", help="serve the service until SIGTERM")
    _add_dist(command)
    _add_database(command)
    command.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (default 8000)")
    command.add_argument("--transport", choices=("http", "https"), help="what browsers use (default https)")
    command.add_argument("--migrate", action="store_true", help="apply pending migrations first (always with SQLite)")
    command.add_argument(
        "--no-work", action="store_true", help="leave messages, effects and jobs to processes that run `work`"
    )
    _add_dev(command)
    command.set_defaults(command=_serve)


def _add_work(commands: _Commands) -> None:
    command = commands.add_parser("work", help="deliver messages and run jobs, without serving, until SIGTERM")
    _add_dist(command)
    _add_database(command)
    _add_dev(command)
    command.set_defaults(command=_work)


def _add_migrate(commands: _Commands) -> None:
    command = commands.add_parser("migrate", help="bring the tables up to date")
    _add_dist(command)
    _add_database(command)
    command.set_defaults(command=_migrate)


def _add_verify(commands: _Commands) -> None:
    command = commands.add_parser("verify", help="check what was built against its lock")
    _add_dist(command)
    command.set_defaults(command=_verify)


def _add_seed(commands: _Commands) -> None:
    command = commands.add_parser("seed", help="put people and rows for a first look into a new database")
    _add_dist(command)
    _add_database(command)
    command.add_argument("--file", type=Path, required=True, metavar="JSON", help="people and rows")
    _add_dev(command)
    command.set_defaults(command=_seed)


def _add_dist(command: argparse.ArgumentParser) -> None:
    command.add_argument("dist", type=Path, metavar="DIST", help="the built service")


def _add_database(command: argparse.ArgumentParser) -> None:
    command.add_argument("--database", metavar="URL", help="sqlite:///file or postgresql://user@host/name")


def _add_dev(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dev", action="store_true", help="for this machine only: plain http, made-up secrets")


def _serve(options: argparse.Namespace) -> int:
    from .application.application import Application
    from .application.server import serve

    deployment = _deployment(options)
    migrations = options.migrate or deployment.database.startswith("sqlite:")
    serve(Application(options.dist, deployment, os.environ, migrations=migrations))
    return 0


def _work(options: argparse.Namespace) -> int:
    from .application.application import Application
    from .application.server import work

    deployment = _deployment(options)
    if deployment.database.startswith("sqlite:"):
        raise SettingError("an embedded database has one process: let `serve` do the work")
    work(Application(options.dist, deployment, os.environ))
    return 0


def _migrate(options: argparse.Namespace) -> int:
    import asyncio

    from .application.integrity import load
    from .application.tables import bring_up_to_date

    distribution = load(options.dist)
    for name in asyncio.run(bring_up_to_date(distribution, _deployment(options))):
        print(f"applied {name}")
    return 0


def _seed(options: argparse.Namespace) -> int:
    import asyncio

    from .application.seeding import seed

    for name, count in asyncio.run(seed(options.dist, _deployment(options), os.environ, options.file)).items():
        print(f"{name}: {count}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from .application.integrity import load

    plan = load(options.dist).plan
    print(f"{plan.name} {plan.version}: as locked")
    return 0


def _deployment(options: argparse.Namespace) -> Deployment:
    from .application.settings import read_deployment

    development = getattr(options, "dev", False)
    deployment = read_deployment(
        os.environ,
        database=options.database,
        host=getattr(options, "host", None),
        port=getattr(options, "port", None),
        transport=getattr(options, "transport", None) or ("http" if development else None),
        development=development or None,
        background=False if getattr(options, "no_work", False) else None,
    )
    if not deployment.database:
        raise SettingError("no database: give --database or set ARCHWRIGHT_DATABASE")
    return deployment
