"""What a forked process does: read its arguments, give up every right, work, answer, end.

The arguments are read before the rights are given up and decoded after it, since they are what is hostile.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import NoReturn

import msgspec

from ..component import Limits
from ..errors import Refusal
from . import programs
from .confinement import Confinement, bound
from .messages import Answer, Broken, Exceeded, Refused, Value, decode_execution, decode_plain, encode

_BLOCK = 1 << 20
_DATA = 3
_MOST_FRAMES = 6
_INSTALLED = ("site-packages", "dist-packages")


def become(
    confinement: Confinement,
    parent: int,
    target: str,
    limits: Limits,
    data: int,
    directory: str,
    code: Sequence[str],
) -> NoReturn:
    """Turn this freshly forked process into one call.

    Args:
        target: ``module:function``; empty for a program.
        data: the descriptor that arguments come from and the answer goes to.
        code: folders of packages that the function may still import from.
    """
    answer: Answer
    try:
        _let_go(data)
        given = _read_all()
        confinement.enter(directory, code, parent, run=not target)
        if target:
            bound(limits, confinement.namespace)
            confinement.seal(run=False)
            answer = _call(target, given)
        else:
            answer = programs.run(decode_execution(given), limits, confinement)
        _send(answer, limits)
    except BaseException as error:
        _send(_broken(error), limits)
    finally:
        # Nothing of the process that forked is run once more: no exit handler, no buffer, no finaliser.
        os._exit(0)


def _let_go(data: int) -> None:
    """Keep the data, and nowhere to write to besides."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGXFSZ, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    # The lowest three were /dev/null from the beginning.
    os.dup2(data, _DATA, inheritable=False)
    os.closerange(_DATA + 1, os.sysconf("SC_OPEN_MAX"))


def _read_all() -> bytes:
    blocks = []
    while block := os.read(_DATA, _BLOCK):
        blocks.append(block)
    return b"".join(blocks)


def _call(target: str, given: bytes) -> Answer:
    module, _, name = target.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
        return Value(function(*decode_plain(given)))
    except Refusal as refusal:
        return Refused(refusal.kind, refusal.detail)
    except MemoryError:
        return Exceeded("memory")
    except RecursionError:
        return Exceeded("depth")
    except Exception as error:
        return _broken(error)


def _send(answer: Answer, limits: Limits) -> None:
    try:
        content = encode(answer)
    except (TypeError, ValueError, OverflowError, RecursionError, MemoryError, msgspec.MsgspecError) as error:
        content = encode(_broken(error))
    if len(content) > limits.result:
        content = encode(Exceeded("result"))
    view = memoryview(content)
    while view:
        view = view[os.write(_DATA, view) :]


def _broken(error: BaseException) -> Broken:
    return Broken(f"{type(error).__module__}.{type(error).__qualname__}", _places(error.__traceback__))


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_MOST_FRAMES:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def packages(modules: Sequence[str]) -> list[str]:
    """The folders of the outermost packages of these modules, and those that packages are installed in."""
    outermost = {module.partition(".")[0] for module in modules} | {"archwright_runtime"}
    own = {folder for name in outermost if name in sys.modules for folder in getattr(sys.modules[name], "__path__", ())}
    return sorted(own | {folder for folder in sys.path if folder.endswith(_INSTALLED)})
