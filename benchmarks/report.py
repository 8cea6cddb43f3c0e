"""Figures as JSON for machines and as a table for people."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .load import CONNECTIONS, generator
from .measurement import Measurement, ratio
from .scenario import READS, SCENARIOS, WRITES

BASELINE = "FastAPI + SQLAlchemy ORM"
LIMIT = "constant bytes"
_NAMES = tuple(scenario.name for scenario in SCENARIOS)


@dataclass(frozen=True)
class Conditions:
    """How it was measured."""

    rounds: int
    seconds: int
    rows: dict[str, int]
    postgresql: str

    def data(self) -> dict[str, Any]:
        """Everything that a reader needs to judge the figures; nothing that names the machine."""
        return {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "postgresql": self.postgresql,
            "durability": "off: fsync and synchronous_commit are off in PostgreSQL, synchronous=NORMAL in SQLite",
            "generator": generator(),
            "connections": CONNECTIONS,
            "workers": 1,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "rows": self.rows,
        }


def postgresql_version(programs: Path) -> str:
    """The version of the programs that were used."""
    said = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"[\d.]+", said)
    return found.group() if found else said.strip()


def write(directory: Path, conditions: Conditions, measurements: Sequence[Measurement]) -> tuple[Path, Path]:
    """Write ``services.json`` and ``services.md``."""
    directory.mkdir(parents=True, exist_ok=True)
    data = {
        "conditions": conditions.data(),
        "contenders": [_contender(one) for one in measurements],
        "ratios": [_ratios(one, other) for one, other in _pairs(measurements)],
    }
    places = directory / "services.json", directory / "services.md"
    places[0].write_text(json.dumps(data, indent=2, sort_keys=True) + "\n")
    places[1].write_text(_document(conditions, measurements))
    return places


def _pairs(measurements: Sequence[Measurement]) -> list[tuple[Measurement, Measurement]]:
    """Each contender beside the baseline on the same database, and beside the limit."""
    baselines = {one.database: one for one in measurements if one.name == BASELINE}
    limits = [one for one in measurements if one.name == LIMIT]
    pairs = [(one, baselines[one.database]) for one in measurements if one.database in baselines]
    pairs += [(one, limit) for limit in limits for one in measurements if one is not limit]
    return [(one, other) for one, other in pairs if one is not other]


def _contender(one: Measurement) -> dict[str, Any]:
    return {
        "name": one.name,
        "database": one.database,
        "cold_start_seconds": {"wall": round(_middle(one.cold_wall), 3), "cpu": round(_middle(one.cold_cpu), 3)},
        "resident_mib": round(one.resident / 2**20, 1),
        "scenarios": {
            name: {
                "requests_per_second": round(figures.rate),
                "p50_us": round(figures.p50),
                "p99_us": round(figures.p99),
                "cpu_us": round(figures.cpu, 1),
                "database_cpu_us": round(figures.database_cpu, 1),
                "rounds": [round(each.rate) for each in one.rounds[name]],
            }
            for name in one.rounds
            for figures in [one.figures(name)]
        },
    }


def _ratios(one: Measurement, other: Measurement) -> dict[str, Any]:
    shared = [name for name in one.rounds if name in other.rounds]
    return {
        "name": one.name,
        "database": one.database,
        "against": other.name,
        "scenarios": {
            name: {key: round(value, 2) for key, value in ratio(one, other, name).items()} for name in shared
        },
    }


def _document(conditions: Conditions, measurements: Sequence[Measurement]) -> str:
    known = conditions.data()
    rows = ", ".join(f"{count:,} {name}" for name, count in known["rows"].items())
    lines = [
        "# Services side by side",
        "",
        "Written by `make bench`; do not edit.",
        f"{known['cores']} cores, Python {known['python']}, PostgreSQL {known['postgresql']}, one worker each, "
        f"{CONNECTIONS} connections from {known['generator']}, {conditions.rounds} interleaved rounds of "
        f"{conditions.seconds} s; medians.",
        f"Every contender starts from {rows}.",
        "Durability is switched off for all alike, so that the disk does not hide the code.",
        "",
        "## Requests per second",
        "",
        *_table(measurements, lambda one, name: f"{one.figures(name).rate:,.0f}"),
        "",
        "## Latency: p50 / p99 in milliseconds",
        "",
        *_table(
            measurements, lambda one, name: f"{one.figures(name).p50 / 1000:.1f} / {one.figures(name).p99 / 1000:.1f}"
        ),
        "",
        "## CPU per request in microseconds: service / database",
        "",
        *_table(measurements, lambda one, name: f"{one.figures(name).cpu:.0f} / {one.figures(name).database_cpu:.0f}"),
        "",
        "## Memory and start",
        "",
        "| Contender | resident MiB after load | cold start s | of it CPU s |",
        "|---|---|---|---|",
        *(
            f"| {_label(one)} | {one.resident / 2**20:.0f} | {_middle(one.cold_wall):.2f} "
            f"| {_middle(one.cold_cpu):.2f} |"
            for one in measurements
        ),
        *_ratio_section(measurements),
    ]
    return "\n".join(lines) + "\n"


def _ratio_section(measurements: Sequence[Measurement]) -> list[str]:
    """Ratios of requests per second and of p99, round by round."""
    lines = ["", "## Ratios, round by round: requests per second (p99)", ""]
    lines += ["| Contender | against | " + " | ".join(_NAMES) + " |", "|---|---|" + "---|" * len(_NAMES)]
    for one, other in _pairs(measurements):
        cells = [_ratio_cell(one, other, name) for name in _NAMES]
        lines.append(f"| {_label(one)} | {other.name} | " + " | ".join(cells) + " |")
    reads, writes = ", ".join(READS), ", ".join(WRITES)
    lines += ["", f"The aim against {BASELINE}: 8x on reads ({reads}), 6x on writes ({writes}), a third of its p99."]
    return lines


def _ratio_cell(one: Measurement, other: Measurement, name: str) -> str:
    if name not in one.rounds or name not in other.rounds:
        return "–"
    found = ratio(one, other, name)
    return f"{found['rate']:.2f}x ({found['p99']:.2f}x)"


def _table(measurements: Sequence[Measurement], cell: Any) -> list[str]:
    lines = ["| Contender | " + " | ".join(_NAMES) + " |", "|---|" + "---|" * len(_NAMES)]
    for one in measurements:
        cells = [cell(one, name) if name in one.rounds else "–" for name in _NAMES]
        lines.append(f"| {_label(one)} | " + " | ".join(cells) + " |")
    return lines


def _label(one: Measurement) -> str:
    return one.name if one.database == "none" else f"{one.name}, {one.database}"


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
