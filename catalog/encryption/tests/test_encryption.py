"""What was sealed opens in its context, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal, SettingError
from archwright_std_encryption.seal import Seals
from testing_support.part import Part

FOLDER = Path(__file__).parent.parent
KEY, OTHER = "a-key-of-these-tests-that-is-long-enough", "another-key-of-these-tests-as-long-as-it"
SEALS = Seals([KEY])


def _part(*keys: str) -> Part:
    names = ("encryption-key", "previous-encryption-key")
    return Part(FOLDER, dict(zip(names, keys or (KEY,), strict=False)))


async def _refused(part: Part, **input: str) -> bool:
    with pytest.raises(Refusal) as caught:
        await part.run("open", **input)
    return caught.value.kind == "cannot-open"


@given(st.text(max_size=200), st.text(max_size=20))
def test_round(text: str, context: str) -> None:
    """Every text comes back, and no two seals of it are alike."""
    first, second = SEALS.seal(text, context), SEALS.seal(text, context)

    assert SEALS.open(first, context) == SEALS.open(second, context) == (text, True)
    assert first != second


async def test_longest() -> None:
    """The longest text fits, also where every character takes four bytes."""
    part = _part()
    text = "\U0001f600" * 100_000

    sealed = (await part.run("seal", text=text))["sealed"]

    assert (await part.run("open", sealed=sealed))["text"] == text


async def test_context() -> None:
    """A seal opens in its own context only."""
    part = _part()
    sealed = (await part.run("seal", text="a", context="one"))["sealed"]

    assert await _refused(part, sealed=sealed, context="other") and await _refused(part, sealed=sealed)


async def test_changed() -> None:
    """A seal with any other character does not open."""
    part = _part()
    sealed = (await part.run("seal", text="abc"))["sealed"]

    for place in range(len(sealed) - 1):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        assert await _refused(part, sealed=changed)


@given(st.text(max_size=60))
def test_whatever_comes(text: str) -> None:
    """No other text opens, and none is an accident."""
    name = SEALS.seal("", "").split(".")[1]
    for sealed in (text, f"e1.{text}", f"e1.{name}.{text}"):
        with pytest.raises(Refusal):
            SEALS.open(sealed, "")


async def test_rotation() -> None:
    """A previous key opens and no longer seals; what it sealed can be moved to the newest one."""
    old = (await _part(OTHER).run("seal", text="a"))["sealed"]
    assert await _refused(_part(), sealed=old)
    both = _part(KEY, OTHER)

    moved = await both.run("reseal", sealed=old)

    assert (await both.run("open", sealed=old))["text"] == "a"
    assert moved["renewed"] and (await _part().run("open", sealed=moved["sealed"]))["text"] == "a"
    assert not (await both.run("reseal", sealed=moved["sealed"]))["renewed"]


def test_short_keys() -> None:
    """A key that is too short refuses to start, and is in no message."""
    with pytest.raises(SettingError) as caught:
        _part("short-key")
    assert "short-key" not in str(caught.value)


def test_labels() -> None:
    """What is opened carries the configured classes, which alone may be sealed."""
    manifest = Part(FOLDER, {"encryption-key": KEY}, classes=["personal"]).manifest
    capabilities = manifest.provides.capabilities

    assert manifest.clears == ("personal",)
    assert capabilities["encryption.open"].output["text"].class_ == ("personal",)
    assert _part().manifest.clears == ()
