"""Digests are the published ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from testing_support.part import Part

PART = Part(Path(__file__).parent.parent)
# Of "abc": FIPS 180-4, FIPS 202 and RFC 7693.
_OF_ABC = {
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha3-256": "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    "blake2s": "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
}


@pytest.mark.parametrize("algorithm", _OF_ABC)
async def test_published(algorithm: str) -> None:
    """The digest of ``abc`` is the one of the standard."""
    assert await PART.run("text", text="abc", algorithm=algorithm) == {"digest": _OF_ABC[algorithm]}


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512", "sha3-256", "sha3-512", "blake2b", "blake2s"])
async def test_every_algorithm(algorithm: str) -> None:
    """Every algorithm of the manifest works on every text, and two texts differ."""
    one = (await PART.run("text", text="é\U0001f600", algorithm=algorithm))["digest"]

    assert one != (await PART.run("text", text="", algorithm=algorithm))["digest"]
    assert one == (await PART.run("text", text="é\U0001f600", algorithm=algorithm))["digest"]


async def test_default() -> None:
    """Without an algorithm it is SHA-256."""
    assert (await PART.run("text", text="abc"))["digest"] == _OF_ABC["sha256"]


async def test_file() -> None:
    """A file's digest is that of its bytes."""
    content = bytes(range(256)) * 1000
    file = PART.surroundings.given(content)

    assert await PART.run("file", file=file) == {"digest": hashlib.sha256(content).hexdigest(), "size": 256_000}


@pytest.mark.parametrize(
    ("left", "right", "same"), [("a", "a", True), ("a", "b", False), ("a", "ab", False), ("é", "e", False)]
)
async def test_same(left: str, right: str, same: bool) -> None:
    """Two texts are the same or not, also outside of ASCII and of different length."""
    assert await PART.run("same", left=left, right=right) == {"same": same}
