"""Servers as processes: started, waited for, measured through ``/proc``, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_ROOT = Path(__file__).resolve().parent.parent


class ServerError(RuntimeError):
    """A contender did not start or answered wrongly."""


@dataclass(frozen=True)
class Server:
    """A running contender.

    Attributes:
        cold_wall: seconds from the start of the process to its first answer.
        cold_cpu: CPU seconds that this took, which other work on the machine does not distort.
    """

    process: subprocess.Popen[bytes]
    port: int
    cold_wall: float
    cold_cpu: float

    def cpu(self) -> float:
        """CPU seconds used so far, children included."""
        return cpu_seconds(tree(self.process.pid))

    def resident(self) -> int:
        """Resident bytes, children included."""
        return sum(_resident(pid) for pid in tree(self.process.pid))


@contextmanager
def serving(
    command: Sequence[str], port: int, environment: Mapping[str, str], probe: str, log: Path
) -> Iterator[Server]:
    """Run a server for as long as the block lasts."""
    paths = os.pathsep.join(filter(None, (str(_ROOT), environment.get("PYTHONPATH"))))
    variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment, "PYTHONPATH": paths}
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command), cwd=_ROOT, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _wait(process, port, probe, log)
        yield Server(process, port, time.perf_counter() - started, cpu_seconds(tree(process.pid)))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tree(root: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of processes and of the children that they outlived (fields 14 to 17 of proc(5))."""
    return sum(sum(map(int, fields[11:15])) for pid in pids if (fields := _stat(pid))) / _TICKS


def _stat(pid: int) -> list[str] | None:
    """The fields of ``/proc/pid/stat`` after the name, or None where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _wait(process: subprocess.Popen[bytes], port: int, probe: str, log: Path, patience: float = 60.0) -> None:
    request = f"GET {probe} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
    deadline = time.perf_counter() + patience
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise ServerError(f"the server ended at once:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(request)
                if connection.recv(12).endswith(b" 200"):
                    return
        except OSError:
            pass
        time.sleep(0.005)
    raise ServerError(f"no answer at {probe} within {patience:.0f} s:\n{log.read_text(errors='replace')[-2000:]}")
