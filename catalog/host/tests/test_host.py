"""What is listed is read, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from archwright_runtime.errors import Refusal
from testing_support.part import Part

FOLDER = Path(__file__).parent.parent
_OF = {
    "processor": {"processors", "load_percent"},
    "memory": {"memory_bytes", "memory_free_bytes"},
    "process": {"own_memory_bytes", "own_threads", "own_open_files", "own_started"},
    "uptime": {"booted"},
    "system": {"system"},
}


@pytest.mark.parametrize("fact", _OF)
async def test_listed(fact: str) -> None:
    """A listed fact is there, and the others are not."""
    found = await Part(FOLDER, facts=[fact]).run("status")

    assert found.keys() == _OF[fact]
    assert all(found.values()) or fact == "processor"


async def test_nothing_listed() -> None:
    """Nothing is there where nothing is listed."""
    assert await Part(FOLDER, facts=[]).run("status") == {}


async def test_plausible() -> None:
    """The figures are those of this machine."""
    found = await Part(FOLDER).run("status")

    assert 0 < found["own_memory_bytes"] < found["memory_bytes"]
    assert found["booted"] <= found["own_started"]


async def test_disk(tmp_path: Path) -> None:
    """A listed disk has its size."""
    found = await Part(FOLDER, disks={"data": str(tmp_path)}).run("disk", name="data")

    assert 0 <= found["free_bytes"] <= found["size_bytes"] and 0 <= found["used_percent"] <= 1000


@pytest.mark.parametrize(("name", "kind"), [("other", "unknown-disk"), ("gone", "unavailable")])
async def test_no_disk(name: str, kind: str) -> None:
    """Another name, or a folder that is gone, is a failure that tells no path."""
    with pytest.raises(Refusal) as caught:
        await Part(FOLDER, disks={"gone": "/no/such/folder"}).run("disk", name=name)
    assert caught.value.kind == kind and "/no" not in str(caught.value)
