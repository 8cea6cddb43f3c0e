"""The command line, from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.tests.application.desk import VARIABLES, built
from testing_support.ports import free_port

_ROOT = Path(__file__).parents[3]


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(arguments), env=_environment(variables), capture_output=True, text=True, timeout=60)


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "archwright_runtime", *arguments]


def _environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ARCHWRIGHT_")}
    return {**kept, "PYTHONPATH": str(_ROOT), **variables}


@contextmanager
def _serving(*arguments: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    command = _command(("serve", *arguments, "--port", str(port)))
    process = subprocess.Popen(
        command, env=_environment(variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        _wait(process, port)
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _wait(process: subprocess.Popen[str], port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"the service did not start: {process.communicate()}")


def _get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_help_shows_examples() -> None:
    """Whoever asks sees how it is used."""
    done = _run("--help")

    assert done.returncode == 0
    assert "archwright-runtime serve dist" in done.stdout


def test_verify_compares_with_the_lock(tmp_path: Path) -> None:
    """As locked is 0; changed is 1, with the file's name."""
    directory = built(tmp_path)
    good = _run("verify", str(directory))
    (directory / "plan.json").write_bytes(b"{}")
    bad = _run("verify", str(directory))

    assert (good.returncode, good.stdout) == (0, "test 1.0.0: as locked\n")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr.startswith("error: plan.json differs from what was locked")


def test_migrate_applies_each_migration_once(tmp_path: Path) -> None:
    """A second time there is nothing to do."""
    arguments = ("migrate", str(built(tmp_path / "dist")), "--database", f"sqlite:///{tmp_path / 'a.sqlite'}")

    first, second = _run(*arguments), _run(*arguments)

    assert (first.returncode, "applied 0001-first" in first.stdout) == (0, True)
    assert (second.returncode, second.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        (("--database", "sqlite://"), {}, "ARCHWRIGHT_SECRET_SERVICE_KEY"),
        ((), dict(VARIABLES), "no database"),
        (("--database", "mysql://x"), dict(VARIABLES), "sqlite://"),
        (("--database", "postgresql://127.0.0.1:1/x"), dict(VARIABLES), ""),
        (("--database", "sqlite://"), {**VARIABLES, "ARCHWRIGHT_SETTING_X": "1"}, "ARCHWRIGHT_SETTING_X"),
        (("--database", "sqlite://"), {**VARIABLES, "ARCHWRIGHT_PORTS": "1"}, "ARCHWRIGHT_PORTS"),
    ],
)
def test_what_refuses_to_start_says_why(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    """One line and exit code 2, never a traceback."""
    done = _run("serve", str(built(tmp_path)), *arguments, **variables)

    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_taken_port_refuses_to_start(tmp_path: Path) -> None:
    """The message names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = _run("serve", str(built(tmp_path)), "--database", "sqlite://", "--port", port, **VARIABLES)

    assert done.returncode == 2
    assert port in done.stderr


def test_a_service_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """SIGTERM ends it in order: exit code 0, every line of the log written."""
    with _serving(str(built(tmp_path)), "--database", "sqlite://", **VARIABLES) as (process, port):
        ready = _get(port, "/health/ready")
        missing = _get(port, "/api/nothing")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)

    lines = [json.loads(line) for line in output.splitlines()]
    assert (ready[0], missing[0], process.returncode, errors) == (200, 404, 0, "")
    assert [line["event"] for line in lines if line["event"] != "migrated"] == [
        "started",
        "listening",
        "request",
        "stopped",
    ]


def test_metrics_have_a_listener_of_their_own(tmp_path: Path) -> None:
    """What is told to operators is not told to everybody."""
    admin = free_port()
    variables = {**VARIABLES, "ARCHWRIGHT_METRICS": f"127.0.0.1:{admin}"}
    with _serving(str(built(tmp_path)), "--database", "sqlite://", **variables) as (_, port):
        public = _get(port, "/metrics")
        private = _get(admin, "/metrics")

    assert public[0] == 404
    assert b'archwright_requests_total{operation="",status="404"} 1' in private[1]
