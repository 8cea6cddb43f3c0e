"""Measure the toolchain and the start of the runtime on assemblies of growing size.

``make bench``, or ``python -m benchmarks.toolchain --quick``. CPU seconds count, since they hardly depend on what else
the machine does.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import requires
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from testing_support.ports import free_port

from . import synthetic
from .contenders.archwright import PROBE, build_command, check_command, component_paths, serve_command
from .process import ServerError, serving

SIZES = (10, 50, 100, 200, 500)
_RESULTS = Path(__file__).with_name("results")
_LIMITS = {"check": 0.5, "build": 1.5, "start": 0.5}
_LIMIT_SIZE = 50


@dataclass(frozen=True)
class Size:
    """What one assembly costs: CPU seconds, seconds to the first answer, resident MiB, bytes of the plan."""

    entities: int
    check: float
    build: float
    start: float
    start_wall: float
    resident_mib: float
    plan_bytes: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every size and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.toolchain", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two sizes, once each")
    parser.add_argument("--without-start", action="store_true", help="only check and build; prints, writes nothing")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--output", type=Path, default=_RESULTS)
    options = parser.parse_args(arguments)
    _compile()
    sizes, repeat = ((10, 50), 1) if options.quick else (SIZES, options.repeat)
    with tempfile.TemporaryDirectory(prefix="archwright-bench-") as directory:
        measured = [
            _measure(Path(directory) / str(count), count, repeat, starting=not options.without_start) for count in sizes
        ]
    if not options.without_start:
        _write(options.output, measured, repeat)
    print(_document(measured, _conditions(repeat)))
    return 0


def _compile() -> None:
    """Compile the packages once, as installing a wheel does; an editable copy may never have been."""
    for name in ("archwright", "archwright_runtime"):
        specification = find_spec(name)
        for folder in specification.submodule_search_locations or () if specification is not None else ():
            compileall.compile_dir(folder, quiet=1)


def _measure(directory: Path, count: int, repeat: int, *, starting: bool) -> Size:
    print(f"{count} entities", file=sys.stderr)
    assembly = synthetic.write(directory, count)
    dist = directory / "dist"
    check_cpu = statistics.median(_cpu_of(check_command(assembly)) for _ in range(repeat))
    build_cpu = statistics.median(_cpu_of(build_command(assembly, dist)) for _ in range(repeat))
    starts = [_start(directory, dist) for _ in range(repeat)] if starting else [(0.0, 0.0, 0.0)]
    cpu, wall, resident = (statistics.median(column) for column in zip(*starts, strict=True))
    return Size(count, check_cpu, build_cpu, cpu, wall, resident, (dist / "plan.json").stat().st_size)


def _cpu_of(command: Sequence[str]) -> float:
    """User and system seconds of a command that must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise ServerError(f"{' '.join(command[:2])} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _start(directory: Path, dist: Path) -> tuple[float, float, float]:
    """CPU and wall seconds to the first answer on a database that has its tables, and resident MiB then."""
    database, port = f"sqlite:///{directory / 'service.sqlite'}", free_port()
    environment = {"PYTHONPATH": component_paths()}
    command = serve_command(dist, database, port)
    if not (directory / "service.sqlite").exists():
        with serving(command, port, environment, PROBE, directory / "log"):
            pass
    with serving(command, port, environment, PROBE, directory / "log") as server:
        return server.cold_cpu, server.cold_wall, server.resident() / 2**20


def _write(directory: Path, measured: Sequence[Size], repeat: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    conditions = _conditions(repeat)
    data = {
        "conditions": conditions,
        "distributions_of_the_runtime": len(_runtime_distributions()),
        "sizes": [{key: round(value, 3) for key, value in asdict(one).items()} for one in measured],
    }
    (directory / "toolchain.json").write_text(json.dumps(data, indent=2, sort_keys=True) + "\n")
    (directory / "toolchain.md").write_text(_document(measured, conditions))


def _conditions(repeat: int) -> dict[str, Any]:
    return {"cores": os.cpu_count(), "python": platform.python_version(), "repeat": repeat}


def _document(measured: Sequence[Size], conditions: Mapping[str, object]) -> str:
    lines = [
        "# The toolchain and the start of the runtime, by size of the assembly",
        "",
        "Written by `make bench`; do not edit.",
        f"{conditions['cores']} cores, Python {conditions['python']}, medians of {conditions['repeat']}.",
        "Every entity has nine fields, rights for two roles and an operation, four exposed operations, one operation",
        "and one view of its own.",
        "",
        "| Entities | check CPU s | build CPU s | start CPU s | start s | resident MiB | plan KiB |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {one.entities} | {one.check:.2f} | {one.build:.2f} | {one.start:.2f} | {one.start_wall:.2f} "
            f"| {one.resident_mib:.0f} | {one.plan_bytes / 1024:.0f} |"
            for one in measured
        ),
        "",
        "## Growth: CPU milliseconds for each further entity",
        "",
        "A straight line has the same figure in every row.",
        "",
        "| From | to | check | build | start |",
        "|---|---|---|---|---|",
        *(_growth(one, two) for one, two in pairwise(measured)),
        "",
        f"The aims at {_LIMIT_SIZE} entities: "
        + ", ".join(f"{name} under {limit} s" for name, limit in _LIMITS.items())
        + "; the runtime under 60 MiB with at most 20 distributions.",
        f"The runtime installs {len(_runtime_distributions())} distributions, itself included.",
    ]
    return "\n".join(lines) + "\n"


def _growth(one: Size, two: Size) -> str:
    more = two.entities - one.entities
    figures = ((two.check - one.check), (two.build - one.build), (two.start - one.start))
    return f"| {one.entities} | {two.entities} | " + " | ".join(f"{1000 * each / more:.1f}" for each in figures) + " |"


def _runtime_distributions() -> set[str]:
    """The runtime and everything that it brings along, extras left out."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = ["archwright-runtime"]
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        found.add(name)
        for line in requires(name) or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


if __name__ == "__main__":
    sys.exit(main())
