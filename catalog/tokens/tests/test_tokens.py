"""Tokens have the strength and the alphabet that they state."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_tokens.alphabets import ALPHABETS, bits_of, length_for
from testing_support.part import Part

PART = Part(Path(__file__).parent.parent)


@given(st.sampled_from(sorted(ALPHABETS)), st.integers(1, 512))
def test_strength(alphabet: str, bits: int) -> None:
    """A token is as long as its strength needs, and no longer."""
    length = length_for(ALPHABETS[alphabet], bits)

    assert bits_of(ALPHABETS[alphabet], length) >= bits
    assert length == 1 or bits_of(ALPHABETS[alphabet], length - 1) < bits


@pytest.mark.parametrize("alphabet", ["base62", "base58", "base32", "hex", "letters"])
@pytest.mark.parametrize("bits", [64, 128, 512])
async def test_token(alphabet: str, bits: int) -> None:
    """A token has characters of its alphabet only, and never the same twice."""
    found = [await PART.run("random", alphabet=alphabet, bits=bits) for _ in range(20)]

    assert {one for item in found for one in item["token"]} <= set(ALPHABETS[alphabet])
    assert len({item["token"] for item in found}) == 20
    assert all(item["bits"] >= bits for item in found)


async def test_defaults() -> None:
    """A token has 128 bits, a code six digits."""
    assert (await PART.run("random"))["bits"] >= 128
    assert re.fullmatch("[0-9]{6}", (await PART.run("code"))["code"])


async def test_groups() -> None:
    """A code is written in groups."""
    code = (await PART.run("code", length=10, alphabet="clear", group=4))["code"]

    assert re.fullmatch("[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}", code)


async def test_longest() -> None:
    """The longest of each fits what the manifest promises."""
    await PART.run("random", bits=512, alphabet="hex")
    await PART.run("code", length=32, group=2)


async def test_uuid() -> None:
    """A UUID is one of version 4."""
    assert uuid.UUID((await PART.run("uuid"))["uuid"]).version == 4


async def test_number() -> None:
    """Both bounds can come, and nothing beyond them."""
    found = {(await PART.run("number", low=-1, high=1))["number"] for _ in range(200)}

    assert found == {-1, 0, 1}


async def test_no_number() -> None:
    """There is nothing between bounds the wrong way round."""
    with pytest.raises(Refusal) as caught:
        await PART.run("number", low=2, high=1)
    assert caught.value.kind == "empty-range"
