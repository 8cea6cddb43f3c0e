"""The load: 32 connections that ask again as soon as they are answered."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .process import ServerError

CONNECTIONS = 32
_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True)
class Work:
    """What to send, and where."""

    port: int
    method: str
    token: str
    requests: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Outcome:
    """What came of it; latencies in microseconds."""

    requests: int
    seconds: float
    p50: int
    p99: int


def drive(work: Work, seconds: int) -> Outcome:
    """Send requests for a while, with wrk where it is installed.

    Raises:
        ServerError: an answer was not a success, so its speed means nothing.
    """
    numbers = _with_wrk(work, seconds) if generator() == "wrk" else asyncio.run(_with_asyncio(work, seconds))
    if numbers["refused"] or numbers["broken"] or not numbers["requests"]:
        raise ServerError(f"{work.method} {work.requests[0][0]}: {numbers}")
    return Outcome(numbers["requests"], numbers["microseconds"] / 1e6, numbers["p50"], numbers["p99"])


def generator() -> str:
    """The name of the load generator that this machine uses."""
    return "wrk" if shutil.which("wrk") else "asyncio"


def _with_wrk(work: Work, seconds: int) -> dict[str, int]:
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as prepared:
        prepared.write(f"{work.method}\n{work.token}\n")
        prepared.writelines(f"{path}\n{body}\n" for path, body in work.requests)
        prepared.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_SCRIPT)]
        command += [f"http://127.0.0.1:{work.port}", "--", prepared.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            numbers: dict[str, int] = json.loads(line.removeprefix("RESULT "))
            return numbers
    raise ServerError(f"wrk said: {done.stdout}{done.stderr}")


async def _with_asyncio(work: Work, seconds: int) -> dict[str, int]:
    latencies: list[int] = []
    refused: list[int] = []
    end = time.perf_counter() + seconds
    started = time.perf_counter()
    messages = [_message(work, path, body) for path, body in work.requests]
    await asyncio.gather(
        *(_connection(work.port, messages, offset, end, latencies, refused) for offset in range(CONNECTIONS))
    )
    latencies.sort()
    return {
        "requests": len(latencies),
        "microseconds": int((time.perf_counter() - started) * 1e6),
        "refused": len(refused),
        "broken": 0,
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[len(latencies) * 99 // 100],
    }


async def _connection(
    port: int, messages: Sequence[bytes], offset: int, end: float, latencies: list[int], refused: list[int]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    position = offset
    while (asked := time.perf_counter()) < end:
        writer.write(messages[position % len(messages)])
        status = await _answer(reader)
        latencies.append(int((time.perf_counter() - asked) * 1e6))
        if not 200 <= status < 300:
            refused.append(status)
        position += CONNECTIONS
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        await reader.readuntil(b"\r\n0\r\n\r\n")
    elif b"content-length:" in lower:
        await reader.readexactly(int(lower.split(b"content-length:")[1].split(b"\r\n")[0]))
    return int(head[9:12])


def _message(work: Work, path: str, body: str) -> bytes:
    content = body.encode()
    head = (
        f"{work.method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{work.port}\r\nAuthorization: Bearer {work.token}\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
