"""The log: whole lines, in order, without holding up anybody."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from archwright_runtime.telemetry.log import Log, Writer


class _Reader:
    """Takes what a writer writes, at its own pace."""

    def __init__(self, step: int = 1_000) -> None:
        self.data = bytearray()
        self._step = step
        self.may_read = threading.Event()
        self.may_read.set()

    def write(self, descriptor: int, data: bytes) -> int:
        self.may_read.wait()
        part = data[: self._step]
        self.data += part
        return len(part)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in bytes(self.data).splitlines()]


async def test_lines_arrive_whole_and_in_order() -> None:
    """However the descriptor takes the bytes, every line arrives once, in its order."""
    reader = _Reader()
    writer = Writer(write=reader.write)
    log = Log(writer)

    for number in range(2_000):
        log.event("info", "test", number=number)
    await asyncio.get_running_loop().run_in_executor(None, writer.close)

    assert [record["number"] for record in reader.records] == list(range(2_000))


async def test_a_line_arrives_by_itself() -> None:
    """A quiet service still tells what happened."""
    reader = _Reader()
    writer = Writer(write=reader.write)

    Log(writer).event("info", "test")
    while not reader.data:
        await asyncio.sleep(0.01)

    assert reader.records[0]["event"] == "test"
    writer.close()


def test_lines_before_the_loop_runs_are_written() -> None:
    """What refuses to start says why."""
    reader = _Reader()
    writer = Writer(write=reader.write)

    Log(writer).event("error", "start-refused")
    writer.close()

    assert reader.records[0]["level"] == "error"


async def test_a_reader_that_hangs_holds_up_nobody() -> None:
    """Lines that nobody reads are dropped and counted; what was taken before still arrives."""
    reader = _Reader(step=100_000)
    reader.may_read.clear()
    writer = Writer(write=reader.write)

    for _ in range(400):
        writer.line(b"x" * 65_536)
    reader.may_read.set()
    dropped = writer.dropped
    await asyncio.get_running_loop().run_in_executor(None, writer.close)

    assert dropped > 0
    assert len(reader.data.splitlines()) == 400 - dropped


def test_a_descriptor_that_is_gone_ends_nothing() -> None:
    """The service outlives whoever read its log."""

    def broken(descriptor: int, data: bytes) -> int:
        raise BrokenPipeError

    writer = Writer(write=broken)

    writer.line(b"x")
    writer.close()

    assert writer.dropped == 0


def test_an_exception_is_told_without_its_message() -> None:
    """Messages can hold rows; development shows them."""
    reader = _Reader()
    writer = Writer(write=reader.write)

    try:
        raise ValueError("Ada Lovelace")
    except ValueError as error:
        Log(writer).failure("accident", error)
        Log(writer, development=True).failure("accident", error)
    writer.close()

    production, development = reader.records
    assert "Ada" not in str(production)
    assert production["at"][-1].endswith("test_an_exception_is_told_without_its_message")
    assert development["message"] == "Ada Lovelace"
