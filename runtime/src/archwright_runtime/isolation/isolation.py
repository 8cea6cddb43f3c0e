"""Calls in processes of their own: what the service sees of them.

One process is started that forks for each call. It has no environment, no descriptors and no part of the service's
memory, so neither has what it forks. Arguments and results are msgpack.

However a call ends, its caller gets a result or a refusal:

* ``too-complex``: it took more time, memory or space than it may take.
* what the call names as ``broken`` (``invalid`` unless said otherwise): it crashed, or answered nonsense.
* ``busy``: as many as may are waiting already.
* what the function itself refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn

import msgspec

from ..component import USUAL, Finished, Limits, Program
from ..errors import Refusal, StartError
from . import messages
from .forking import Forking

Requirement = Literal["require", "available"]
Report = Callable[[str, Mapping[str, Any]], None]

NEEDED = ("network", "files", "processes")
_MOST_WAITING = 64
_GRACE = 5.0
_BUSY = "No more files can be read at the moment."
_BLOCK = 262_144
_KIND = re.compile(r"[a-z][a-z0-9.-]{0,60}")
_LONGEST_DETAIL = 500
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


_OF_LIMITS = {int(signal.SIGXCPU): "time", int(signal.SIGXFSZ): "space", int(signal.SIGKILL): "time or memory"}


class Isolation:
    """Runs functions and programs apart from the service.

    Args:
        requirement: ``require`` refuses to start where network, files or processes cannot be shut off.
        concurrent: how many calls at a time.
        report: is told of calls that broke: never what they were given.
    """

    def __init__(
        self,
        requirement: Requirement = "require",
        *,
        concurrent: int | None = None,
        waiting: int = _MOST_WAITING,
        report: Report = lambda event, fields: None,
    ) -> None:
        self.in_force: dict[str, list[str]] = {}
        self._requirement = requirement
        self._most = concurrent or max(2, os.cpu_count() or 1)
        self._most_waiting = waiting
        self._report = report
        self._slots = asyncio.Semaphore(self._most)
        self._waiting = 0
        self._numbers = 0
        self._starting = asyncio.Lock()
        self._forking: Forking | None = None
        self._scratch: Path | None = None
        self._modules: dict[str, None] = {}

    async def start(self, modules: Sequence[str] = ()) -> None:
        """Begin, import the modules ahead of the first call, and find out what is in force.

        Raises:
            StartError: a module cannot be imported, or the deployment requires what this machine cannot enforce.
        """
        await self._ready()
        for module in modules:
            await self._ready(module)

    async def stop(self) -> None:
        """End every call and leave nothing behind."""
        if self._forking is not None:
            await self._forking.stop()
            self._forking = None
        if self._scratch is not None:
            await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)
            self._scratch = None

    async def call(self, target: str, arguments: Sequence[Any], limits: Limits, broken: str) -> Any:
        """The result of ``module:function`` on plain values.

        Raises:
            Refusal: see the top of the module.
        """
        forking = await self._ready(target.partition(":")[0])
        return await self._run(forking, target, messages.encode(list(arguments)), limits, broken)

    async def execute(
        self,
        program: Program,
        arguments: Sequence[str],
        files: Mapping[str, bytes],
        results: Sequence[str],
        limits: Limits,
        broken: str,
    ) -> Finished:
        """Run a program on files in an empty directory and take the named results.

        Raises:
            Refusal: see the top of the module.
            ValueError: a file's name is not a plain one, or an argument cannot be passed.
        """
        for name in (*files, *results):
            if not _NAME.fullmatch(name):
                raise ValueError(f"a file of an isolated program cannot be named {name!r}")
        if any("\0" in argument for argument in arguments):
            raise ValueError("an argument of a program holds NUL")
        forking = await self._ready()
        execution = messages.Execution(program.path, list(arguments), dict(files), list(results))
        made = await self._run(forking, "", messages.encode(execution), limits, broken)
        return Finished(made["code"], made["output"], made["errors"], made["files"])

    async def _ready(self, module: str | None = None) -> Forking:
        forking = self._forking
        if forking is not None and forking.alive and (module is None or module in forking.warm):
            return forking
        async with self._starting:
            if self._forking is None or not self._forking.alive:
                if self._forking is not None:
                    await self._forking.stop()
                self._forking = await self._begin()
            if module is not None:
                await self._forking.import_ahead(module)
                self._modules.setdefault(module)
            return self._forking

    async def _begin(self) -> Forking:
        if self._scratch is None:
            self._scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="archwright-isolated-"))
            # Others may pass through, which those without rights have to, but not look around.
            self._scratch.chmod(0o711)
        forking = await Forking.start(self._scratch)
        try:
            for module in (probe_module := f"{__package__}.probe", *self._modules):
                await forking.import_ahead(module)
            self.in_force = await self._tried(forking, f"{probe_module}:probe")
        except BaseException:
            await forking.stop()
            raise
        return forking

    async def _tried(self, forking: Forking, target: str) -> dict[str, list[str]]:
        """What is in force, as far as an isolated process finds it to be.

        Raises:
            StartError: less than is required.
        """
        assert self._scratch is not None
        outside = self._scratch / "outside"
        self._scratch.mkdir(mode=0o711, exist_ok=True)
        outside.write_bytes(b"")
        try:
            shut = await self._run(forking, target, messages.encode([str(outside)]), USUAL, "invalid")
        except Refusal as refusal:
            raise StartError(f"isolated processes do not run on this machine: {refusal}") from None
        finally:
            outside.unlink(missing_ok=True)
        missing = [name for name in NEEDED if not shut[name]]
        if missing and self._requirement == "require":
            raise StartError(
                f"this machine cannot shut off {' and '.join(missing)} for processes that read files of strangers: "
                "Linux can from 5.13 on, with Landlock and seccomp; ARCHWRIGHT_ISOLATION=available does without"
            )
        return {name: forking.mechanisms[name] if shut[name] else [] for name in NEEDED}

    async def _run(self, forking: Forking, target: str, given: bytes, limits: Limits, broken: str) -> Any:
        await self._wait_for_turn()
        self._numbers += 1
        number = self._numbers
        ours, theirs = socket.socketpair()
        with ours:
            ours.setblocking(False)
            with theirs:
                try:
                    ended = forking.begin(messages.Start(number, target, limits), theirs)
                except OSError:
                    self._slots.release()
                    raise Refusal("busy", _BUSY, retry_after=1) from None
            ended.add_done_callback(lambda _: self._slots.release())
            try:
                async with asyncio.timeout(limits.seconds + _GRACE):
                    answer = await _talk(ours, given, limits.result)
                    if answer is None:
                        forking.give_up(number)
                    end = await asyncio.shield(ended)
            except TimeoutError:
                # Whoever watches the clock of calls does not do it any more.
                await forking.stop()
                _refuse_limit("time")
            except BaseException:
                forking.give_up(number)
                raise
        return self._judge(target, end, answer, broken)

    async def _wait_for_turn(self) -> None:
        if self._waiting >= self._most_waiting:
            raise Refusal("busy", _BUSY, retry_after=1)
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1

    def _judge(self, target: str, end: messages.Ended, answer: bytes | None, broken: str) -> Any:
        if end.late:
            _refuse_limit("time")
        if end.lost:
            raise Refusal("busy", _BUSY, retry_after=1)
        if answer is None:
            _refuse_limit("result")
        if end.signal:
            self._judge_signal(target, end.signal, broken)
        try:
            read = messages.decode_answer(answer)
        except (msgspec.DecodeError, RecursionError):
            return self._break(target, messages.Broken("no answer", []), broken)
        match read:
            case messages.Value(value):
                return value
            case messages.Refused(kind, detail) if _KIND.fullmatch(kind):
                raise Refusal(kind, None if detail is None else detail[:_LONGEST_DETAIL])
            case messages.Exceeded(what):
                _refuse_limit(what)
            case messages.Broken():
                return self._break(target, read, broken)
        return self._break(target, messages.Broken("no answer", []), broken)

    def _judge_signal(self, target: str, number: int, broken: str) -> NoReturn:
        if number in _OF_LIMITS:
            _refuse_limit(_OF_LIMITS[number])
        self._break(target, messages.Broken(f"signal.{number}", []), broken)

    def _break(self, target: str, problem: messages.Broken, broken: str) -> NoReturn:
        self._report("isolated-call-broke", {"target": target or "program", "error": problem.error, "at": problem.at})
        raise Refusal(broken, "The file cannot be read.")


async def _talk(ours: socket.socket, given: bytes, most: int) -> bytes | None:
    """Hand over the arguments and take the answer; nothing where it is longer than it may be."""
    loop = asyncio.get_running_loop()
    # Whoever ended before reading everything says why by how it ended.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        await loop.sock_sendall(ours, given)
        ours.shutdown(socket.SHUT_WR)
    blocks: list[bytes] = []
    left = most
    with contextlib.suppress(ConnectionResetError):
        while block := await loop.sock_recv(ours, _BLOCK):
            blocks.append(block)
            left -= len(block)
            if left < 0:
                return None
    return b"".join(blocks)


def _refuse_limit(what: str) -> NoReturn:
    raise Refusal("too-complex", f"Reading the file takes more {what} than it may take.")
