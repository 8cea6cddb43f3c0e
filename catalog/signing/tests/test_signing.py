"""What was signed verifies, and nothing else does."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal, SettingError
from testing_support.part import NOW, Part

FOLDER = Path(__file__).parent.parent
HOUR = 3_600_000_000
SECRET = "a-secret-of-these-tests-that-is-long-enough"


def _pem() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _part(algorithm: str = "hmac", **secrets: str) -> Part:
    key = SECRET if algorithm == "hmac" else _pem()
    return Part(FOLDER, {"signing-key": key, **secrets}, algorithm=algorithm)


@pytest.fixture(params=["hmac", "ed25519"])
def part(request: pytest.FixtureRequest) -> Part:
    """The component with each kind of key."""
    return _part(request.param)


async def _refused(part: Part, verb: str, **input: str) -> str:
    with pytest.raises(Refusal) as caught:
        await part.run(verb, **input)
    return caught.value.kind


@pytest.mark.parametrize("text", ["", "a", 'é\U0001f600\n"', "x" * 1000, "\U0001f600" * 1000])
async def test_round(part: Part, text: str) -> None:
    """A text comes back, with the second in which it stops to count."""
    made = await part.run("sign", text=text, purpose="test", lifetime=HOUR)

    found = await part.run("verify", token=made["token"], purpose="test")

    assert found == {"text": text, "expires": NOW + timedelta(hours=1)}


async def test_expiry(part: Part) -> None:
    """It counts until its last second and not in it."""
    made = await part.run("sign", text="a", purpose="test", lifetime=HOUR)

    part.surroundings.now = made["expires"] - timedelta(microseconds=1)
    await part.run("verify", token=made["token"], purpose="test")
    part.surroundings.now = made["expires"]

    assert await _refused(part, "verify", token=made["token"], purpose="test") == "expired"


async def test_purpose(part: Part) -> None:
    """A token for one thing is none for another."""
    made = await part.run("sign", text="a", purpose="one", lifetime=HOUR)

    assert await _refused(part, "verify", token=made["token"], purpose="other") == "bad-signature"


async def test_changed(part: Part) -> None:
    """A token with any other character is not ours."""
    token = (await part.run("sign", text="abc", purpose="test", lifetime=HOUR))["token"]

    for place in range(len(token)):
        for other in "A_-.=":
            changed = token[:place] + other + token[place + 1 :]
            if changed != token:
                assert await _refused(part, "verify", token=changed, purpose="test") == "bad-signature"


@given(st.text(max_size=80))
async def test_whatever_comes(text: str) -> None:
    """No other text is taken, and none is an accident."""
    part = _part()
    for token in (text, f"s1.{text}", f"s1.{text}.{text}"):
        assert await _refused(part, "verify", token=token, purpose="test") == "bad-signature"
    assert await _refused(part, "verify_path", path=f"/a?expires=1&signature={text}") == "bad-signature"


async def test_other_keys() -> None:
    """What another key signed does not count, unless it is the previous one."""
    other = "another-secret-of-these-tests-just-as-long"
    token = (await _part(**{"signing-key": other}).run("sign", text="a", purpose="test", lifetime=HOUR))["token"]

    assert await _refused(_part(), "verify", token=token, purpose="test") == "bad-signature"
    rotated = _part(**{"previous-signing-key": other})
    assert (await rotated.run("verify", token=token, purpose="test"))["text"] == "a"


@pytest.mark.parametrize("path", ["/files/1", "/files/1?name=a%20b&x=", "/"])
async def test_path(part: Part, path: str) -> None:
    """A signed path gives the path back."""
    made = await part.run("sign_path", path=path, lifetime=HOUR)

    assert (await part.run("verify_path", path=made["path"]))["path"] == path


async def test_changed_path(part: Part) -> None:
    """Neither the path nor its expiry can be changed, and nothing can be added."""
    made = (await part.run("sign_path", path="/files/1?a=1", lifetime=HOUR))["path"]

    for changed in (
        made.replace("/1", "/2"), made.replace("a=1", "a=2"), made.replace("expires=1", "expires=2"), made + "&b=1",
        made.replace("?a=1&", "?"), made.replace("&signature", "&x=1&signature"), made[:-1], "/" + made,
    ):  # fmt: skip
        assert await _refused(part, "verify_path", path=changed) == "bad-signature"
    part.surroundings.now += timedelta(hours=2)
    assert await _refused(part, "verify_path", path=made) == "expired"


@pytest.mark.parametrize(
    "path", ["", "files", "//evil.example", "/a b", "/a#b", "/a?signature=x", "/a?expires=1", "/\\x", "/é"]
)
async def test_no_path(path: str) -> None:
    """What is no path of this service is not signed."""
    with pytest.raises(Refusal) as caught:
        await _part().run("sign_path", path=path, lifetime=HOUR)
    assert caught.value.kind == "bad-path"


@pytest.mark.parametrize("lifetime", [0, -HOUR, 367 * 24 * HOUR])
async def test_lifetime(lifetime: int) -> None:
    """A signature counts for a second to a year."""
    with pytest.raises(Refusal) as caught:
        await _part().run("sign", text="a", purpose="test", lifetime=lifetime)
    assert caught.value.kind == "bad-lifetime"


async def test_others_verify() -> None:
    """Another service verifies with the public key alone."""
    part = _part("ed25519")
    _, content, signature = (await part.run("sign", text="a", purpose="test", lifetime=HOUR))["token"].split(".")
    key = load_pem_public_key((await part.run("public_key"))["key"].encode())

    padded = [base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in (content, signature)]

    key.verify(padded[1], b"archwright-token\x00" + padded[0])  # type: ignore[union-attr, call-arg]
    assert (await _part().run("public_key"))["key"] is None


@pytest.mark.parametrize(("algorithm", "key"), [("hmac", "short"), ("ed25519", "no key"), ("ed25519", SECRET)])
def test_keys(algorithm: str, key: str) -> None:
    """A key that is too short or of another kind refuses to start, and is in no message."""
    with pytest.raises(SettingError) as caught:
        _part(algorithm, **{"signing-key": key})
    assert key not in str(caught.value)


def test_not_shown() -> None:
    """No key is in a representation."""
    from archwright_std_signing.keys import read_keys

    assert SECRET not in repr(read_keys(_part().surroundings, "hmac"))
