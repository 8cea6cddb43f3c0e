"""Runs a program of the machine for a forked process, and collects what it made.

The program is started without a shell, with the arguments as they were decided, in a private directory that holds the
input files and nothing else. Only results that were named before are looked at, and only regular files among them.
"""

from __future__ import annotations

import os
import signal
import stat
from typing import NoReturn

from ..component import Limits
from .confinement import Confinement, bound, stay_with
from .messages import Answer, Broken, Exceeded, Execution, Value

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": ".", "TMPDIR": "."}
_OUTPUT, _ERRORS = "output", "errors"
_MOST_SAID = 65_536
_BLOCK = 1 << 20
_NOT_STARTED = 127
_OF_LIMITS = (signal.SIGXCPU, signal.SIGXFSZ, signal.SIGKILL)


def run(execution: Execution, limits: Limits, confinement: Confinement) -> Answer:
    """Run one program to its end."""
    for name, content in execution.files.items():
        _put(name, content)
    execution.files.clear()
    streams = {_OUTPUT: _unnamed(_OUTPUT), _ERRORS: _unnamed(_ERRORS)}
    parent = os.getpid()
    process = os.fork()
    if process == 0:
        _become(execution, limits, confinement, streams, parent)
    _, status = os.waitpid(process, 0)
    code = os.waitstatus_to_exitcode(status)
    if -code in _OF_LIMITS:
        return Exceeded("the time or the space of a program")
    if code < 0:
        return Broken(f"signal.{signal.Signals(-code).name}", [])
    return _collect(execution, limits, streams, code)


def _become(
    execution: Execution, limits: Limits, confinement: Confinement, streams: dict[str, int], parent: int
) -> NoReturn:
    try:
        stay_with(parent)
        os.dup2(streams[_OUTPUT], 1)
        os.dup2(streams[_ERRORS], 2)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        bound(limits, confinement.namespace)
        confinement.seal(run=True)
        os.execve(execution.path, [execution.path, *execution.arguments], _ENVIRONMENT)
    finally:
        os._exit(_NOT_STARTED)


def _collect(execution: Execution, limits: Limits, streams: dict[str, int], code: int) -> Answer:
    found: dict[str, bytes] = {}
    left = limits.result
    for name in execution.results:
        content = _take(name, left)
        if content is None:
            continue
        left -= len(content)
        if left < 0:
            return Exceeded("result")
        found[name] = content
    said = {name: os.pread(stream, _MOST_SAID, 0) for name, stream in streams.items()}
    return Value({"code": code, **said, "files": found})


def _take(name: str, most: int) -> bytes | None:
    """A result; at most one byte more than fits."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        kept = os.fstat(descriptor)
        return file.read(most + 1) if stat.S_ISREG(kept.st_mode) and kept.st_nlink == 1 else None


def _put(name: str, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o600), "wb") as file:
        file.write(content)


def _unnamed(name: str) -> int:
    """A file in memory: what a program says needs no place."""
    return os.memfd_create(name)
