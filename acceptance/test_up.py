"""`archwright up`, as somebody who writes a service uses it."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from acceptance.services import ROOT
from testing_support.ports import free_port

_PATIENCE = 60.0


def _developers() -> dict[str, str]:
    """The environment of a developer who set nothing for tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ARCHWRIGHT_")}


class Up:
    """A running `archwright up` and what it says."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *options: str,
        program: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        start = [str(program)] if program else [sys.executable, "-m", "archwright"]
        self.process = subprocess.Popen(
            [*start, "up", str(folder), "--port", str(port), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder.parent,
            env={**(env or _developers()), "PYTHONUNBUFFERED": "1"},
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, words: str) -> str:
        """The line that says these words."""
        while True:
            line = self._lines.get(timeout=_PATIENCE)
            assert line is not None, "".join(self.said)
            self.said.append(line)
            if words in line:
                return line

    def end(self) -> str:
        """Everything that it said until its end."""
        while (line := self._lines.get(timeout=_PATIENCE)) is not None:
            self.said.append(line)
        self.process.wait(_PATIENCE)
        return "".join(self.said)

    def close(self) -> None:
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @contextmanager
    def signed_in(self) -> Iterator[httpx.Client]:
        """A client of the employee of the demo data."""
        person = {"email": "erin@acme.test", "password": "employee-of-the-demo"}
        with httpx.Client(base_url=self.address, headers={"Origin": self.address}, timeout=30) as client:
            answer = client.post("/api/accounts/sign-in", json=person)
            assert answer.status_code == 200, answer.text
            yield client


Start = Callable[..., Up]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `archwright up`, and ends it after the test."""
    running: list[Up] = []

    def begin(folder: Path, *options: str, port: int | None = None) -> Up:
        running.append(Up(folder, port or free_port(), "--catalog", str(ROOT / "catalog"), *options))
        return running[-1]

    yield begin
    for one in running:
        one.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of leave-requests that a test may change."""
    source = ROOT / "examples" / "leave-requests"
    target = tmp_path / "leave-requests"
    target.mkdir()
    for name in ("assembly.yaml", "demo.yaml"):
        shutil.copy(source / name, target / name)
    return target


def test_it_reloads_and_keeps_the_data(folder: Path, start: Start) -> None:
    """It prints address and sign-ins; a broken document leaves it running; a whole one is taken with the data kept."""
    up = start(folder, "--demo")
    up.wait_for("is running at")
    greeting = up.wait_for("erin@acme.test")
    up.wait_for("API description")
    document = folder / "assembly.yaml"
    whole = document.read_text()
    with up.signed_in() as erin:
        before = erin.get("/api/leave-requests").json()["items"]

    document.write_text(whole.replace("starts: {type: date!", "starts: {type: dat!"))
    up.wait_for("1 error")
    assert httpx.get(f"{up.address}/health/ready").status_code == 200

    document.write_text(whole.replace("      status: {enum:", "      place: text(80)\n      status: {enum:"))
    up.wait_for("running at")
    with up.signed_in() as erin:
        after = erin.get("/api/leave-requests").json()["items"]

    assert "employee-of-the-demo" in greeting
    assert len(before) == 2
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert not (folder / "dist").exists() and not (folder / "archwright.lock.json").exists()


def test_a_taken_port_is_said_clearly(folder: Path, start: Start) -> None:
    """A second service on the same port ends with an error that names the port, and without a traceback."""
    first = start(folder, "--no-reload")
    first.wait_for("API description")
    other = folder.parent / "other"
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns(".archwright"))

    second = start(other, "--no-reload", port=int(first.address.rpartition(":")[2]))
    said = second.end()

    assert second.process.returncode != 0
    assert "port" in said and first.address.rpartition(":")[2] in said
    assert "Traceback" not in said and "is running at" not in said


def test_reset_begins_again(folder: Path, start: Start) -> None:
    """With --reset what was written before is gone and the demo data is there once."""
    up = start(folder, "--demo", "--no-reload")
    up.wait_for("API description")
    with up.signed_in() as erin:
        made = erin.post("/api/leave-requests", json={"starts": "2030-01-01", "ends": "2030-01-01"})
        assert made.status_code == 201
    up.process.send_signal(signal.SIGINT)
    up.end()

    kept = start(folder, "--demo", "--no-reload")
    kept.wait_for("API description")
    with kept.signed_in() as erin:
        assert len(erin.get("/api/leave-requests").json()["items"]) == 3
    kept.process.send_signal(signal.SIGINT)
    assert "Traceback" not in kept.end()

    fresh = start(folder, "--demo", "--no-reload", "--reset")
    fresh.wait_for("API description")
    with fresh.signed_in() as erin:
        assert len(erin.get("/api/leave-requests").json()["items"]) == 2


def test_ending_it_with_sigterm_ends_the_service(folder: Path, start: Start) -> None:
    """Whoever ends `archwright up` with SIGTERM leaves no service behind."""
    up = start(folder, "--demo")
    up.wait_for("is running at")

    up.process.terminate()
    up.end()

    with pytest.raises(httpx.ConnectError):
        httpx.get(up.address + "/health/live")
