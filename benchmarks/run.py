"""Measure every contender: ``make bench``, or ``python -m benchmarks.run --quick``.

All contenders run at once and are driven in turns, so that what else the machine does meets all of them alike.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from testing_support.ports import free_port
from testing_support.postgres import Cluster, throwaway_cluster

from . import dataset, report
from .contender import Contender, Start, Workspace
from .contenders.archwright import Archwright
from .contenders.constant import Constant
from .contenders.peer import DjangoRest, FastapiOrm
from .load import Work, drive
from .measurement import Measurement, Round
from .process import Server, ServerError, cpu_seconds, serving, tree
from .scenario import LIST_SIZE, SCENARIOS, Scenario

_RESULTS = Path(__file__).with_name("results")
_COLD_STARTS = 3
_WARM_UP = 1


@dataclass
class Entrant:
    """A contender that runs."""

    contender: Contender
    workspace: Workspace
    server: Server
    token: str
    measurement: Measurement

    def work(self, scenario: Scenario) -> Work:
        """The scenario's requests as this contender understands them."""
        ids = [self.contender.ticket_id(number) for number in self.workspace.dataset.sampled]
        requests = [(self.contender.path(path), body) for path, body in scenario.requests(ids)]
        return Work(self.workspace.port, scenario.method, self.token, requests)


def contenders() -> tuple[Contender, ...]:
    """Everybody who takes part."""
    return (
        Constant(),
        DjangoRest(),
        FastapiOrm("postgresql"),
        Archwright("postgresql"),
        FastapiOrm("sqlite"),
        Archwright("sqlite"),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the results."""
    options = _options(arguments)
    chosen = [one for one in contenders() if not options.only or any(word in one.label for word in options.only)]
    data = dataset.generate(tickets=options.tickets)
    with ExitStack() as stack:
        cluster = stack.enter_context(throwaway_cluster({"shared_buffers": "256MB", "max_connections": "200"}))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="archwright-bench-")))
        entrants = [_enter(stack, one, _workspace(one, cluster, directory, data)) for one in chosen]
        for entrant in entrants:
            _verify(entrant)
        _measure(entrants, cluster, options)
        conditions = report.Conditions(
            rounds=options.rounds,
            seconds=options.seconds,
            rows={"accounts": len(data.accounts), "tickets": len(data.tickets), "comments": len(data.comments)},
            postgresql=report.postgresql_version(cluster.programs),
        )
    places = report.write(options.output, conditions, [entrant.measurement for entrant in entrants])
    print(places[1].read_text())
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: does everything run?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of load in each round")
    parser.add_argument("--tickets", type=int, default=dataset.TICKETS)
    parser.add_argument("--only", action="append", metavar="WORD", help="contenders whose label holds the word")
    parser.add_argument("--output", type=Path, default=_RESULTS)
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.seconds = 1, 1
    return options


def _workspace(contender: Contender, cluster: Cluster, directory: Path, data: dataset.Dataset) -> Workspace:
    own = directory / "".join(letter if letter.isalnum() else "-" for letter in contender.label)
    own.mkdir()
    database = cluster.create() if contender.database == "postgresql" else str(own / "service.sqlite")
    return Workspace(own, database, data, free_port())


def _enter(stack: ExitStack, contender: Contender, workspace: Workspace) -> Entrant:
    """Prepare a contender, start it a few times for its cold start, and leave it running."""
    print(f"starting {contender.label}", file=sys.stderr)
    start = contender.prepare(workspace)
    measurement = Measurement(contender.name, contender.database)
    for _ in range(_COLD_STARTS - 1):
        with _serve(start, workspace) as server:
            _note_start(measurement, server)
    server = stack.enter_context(_serve(start, workspace))
    _note_start(measurement, server)
    return Entrant(contender, workspace, server, contender.sign_in(workspace, server), measurement)


def _serve(start: Start, workspace: Workspace) -> AbstractContextManager[Server]:
    return serving(start.command, workspace.port, start.environment, start.probe, workspace.directory / "log")


def _note_start(measurement: Measurement, server: Server) -> None:
    measurement.cold_wall.append(server.cold_wall)
    measurement.cold_cpu.append(server.cold_cpu)


def _verify(entrant: Entrant) -> None:
    """Ask each scenario once and look at the answer: a fast wrong answer is worth nothing."""
    for scenario in _scenarios(entrant):
        work = entrant.work(scenario)
        path, body = work.requests[0]
        answer = httpx.request(
            work.method,
            f"http://127.0.0.1:{work.port}{path}",
            content=body or None,
            headers={"Authorization": f"Bearer {work.token}", "Content-Type": "application/json"},
            timeout=30,
        )
        expected = 200 if entrant.contender.database == "none" else scenario.status
        if answer.status_code != expected or not _has_shape(scenario, answer.json()):
            raise ServerError(f"{entrant.contender.label}, {scenario.name}: {answer.status_code} {answer.text[:500]}")
    entrant.contender.clean(entrant.workspace)


def _has_shape(scenario: Scenario, answer: object) -> bool:
    if not isinstance(answer, dict):
        return False
    if scenario.name not in ("list", "nested"):
        return {"id", "subject", "body", "status", "priority"} <= set(answer)
    items = answer.get("items", [])
    if len(items) != LIST_SIZE or {item["status"] for item in items} != {"open"}:
        return False
    return scenario.name == "list" or all(item["owner_name"] and len(item["comments"]) == 3 for item in items)


def _scenarios(entrant: Entrant) -> list[Scenario]:
    return [scenario for scenario in SCENARIOS if scenario.name in entrant.contender.scenarios]


def _measure(entrants: Sequence[Entrant], cluster: Cluster, options: argparse.Namespace) -> None:
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        for scenario in SCENARIOS:
            for entrant in entrants:
                if scenario.name in entrant.contender.scenarios:
                    one = _round(entrant, scenario, cluster, options.seconds)
                    entrant.measurement.rounds.setdefault(scenario.name, []).append(one)
    for entrant in entrants:
        entrant.measurement.resident = entrant.server.resident()


def _round(entrant: Entrant, scenario: Scenario, cluster: Cluster, seconds: int) -> Round:
    work = entrant.work(scenario)
    drive(work, _WARM_UP)
    before, database_before = entrant.server.cpu(), _database_cpu(cluster)
    outcome = drive(work, seconds)
    cpu, database_cpu = entrant.server.cpu() - before, _database_cpu(cluster) - database_before
    if scenario.name == "create":
        entrant.contender.clean(entrant.workspace)
    per_request = 1e6 / outcome.requests
    return Round(outcome, cpu * per_request, database_cpu * per_request)


def _database_cpu(cluster: Cluster) -> float:
    postmaster = int((cluster.directory / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
    return cpu_seconds(tree(postmaster))


if __name__ == "__main__":
    sys.exit(main())
