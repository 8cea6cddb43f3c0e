"""The plan is all that the two distributions share; here both read the same ones.

A golden plan that changes is a change of the format.
Write it anew with ``ARCHWRIGHT_WRITE_GOLDEN=1``, but only with a reason why a runtime in production may meet it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from archwright.assembler import plan as written
from archwright.assembler.records import build
from archwright_runtime import plan as read
from toolchain.tests import plans

GOLDEN = Path(__file__).parent / "plans"
PLANS = {"leave-requests": plans.leave_requests, "helpdesk": plans.helpdesk}


@pytest.mark.parametrize("name", PLANS)
def test_the_toolchain_writes_the_golden_plan(name: str) -> None:
    """What the toolchain writes today is, byte for byte, what it wrote when the format was agreed on."""
    path = GOLDEN / f"{name}.json"
    content = written.canonical(written.to_data(PLANS[name]()))
    if os.environ.get("ARCHWRIGHT_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    assert path.read_bytes() == content


@pytest.mark.parametrize("name", PLANS)
def test_the_runtime_loses_nothing_of_it(name: str) -> None:
    """The runtime reads the golden plan and, writing it, gives the same data."""
    content = (GOLDEN / f"{name}.json").read_bytes()

    assert json.loads(msgspec.json.encode(read.decode(content))) == json.loads(content)


@pytest.mark.parametrize("name", PLANS)
def test_the_toolchain_reads_it_too(name: str) -> None:
    """The toolchain's own reading gives the plan that was written."""
    content = (GOLDEN / f"{name}.json").read_bytes()

    assert written.canonical(written.to_data(build(written.Plan, json.loads(content)))) == content


def records() -> Iterator[str]:
    """Every record that the toolchain knows."""
    for name, found in sorted(vars(written).items()):
        if isinstance(found, type) and dataclasses.is_dataclass(found):
            yield name


@pytest.mark.parametrize("name", list(records()))
def test_both_know_the_same_records(name: str) -> None:
    """Each record has the same members, with the same types and defaults, on both sides."""
    assert _members_written(getattr(written, name)) == _members_read(getattr(read, name))


def test_there_are_no_records_on_one_side_alone() -> None:
    """The runtime knows no record that the toolchain could not write."""
    structs = {name for name, found in vars(read).items() if _is_struct(found) and not name.startswith("_")}

    assert structs == set(records())


def _is_struct(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, msgspec.Struct)


def _members_written(cls: Any) -> dict[str, tuple[str, Any]]:
    hints = get_type_hints(cls)
    return {
        member.name: (_shape(hints[member.name]), _plain(_default(member.default, member.default_factory)))
        for member in dataclasses.fields(cls)
    }


def _members_read(cls: type[msgspec.Struct]) -> dict[str, tuple[str, Any]]:
    hints = get_type_hints(cls)
    return {
        member.name: (_shape(hints[member.name]), _plain(_default(member.default, member.default_factory)))
        for member in msgspec.structs.fields(cls)
    }


def _default(value: Any, factory: Any) -> Any:
    if callable(factory):
        return factory()
    return "required" if value in (dataclasses.MISSING, msgspec.NODEFAULT) else value


def _plain(value: Any) -> Any:
    """A default as data: records differ in their class on both sides."""
    if dataclasses.is_dataclass(value):
        return written.to_data(value)
    return msgspec.to_builtins(value) if isinstance(value, (msgspec.Struct, tuple)) else value


def _shape(hint: Any) -> str:
    """A type by its name, whichever module it comes from."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return " | ".join(sorted(_shape(part) for part in get_args(hint)))
    if origin is not None:
        return f"{getattr(origin, '__name__', origin)}[{', '.join(_shape(part) for part in get_args(hint))}]"
    return getattr(hint, "__name__", str(hint))
