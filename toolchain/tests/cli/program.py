"""Runs the program from outside, as people and scripts do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
CATALOG = ROOT / "catalog"
TRACEBACK = "Traceback (most recent call last)"


class Done(NamedTuple):
    """What a command left: its exit code, the result, and what it told the person."""

    code: int
    out: str
    err: str


def archwright(*arguments: str | Path, cwd: Path, **environment: str) -> Done:
    """Run ``archwright`` in a folder; no command may ever show a traceback."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "PORT")}
    done = subprocess.run(
        [sys.executable, "-m", "archwright", *map(str, arguments)],
        cwd=cwd,
        env={**inherited, "ARCHWRIGHT_CATALOG": str(CATALOG), **environment},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    assert TRACEBACK not in done.stdout + done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
