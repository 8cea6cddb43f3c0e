"""The log: one JSON object per line, buffered, written by a thread so that a slow reader never holds up requests.

Rules:

* No values from queries, bodies, cookies or rows; callers appear as a keyed hash.
* An exception is logged by its type and places in the code, without its message, which may hold data of rows;
  development shows the message too.
* Lines are handed over every 50 ms or 64 KiB. When the log's reader falls far behind, lines are dropped and counted.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

Level = Literal["debug", "info", "warning", "error"]

_FLUSH_SECONDS = 0.05
_FLUSH_BYTES = 65_536
_MOST_WAITING = 256
_MOST_FRAMES = 20
_encode = msgspec.json.Encoder().encode


class RequestLine(msgspec.Struct, tag_field="event", tag="request", omit_defaults=True):
    """What is said about one request."""

    time: datetime
    level: Level
    request: str
    trace: str
    method: str
    route: str
    operation: str
    status: int
    ms: float
    caller: str | None = None


class Writer:
    """Hands lines to a descriptor from a thread of its own."""

    def __init__(self, descriptor: int = 1, write: Callable[[int, bytes], int] = os.write) -> None:
        self._descriptor = descriptor
        self._write = write
        self._lines: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._scheduled = False
        self._queue: queue.Queue[bytes | None] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None

    def line(self, line: bytes) -> None:
        """Take one line; never waits."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _FLUSH_BYTES:
            self.flush()
        elif not self._scheduled:
            self._schedule()

    def flush(self) -> None:
        """Hand over what is buffered."""
        self._scheduled = False
        if not self._lines:
            return
        block = b"\n".join(self._lines) + b"\n"
        count = len(self._lines)
        self._lines = []
        self._size = 0
        self._start()
        try:
            self._queue.put_nowait(block)
        except queue.Full:
            self._dropped += count

    def close(self) -> None:
        """Write what is left and end the thread."""
        self.flush()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    @property
    def dropped(self) -> int:
        """Lines that nobody read in time."""
        return self._dropped

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            # Before and after the loop runs nobody is held up.
            self.flush()
            return
        self._scheduled = True
        loop.call_later(_FLUSH_SECONDS, self.flush)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="log", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (block := self._queue.get()) is not None:
            view = memoryview(block)
            while view:
                try:
                    view = view[self._write(self._descriptor, bytes(view)) :]
                except OSError:
                    # Nobody reads the log any more: requests matter more than lines.
                    break


class Log:
    """Writes events of the service and lines of requests."""

    def __init__(self, writer: Writer, *, development: bool = False) -> None:
        self.writer = writer
        self._development = development

    def request(self, line: RequestLine) -> None:
        """One line about a request."""
        self.writer.line(_encode(line))

    def event(self, level: Level, event: str, **values: Any) -> None:
        """One line about the service itself, e.g. ``event("info", "started", operations=12)``."""
        self.writer.line(_encode({"time": datetime.now(UTC), "level": level, "event": event, **values}))

    def failure(self, event: str, error: BaseException, **values: Any) -> None:
        """An exception that nobody expected, without its message."""
        frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
        values["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
        values["at"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        if error.__cause__ is not None:
            values["cause"] = type(error.__cause__).__qualname__
        if self._development:
            values["message"] = str(error)[:2000]
        self.event("error", event, **values)


def _short(path: str) -> str:
    return "/".join(path.split("/")[-3:])
