"""Tries, from inside an isolated process, what must not be possible there."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

_ANYWHERE = ("127.0.0.1", 9)


def probe(outside: str) -> dict[str, bool]:
    """What is really shut.

    Args:
        outside: a file that only the service may read.
    """
    attempts: dict[str, tuple[Callable[[], None], ...]] = {
        "network": (_reach_network,),
        "files": (lambda: _read(outside), lambda: _list("/"), lambda: _read(f"/proc/{os.getppid()}/status"), _write),
        "processes": (_fork,),
    }
    return {name: not any(map(_succeeds, tries)) for name, tries in attempts.items()}


def _succeeds(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _reach_network() -> None:
    # Nothing is sent: connecting such a socket only asks for a way there.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(_ANYWHERE)


def _read(path: str) -> None:
    os.close(os.open(path, os.O_RDONLY))


def _list(path: str) -> None:
    os.listdir(path)


def _write() -> None:
    path = os.path.join("..", "written-by-the-probe")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    os.unlink(path)


def _fork() -> None:
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)
