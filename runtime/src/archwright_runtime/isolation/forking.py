"""The service's end of the process that forks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from ..errors import StartError
from .messages import Ended, Order, Ready, Setup, Start, Stop, Warm, Warmed, decode_notice, encode

_LARGEST_MESSAGE = 65_536
_MOST_SECONDS = 30.0
# The path is given, since the environment that it came from is not.
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    f"from {__package__}.server import main; main(int(sys.argv[1]))"
)


class Forking:
    """Orders go out, notices come in; both are small.

    Attributes:
        mechanisms: what it confines calls with.
        warm: modules that it has imported.
    """

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self.mechanisms: dict[str, list[str]] = {}
        self.warm: set[str] = set()
        self._process = process
        self._control = control
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._importing: dict[str, asyncio.Future[str]] = {}
        self._calls: dict[int, asyncio.Future[Ended]] = {}
        self._loop.add_reader(control.fileno(), self._listen)

    @classmethod
    async def start(cls, scratch: Path) -> Forking:
        """Start the process, without environment and with no descriptor but the one to talk over.

        Raises:
            StartError: it does not start.
        """
        if sys.platform != "linux":
            raise StartError("files of strangers can be read apart from everything else on Linux only")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        path = json.dumps([entry for entry in sys.path if entry])
        with theirs:
            command = [sys.executable, "-I", "-X", "utf8", "-c", _PROGRAM, str(theirs.fileno()), path]
            nowhere = subprocess.DEVNULL
            try:
                process = subprocess.Popen(
                    command, env={}, pass_fds=[theirs.fileno()], stdin=nowhere, stdout=nowhere, stderr=nowhere, cwd="/"
                )
            except OSError as error:
                ours.close()
                raise StartError(f"the process for files of strangers cannot be started: {error.strerror}") from None
        forking = cls(process, ours)
        forking._send(Setup(str(scratch)))
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                await forking._ready
        except TimeoutError:
            await forking.stop()
            raise StartError("the process for files of strangers does not answer") from None
        return forking

    @property
    def alive(self) -> bool:
        """Whether it still takes orders."""
        return self._control.fileno() >= 0

    async def import_ahead(self, module: str) -> None:
        """Let every later call find a module imported.

        Raises:
            StartError: it cannot be imported.
        """
        if module in self.warm:
            return
        known = self._importing.get(module)
        if known is None:
            known = self._importing[module] = self._loop.create_future()
            self._send(Warm(module))
        problem = await asyncio.shield(known)
        if problem:
            raise StartError(f"`{module}` cannot be imported for isolated calls: {problem}")

    def begin(self, start: Start, data: socket.socket) -> asyncio.Future[Ended]:
        """Have a process forked that talks over ``data``; what is returned is done when that process is gone.

        Raises:
            OSError: no order can be given.
        """
        socket.send_fds(self._control, [encode(start)], [data.fileno()])
        ended: asyncio.Future[Ended] = self._loop.create_future()
        self._calls[start.call] = ended
        return ended

    def give_up(self, call: int) -> None:
        """Kill a call's process, if it still lives."""
        if call in self._calls:
            with contextlib.suppress(OSError):
                self._send(Stop(call))

    async def stop(self) -> None:
        """End the process and with it every call."""
        self._lost()
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    def _send(self, order: Order) -> None:
        self._control.send(encode(order))

    def _listen(self) -> None:
        try:
            while message := self._control.recv(_LARGEST_MESSAGE):
                self._take(message)
        except BlockingIOError:
            return
        except (OSError, msgspec.DecodeError):
            pass
        self._lost()

    def _take(self, message: bytes) -> None:
        match decode_notice(message):
            case Ready(mechanisms):
                self.mechanisms = mechanisms
                if not self._ready.done():
                    self._ready.set_result(None)
            case Warmed(module, problem):
                if not problem:
                    self.warm.add(module)
                if (waiting := self._importing.pop(module, None)) is not None:
                    waiting.set_result(problem)
            case Ended() as ended:
                if (call := self._calls.pop(ended.call, None)) is not None and not call.done():
                    call.set_result(ended)

    def _lost(self) -> None:
        """Whoever waits learns that nothing will come; processes that were forked end with the one that forked them."""
        if not self.alive:
            return
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        if not self._ready.done():
            self._ready.set_exception(StartError("the process for files of strangers ended at once"))
        for waiting in self._importing.values():
            waiting.set_result("the process for files of strangers ended")
        for number, call in self._calls.items():
            if not call.done():
                call.set_result(Ended(number, lost=True))
        self._importing.clear()
        self._calls.clear()
