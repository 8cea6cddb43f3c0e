"""The process that forks: started without environment and descriptors, it imports what calls need and forks for each.

It never sees the bytes of a call: they go straight to the forked process, which ends with it. What it does itself is
bookkeeping, in one thread: fork, watch the clock, kill, remove directories.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import shutil
import signal
import socket
import time
from dataclasses import dataclass

import msgspec

from . import forked
from .confinement import Confinement
from .messages import Ended, Notice, Ready, Setup, Start, Stop, Warm, Warmed, decode_order, encode

_LARGEST_MESSAGE = 65_536


@dataclass
class _Call:
    """One forked process.

    Attributes:
        deadline: when it is killed, on the clock that only goes forward.
    """

    number: int
    directory: str
    deadline: float
    late: bool = False


class Server:
    """Takes orders from the service until that ends.

    Args:
        control: the connected socket of orders and notices.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._calls: dict[int, _Call] = {}
        self._modules: list[str] = []
        self._scratch = ""
        self._confinement = Confinement()
        self._woken, self._wake = socket.socketpair()

    def run(self) -> None:
        """Work until the service closes its end."""
        self._woken.setblocking(False)
        self._wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self._confinement = Confinement.begin()
        self._tell(Ready(self._confinement.mechanisms()))
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(self._patience())}
            if self._woken.fileno() in ready:
                self._reap()
            self._end_late()
            if self._control.fileno() in ready and not self._obey():
                break
        self._leave()

    def _leave(self) -> None:
        """End every call, and clean up for a service that could not do so itself."""
        for process in self._calls:
            _kill(process)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)
        if self._scratch:
            with contextlib.suppress(RecursionError):
                shutil.rmtree(self._scratch, ignore_errors=True)

    def _obey(self) -> bool:
        """Follow one order; whether there was one."""
        message, descriptors, _, _ = socket.recv_fds(self._control, _LARGEST_MESSAGE, 1)
        if not message:
            return False
        order = decode_order(message)
        match order:
            case Setup(scratch):
                self._scratch = scratch
            case Warm(module):
                self._tell(Warmed(module, self._warm(module)))
            case Start():
                self._start(order, descriptors[0])
            case Stop(number):
                for process, call in self._calls.items():
                    if call.number == number:
                        _kill(process)
        return True

    def _warm(self, module: str) -> str:
        if module in self._modules:
            return ""
        try:
            importlib.import_module(module)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        self._modules.append(module)
        # What is there already stays as it is: forked processes then share its memory.
        gc.collect()
        gc.freeze()
        return ""

    def _start(self, order: Start, data: int) -> None:
        directory = os.path.join(self._scratch, f"call-{order.call}")
        code = forked.packages(self._modules)
        server = os.getpid()
        try:
            self._make(directory)
            process = os.fork()
        except OSError:
            # No space, or no processes: what was given has nothing to do with it.
            self._tell(Ended(order.call, lost=True))
            return
        finally:
            if os.getpid() == server:
                os.close(data)
        if process == 0:
            forked.become(self._confinement, server, order.target, order.limits, data, directory, code)
        self._calls[process] = _Call(order.call, directory, time.monotonic() + order.limits.seconds)

    def _make(self, directory: str) -> None:
        """Make a private directory; what cleans /tmp may have taken the one that it belongs into."""
        os.makedirs(self._scratch, 0o711, exist_ok=True)
        os.mkdir(directory, 0o700)
        self._confinement.own(directory)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._woken.recv(4096):
                pass
        with contextlib.suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                # Before it is reaped its number is nobody else's. A program may have outlived what watched it.
                _kill(found.si_pid)
                _, status = os.waitpid(found.si_pid, 0)
                self._finish(found.si_pid, status)

    def _finish(self, process: int, status: int) -> None:
        call = self._calls.pop(process, None)
        if call is None:
            return
        # A directory that cannot be removed now goes with all the others when the service ends.
        with contextlib.suppress(RecursionError):
            shutil.rmtree(call.directory, ignore_errors=True)
        self._tell(Ended(call.number, max(0, -os.waitstatus_to_exitcode(status)), call.late))

    def _patience(self) -> float | None:
        if not self._calls:
            return None
        return max(0.0, min(call.deadline for call in self._calls.values()) - time.monotonic()) * 1000 + 1

    def _end_late(self) -> None:
        now = time.monotonic()
        for process, call in self._calls.items():
            if call.deadline <= now:
                call.late = True
                call.deadline = now + 1
                _kill(process)

    def _tell(self, notice: Notice) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._control.send(encode(notice))


def _kill(process: int) -> None:
    """End a process with everything that it started.

    Until it has made a group of its own, it is alone.
    """
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(process, signal.SIGKILL)


def main(descriptor: int) -> None:
    """Serve the orders that come over an inherited socket."""
    with contextlib.suppress(KeyboardInterrupt, msgspec.DecodeError):
        Server(socket.socket(fileno=descriptor)).run()
