"""What happens to a row while its calls run, whatever the capability does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from archwright_runtime.errors import Refusal
from archwright_runtime.operations.calls import BATCH, Calls, PureCall
from archwright_runtime.operations.components import Bound, PureContext
from archwright_runtime.persistence.shape import Waiting
from archwright_runtime.plan import Capability, Column, Select, Type

_NOW = datetime(2026, 1, 31, tzinfo=UTC)
_SHOUT = Capability(
    input={"text": Type(kind="text", max=10), "times": Type(kind="int", low=1, high=3)},
    output={"text": Type(kind="text", max=30), "price": Type(kind="decimal", digits=5, scale=2)},
    required=("text",),
)


class Recorder:
    """A capability that counts how many of its calls run at once, and a report that is kept."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.reports: list[tuple[str, Mapping[str, Any]]] = []

    def find(self, name: str) -> tuple[Capability, PureCall]:
        return _SHOUT, self.shout

    async def shout(self, now: datetime, given: dict[str, Any]) -> dict[str, Any]:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        if given["text"] == "refuse":
            raise Refusal("invalid")
        if given["text"] == "break":
            raise ZeroDivisionError("a secret value")
        return {"text": given["text"].upper() * given.get("times", 1), "price": 1250}

    def report(self, event: str, fields: Mapping[str, Any]) -> None:
        self.reports.append((event, fields))


@pytest.fixture
def recorder() -> Recorder:
    """What was called."""
    return Recorder()


def _calls(recorder: Recorder, take: str = "text") -> Calls:
    loud = Column(name="loud", call="x.shout", take=take, arguments={})
    return Calls(Select(entity="Row", columns=(Column(name="id"), loud)), recorder.find, recorder.report)


async def _made(recorder: Recorder, *arguments: dict[str, Any], take: str = "text") -> list[Any]:
    rows = [{"id": number, "loud": Waiting(given)} for number, given in enumerate(arguments)]
    await _calls(recorder, take).fill(rows, _NOW)
    return [row["loud"] for row in rows]


async def test_result(recorder: Recorder) -> None:
    """The member is the result that is taken; arguments that are absent are left out."""
    made = await _made(recorder, {"text": "a", "times": 2}, {"text": "b", "times": None})

    assert made == ["AA", "B"]


async def test_wire(recorder: Recorder) -> None:
    """The result has the form of the wire."""
    assert await _made(recorder, {"text": "a"}, take="price") == ["12.50"]


async def test_absent(recorder: Recorder) -> None:
    """Without a required argument nothing is called and the member is null."""
    assert await _made(recorder, {"text": None}, {}) == [None, None]
    assert recorder.most == 0


@pytest.mark.parametrize("given", [{"text": "12345678901"}, {"text": "a", "times": 4}, {"text": "a", "times": 0}])
async def test_bounds(recorder: Recorder, given: dict[str, Any]) -> None:
    """An argument beyond the bounds of the manifest is not given to the capability."""
    assert await _made(recorder, given) == [None]
    assert recorder.most == 0


async def test_failures(recorder: Recorder) -> None:
    """A refusal or an accident makes one member null; only the accident is reported, without a value."""
    made = await _made(recorder, {"text": "a"}, {"text": "refuse"}, {"text": "break"}, {"text": "b"})

    assert made == ["A", None, None, "B"]
    assert recorder.reports == [("call-failed", {"capability": "x.shout", "error": "ZeroDivisionError"})]


async def test_batches(recorder: Recorder) -> None:
    """A long page is called for in batches."""
    made = await _made(recorder, *({"text": "a"} for _ in range(5 * BATCH + 1)))

    assert made == ["A"] * (5 * BATCH + 1)
    assert recorder.most == BATCH


async def test_cancelled(recorder: Recorder) -> None:
    """A request that is given up ends its calls too."""
    rows = [{"loud": Waiting({"text": "a"})}]
    task = asyncio.ensure_future(_calls(recorder).fill(rows, _NOW))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert rows == [{"loud": None}]


async def test_steps_are_bounded() -> None:
    """A step that gives a capability more than its manifest takes is refused, and the capability never sees it."""
    given: list[Any] = []

    async def shout(context: Any, input: dict[str, Any]) -> dict[str, Any]:
        given.append(input)
        return {"text": ""}

    bound = Bound(None, _SHOUT, shout, "x.shout")  # type: ignore[arg-type]

    with pytest.raises(Refusal) as caught:
        await bound.call(PureContext(_NOW), {"text": "12345678901"})
    assert (caught.value.kind, [problem.pointer for problem in caught.value.problems]) == ("invalid", ["/text"])
    assert await bound.call(PureContext(_NOW), {"text": "1234567890"}) == {"text": ""}
    assert given == [{"text": "1234567890"}]
