"""The load generator for machines without wrk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks import load
from benchmarks.contender import uvicorn
from benchmarks.process import ServerError, serving
from testing_support.ports import free_port


def test_generator_without_wrk_counts_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are counted by the built-in generator where wrk is missing."""
    monkeypatch.setattr(load, "generator", lambda: "asyncio")
    port = free_port()
    command = uvicorn("benchmarks.peers.constant.main:app", port)

    with serving(command, port, {}, "/health", tmp_path / "log"):
        outcome = load.drive(load.Work(port, "GET", "none", [("/api/tickets/1", "")]), 1)

    assert outcome.requests > 0
    assert outcome.p50 <= outcome.p99


def test_refusals_are_not_fast_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contender that answers with errors is reported, not measured."""
    refused = {"requests": 10, "microseconds": 10, "refused": 10, "broken": 0, "p50": 1, "p99": 1}

    async def answer(_work: load.Work, _seconds: int) -> dict[str, int]:
        await asyncio.sleep(0)
        return refused

    monkeypatch.setattr(load, "generator", lambda: "asyncio")
    monkeypatch.setattr(load, "_with_asyncio", answer)

    with pytest.raises(ServerError, match="refused"):
        load.drive(load.Work(1, "GET", "none", [("/", "")]), 1)
