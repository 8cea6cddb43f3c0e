"""Runs a built service on the developer's machine, in a process of its own, exactly as it is deployed."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import ToolError

_RUNTIME = "archwright_runtime"
_READY = "/health/ready"


@dataclass(frozen=True)
class Trial:
    """Where and how a service runs for its developer.

    Attributes:
        dist: the built folder.
        database: address of the database, ``sqlite:///...`` or ``postgresql://...``.
        components: folders of the components' Python packages.
    """

    dist: Path
    database: str
    components: tuple[Path, ...]
    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://{self.host}:{self.port}"


class Server:
    """One running service; use as a context manager, so that it never outlives its developer."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, patience: float = 30.0) -> None:
        """Start and wait until the service says that it is ready.

        Raises:
            ToolError: it ended, or was not ready in time.
        """
        trial = self._trial
        _refuse_taken(trial)
        arguments = [
            "serve",
            str(trial.dist),
            "--database",
            trial.database,
            "--host",
            trial.host,
            "--port",
            str(trial.port),
        ]
        self._process = subprocess.Popen(
            _command([*arguments, "--dev", "--migrate"]), env=environment(trial.components)
        )
        end = time.monotonic() + patience
        while not self._is_ready():
            if self._process.poll() is not None:
                raise ToolError("the service did not start", hint="its own words stand above; is the port taken?")
            if time.monotonic() > end:
                self.stop()
                raise ToolError(f"the service was not ready within {patience:g} seconds")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask the service to finish its requests and end."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(self._trial.address + _READY, timeout=1) as answer:
                return bool(answer.status == 200) and self.running
        except (urllib.error.URLError, OSError):
            return False


def _refuse_taken(trial: Trial) -> None:
    """Whoever listens there already would otherwise be taken for the service that was started."""
    try:
        with socket.create_server((trial.host, trial.port)):
            pass
    except OSError as error:
        raise ToolError(
            f"cannot listen on port {trial.port} of {trial.host}: {error.strerror}", hint="choose another with --port"
        ) from None


def seed(trial: Trial, rows: Path) -> None:
    """Put people and rows into an empty database.

    Raises:
        ToolError: the runtime refused them; its words are on stderr.
    """
    command = _command(["seed", str(trial.dist), "--database", trial.database, "--file", str(rows), "--dev"])
    if subprocess.run(command, env=environment(trial.components)).returncode != 0:
        raise ToolError("the demo data could not be stored", hint="its own words stand above")


def environment(components: Iterable[Path]) -> dict[str, str]:
    """The environment of the service: the components' packages importable, colours and buffering as ours."""
    paths = [str(path) for path in components]
    inherited = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, *([inherited] if inherited else [])])}


def changes(paths: Iterable[Path], *, every: float = 0.4) -> Iterator[None]:
    """Yield each time something below one of the paths was written; asks the disk, which works on every file system."""
    watched = tuple(paths)
    before = _state(watched)
    while True:
        time.sleep(every)
        after = _state(watched)
        if after != before:
            before = after
            yield


def _state(paths: tuple[Path, ...]) -> dict[str, int]:
    state = {}
    for root in paths:
        for path in [root] if root.is_file() else root.rglob("*"):
            if "__pycache__" not in path.parts:
                try:
                    state[str(path)] = path.stat().st_mtime_ns
                except FileNotFoundError:
                    continue
    return state


def _command(arguments: list[str]) -> list[str]:
    if importlib.util.find_spec(_RUNTIME) is None:
        raise ToolError("the runtime is not installed here", hint="pip install archwright-runtime")
    return [sys.executable, "-m", _RUNTIME, *arguments]
