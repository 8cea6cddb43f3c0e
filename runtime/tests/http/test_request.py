"""Reading requests at the border."""

from __future__ import annotations

from typing import Any

import pytest

from archwright_runtime.errors import Refusal
from archwright_runtime.http.request import Disconnected, Request, decode_path, parse_cookies, parse_pairs


def _request(headers: list[tuple[bytes, bytes]], *chunks: bytes) -> Request:
    parts = list(chunks)

    async def receive() -> Any:
        if not parts:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    return Request({"method": "POST", "query_string": b"", "headers": headers}, receive)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/", "/"),
        (b"/api/tickets", "/api/tickets"),
        (b"/%61pi", "/api"),
        (b"/caf%C3%A9", "/café"),
        (b"/a%20b", "/a b"),
        (b"/a+b", "/a+b"),
        (b"/100%25", "/100%"),
        (b"/%2561", "/%61"),
        (b"/a%2Fb", ["", "a/b"]),
        (b"/a%5Cb", ["", "a\\b"]),
        (b"/...", "/..."),
        (b"/.well-known/x", "/.well-known/x"),
    ],
)
def test_a_path_is_decoded_once(raw: bytes, path: str | list[str]) -> None:
    """Escapes are decoded once, per segment, so that an escaped slash or percent sign stays what it is."""
    assert decode_path(raw) == path


@pytest.mark.parametrize(
    "raw",
    [
        b"/../etc/passwd",
        b"/a/..",
        b"/a/./b",
        b"/%2e%2e/etc",
        b"/%2E./x",
        b"/.%2e/x",
        b"/a/%2e",
        b"/a%00b",
        b"/a\x00b",
        b"/%0d%0aset-cookie:x",
        b"/%7f",
        b"/%c2%85",
        b"/%",
        b"/%4",
        b"/%zz",
        b"/%u0041",
        b"/%ff",
        b"/%c0%af",
        b"/%c0%ae%c0%ae/x",
        b"/%e0%80%af",
        b"/%ed%a0%80",
        b"/%f8%80%80%80%80",
        b"/\xff",
        b"/caf\xc3\xa9",
    ],
)
def test_a_path_that_hides_something_is_refused(raw: bytes) -> None:
    """Traversal, controls, overlong and broken encodings are refused in every spelling."""
    with pytest.raises(Refusal) as refused:
        decode_path(raw)

    assert refused.value.kind == "malformed"


def test_a_query_keeps_its_values_in_order() -> None:
    """Names repeat, plus is a space, empty pairs are nothing."""
    assert parse_pairs(b"a=1&b=x+y&&a=2&c") == {"a": ["1", "2"], "b": ["x y"], "c": [""]}


@pytest.mark.parametrize("raw", [b"a=%", b"a=%ff", b"%00=1", b"a=%00", b"a=%ed%a0%80", b"&".join([b"a=1"] * 101)])
def test_a_broken_query_is_refused(raw: bytes) -> None:
    """Broken escapes, wrong encodings, NUL and floods of parameters are refused."""
    with pytest.raises(Refusal):
        parse_pairs(raw)


def test_cookies_are_read_by_name() -> None:
    """Names are exact, blanks around pairs are ignored."""
    assert parse_cookies("a=1; b=2=3;c ; =x; d=") == {"a": "1", "b": "2=3", "d": ""}


def test_a_tossed_cookie_counts_as_absent() -> None:
    """When a neighbour's page plants a second session cookie, neither is believed."""
    assert parse_cookies("session=evil; session=mine; other=1") == {"other": "1"}


def test_a_cookie_sent_twice_alike_is_one() -> None:
    """The same value twice says the same thing."""
    assert parse_cookies("session=mine; session=mine") == {"session": "mine"}


@pytest.mark.parametrize(
    "name", [b"host", b"content-length", b"content-type", b"authorization", b"origin", b"if-match"]
)
def test_a_header_that_must_be_single_is_refused_twice(name: bytes) -> None:
    """Two readers must never see two different requests."""
    with pytest.raises(Refusal):
        _ = _request([(name, b"1"), (name, b"2")]).headers


def test_other_headers_are_joined() -> None:
    """Repeated headers are one list, and cookies one cookie header."""
    headers = _request([(b"accept", b"a"), (b"cookie", b"a=1"), (b"accept", b"b"), (b"cookie", b"b=2")]).headers

    assert headers == {b"accept": b"a, b", b"cookie": b"a=1; b=2"}


async def test_a_body_comes_in_pieces() -> None:
    """Pieces are joined in their order."""
    assert await _request([], b"ab", b"", b"cd").body() == b"abcd"


async def test_a_body_beyond_its_limit_is_refused_without_a_length() -> None:
    """What was not announced is counted while it comes."""
    request = _request([], b"x" * 600, b"x" * 600)
    request.body_limit = 1_000

    with pytest.raises(Refusal) as refused:
        await request.body()

    assert refused.value.kind == "too-large"


@pytest.mark.parametrize("length", [b"-1", b"+1", b"1_0", b" 1", b"0x10", b"1e3", b"", b"9" * 30, b"1,1"])
async def test_a_strange_length_is_refused(length: bytes) -> None:
    """A length is digits and nothing else."""
    with pytest.raises(Refusal):
        await _request([(b"content-length", length)], b"x").body()


async def test_a_client_that_goes_away_is_noticed() -> None:
    """Half a body is no body."""
    with pytest.raises(Disconnected):
        await _disconnected().body()


def _disconnected() -> Request:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    return Request({"method": "POST", "query_string": b"", "headers": []}, receive)
