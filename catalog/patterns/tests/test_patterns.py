"""Patterns find what they say, and those that attack end at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_patterns import search
from testing_support.part import Part

PART = Part(Path(__file__).parent.parent)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b+", "abbb", True),
        ("^b", "ab", False),
        ("é", "café", True),
        ("(?i)A", "a", True),
        ("", "", True),
        (r"\d", "1", True),
    ],
)
async def test_matches(pattern: str, text: str, found: bool) -> None:
    """A pattern is found or not."""
    assert await PART.run("matches", pattern=pattern, text=text) == {"matches": found}


async def test_find() -> None:
    """It gives what is found, the first group where there is one, and says whether there is more."""
    assert await PART.run("find", pattern=r"[0-9]+", text="1 and 22", most=1) == {"found": ["1"], "more": True}
    assert await PART.run("find", pattern=r"id=(\w+)", text="id=a id=b") == {"found": ["a", "b"], "more": False}
    assert await PART.run("find", pattern="A", text="aA", ignore_case=True) == {"found": ["a", "A"], "more": False}


async def test_replace() -> None:
    """What is found is replaced by a text that means nothing but itself."""
    found = await PART.run("replace", pattern=r"(\d)", text="a1b2", **{"with": r"\1\g<0>$1"})

    assert found == {"text": r"a\1\g<0>$1b\1\g<0>$1", "count": 2}


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "^(a*)*$", "(.*)*x", "([a-z]+)*!", "a{0,100}" * 5 + "b"])
async def test_catastrophes(pattern: str) -> None:
    """Patterns over which others never end are over at once."""
    assert not (await PART.run("matches", pattern=pattern, text="a" * 50_000 + "-"))["matches"]


@pytest.mark.parametrize(
    "pattern", ["(", "[", "*", "a**", "(?=a)", r"(a)\1", "(?<!a)b", "a{1001}", "(a{1000}){1000}", "\\"]
)
async def test_refused(pattern: str) -> None:
    """What cannot be read, is not linear, or needs too much memory is refused, and `check` says so."""
    with pytest.raises(Refusal) as caught:
        await PART.run("matches", pattern=pattern, text="a")
    assert caught.value.kind == "bad-pattern"
    checked = await PART.run("check", pattern=pattern)
    assert not checked["valid"] and checked["problem"]


async def test_valid() -> None:
    """A pattern that can be used is valid."""
    assert await PART.run("check", pattern="^[a-z]+$") == {"valid": True}


async def test_too_long() -> None:
    """What is replaced stays bounded."""
    with pytest.raises(Refusal) as caught:
        await PART.run("replace", pattern="", text="a" * 100_000, **{"with": "b" * 500})
    assert caught.value.kind == "too-long"


@given(st.text(max_size=40), st.text(max_size=60))
def test_whatever_comes(pattern: str, text: str) -> None:
    """Every pattern is refused or searches every text."""
    try:
        compiled = search.compiled(pattern, False)
    except Refusal:
        return
    found, _ = search.find(compiled, text, 10)
    assert bool(found) == search.matches(compiled, text)
