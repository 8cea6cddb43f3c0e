"""Functions that do what hostile bytes might make a parser do; they are run isolated only."""

from __future__ import annotations

import ctypes
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archwright_runtime.errors import Refusal


def echo(*values: Any) -> list[Any]:
    return list(values)


def size(content: bytes) -> int:
    return len(content)


def surroundings() -> dict[str, Any]:
    """What can be seen from inside."""
    open_files = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        open_files.append(number)
    return {
        "environment": {name: value for name, value in os.environ.items() if name != "LC_CTYPE"},
        "directory": os.getcwd(),
        "files": os.listdir("."),
        "descriptors": open_files,
    }


def attempts(outside: str, process: int) -> dict[str, str]:
    """What happens to each thing that must not be possible."""
    tries: dict[str, Callable[[], Any]] = {
        "tcp": lambda: socket.create_connection(("127.0.0.1", 80), 0.1),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "unix": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
        "pair": lambda: socket.socketpair(),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        "fork": os.fork,
        "run": lambda: os.execv("/bin/true", ["/bin/true"]),
        "spawn": lambda: os.posix_spawn("/bin/true", ["/bin/true"], {}),
        "signal": lambda: os.kill(process, 0),
        "group": os.setsid,
        "read": lambda: Path(outside).read_bytes(),
        "passwords": lambda: Path("/etc/passwd").read_bytes(),
        "environment": lambda: Path(f"/proc/{process}/environ").read_bytes(),
        "list": lambda: os.listdir("/"),
        "write": lambda: Path("../beside").write_bytes(b""),
        "temporary": lambda: Path("/tmp/written-from-inside").write_bytes(b""),
        "link": lambda: os.symlink("/etc/passwd", "link"),
        "hard-link": lambda: os.link(outside, "hard"),
        "pipe": lambda: os.mkfifo("pipe"),
        "folder": lambda: os.mkdir("folder"),
        "namespace": lambda: _call(272, 0x10000000),
        "trace": lambda: _call(101, 16, process),
        "io_uring": lambda: _call(425, 1, 0),
        "shared-memory": lambda: _call(29, 1, 4096, 0o1600),
        "identity": lambda: os.setuid(1234),
        "ownership": lambda: os.chown(".", 1234, 1234),
        "limits": lambda: _call(302, process, 7, 0, 0),
    }
    return {name: _outcome(attempt) for name, attempt in tries.items()}


def _call(number: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _outcome(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"


def write_and_thread() -> int:
    """What parsers legitimately do: files beside them, threads."""
    from threading import Thread

    seen: list[int] = []
    thread = Thread(target=lambda: seen.append(1))
    thread.start()
    thread.join()
    Path("note").write_bytes(b"kept for a moment")
    return len(seen) + len(Path("note").read_bytes())


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(60)


def eat() -> int:
    return len(bytearray(4 << 30))


def fill() -> None:
    with open("full", "wb") as file:
        while True:
            file.write(bytes(1 << 20))


def open_many() -> None:
    kept = [open("/dev/null") for _ in range(1000)]  # noqa: SIM115
    raise AssertionError(len(kept))


def recurse() -> int:
    return recurse()


def crash() -> None:
    ctypes.string_at(0)


def fail() -> None:
    raise KeyError("the secret of a row")


def leave() -> None:
    os._exit(3)


def refuse() -> None:
    raise Refusal("invalid-picture", "This is no picture.")


def shout() -> bytes:
    return bytes(40 << 20)


def lie() -> None:
    """Answer what is no answer, past the code that answers."""
    os.write(3, b"\xff" * 1000)
    os._exit(0)


def flood() -> None:
    """Never stop answering."""
    while True:
        os.write(3, bytes(65_536))


def strange() -> object:
    return object()
