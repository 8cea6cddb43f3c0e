"""Whatever comes, every parser answers with a value or a refusal, and two ways of reading agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright_runtime.errors import FieldProblem, Refusal
from archwright_runtime.http.formats import Wrong
from archwright_runtime.http.json_body import JsonBody
from archwright_runtime.http.query import Query
from archwright_runtime.http.request import Request, decode_path, parse_cookies, parse_pairs
from archwright_runtime.http.response import disposition, header_value, local_address
from archwright_runtime.http.values import codec
from archwright_runtime.plan import Input, Select, Type
from archwright_runtime.telemetry.trace import parse_traceparent

_same = settings(derandomize=True, deadline=None, max_examples=100)

_TYPES = [
    Type(kind="text", max=5, min=1),
    Type(kind="email"),
    Type(kind="url"),
    Type(kind="int", low=-3, high=3),
    Type(kind="decimal", digits=4, scale=2),
    Type(kind="bool"),
    Type(kind="date"),
    Type(kind="datetime"),
    Type(kind="duration"),
    Type(kind="uuid"),
    Type(kind="enum", values=("a", "b")),
    Type(kind="ref"),
    Type(kind="json", max=50),
    Type(kind="list", item=Type(kind="text", max=3), max=3),
]


def _refusal(read: Callable[[], object]) -> str | None:
    try:
        read()
    except Refusal as refused:
        return refused.kind
    return None


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["2026-01-01", "2026-01-01T00:00:00Z", "PT1H", "1.50", "a@b.de", "https://a.de", "a", "true"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@_same
@given(st.binary(max_size=60))
def test_any_path_is_decoded_or_refused(raw: bytes) -> None:
    """What is decoded holds no control characters and no way up."""
    try:
        path = decode_path(raw)
    except Refusal:
        return

    segments = path if isinstance(path, list) else path.split("/")
    assert not {".", ".."} & set(segments)
    assert all(character.isprintable() or ord(character) > 0x9F for segment in segments for character in segment)


@_same
@given(st.binary(max_size=80))
def test_any_query_is_read_or_refused(raw: bytes) -> None:
    """Pairs, pages and problems, never an accident."""
    query = Query((), Select(entity="A", columns=(), search=("a",)))

    assert _refusal(lambda: parse_pairs(raw)) in (None, "malformed")
    assert _refusal(lambda: query.read(raw)) in (None, "malformed")


@_same
@given(st.text(max_size=80))
def test_any_cookies_are_read(raw: str) -> None:
    """Nothing that a browser sends breaks the rest."""
    assert all(name for name in parse_cookies(raw))


@_same
@given(st.text(max_size=70))
def test_any_traceparent_is_read_or_ignored(raw: str) -> None:
    """A trace is hexadecimal or none."""
    context = parse_traceparent(raw)

    assert context is None or int(context.trace, 16)


@pytest.mark.parametrize("type_", _TYPES, ids=lambda type_: type_.kind)
@_same
@given(value=_JSON)
def test_fast_and_thorough_reading_agree(type_: Type, value: Any) -> None:
    """The fast way accepts exactly what the thorough way accepts, as the same value."""
    body = JsonBody([Input(name="v", type=type_)], lenient=False, wrapped=None)
    raw = json.dumps({"v": value}).encode()

    try:
        values, problems = body.read(raw)
    except Refusal:
        # A number that no reader holds exactly.
        values, problems = {}, [FieldProblem("/v", "malformed", "")]

    if value is None:
        assert values == {}
        return
    try:
        expected: Any = codec(type_).from_json(msgspec.json.decode(json.dumps(value)))
    except (Wrong, msgspec.MsgspecError):
        assert problems
    else:
        assert (values, problems) == ({"v": expected}, [])


@pytest.mark.parametrize("type_", _TYPES, ids=lambda type_: type_.kind)
@_same
@given(text=st.text(max_size=30))
def test_any_text_is_a_value_or_wrong(type_: Type, text: str) -> None:
    """Addresses and forms cannot cause an accident."""
    with suppress(Wrong):
        codec(type_).from_text(text)


@_same
@given(st.binary(max_size=200))
def test_any_json_body_is_read_or_refused(raw: bytes) -> None:
    """Bytes are values, problems or malformed."""
    body = JsonBody([Input(name="v", type=Type(kind="json"))], lenient=True, wrapped=None)

    assert _refusal(lambda: body.read(raw)) in (None, "malformed")


@_same
@given(st.binary(max_size=300), st.integers(1, 50))
async def test_any_multipart_body_is_read_or_refused(raw: bytes, step: int) -> None:
    """Noise between boundaries, cut anywhere, is refused."""
    data = b"--b\r\n" + raw + b"\r\n--b--\r\n"
    parts = [data[start : start + step] for start in range(0, len(data), step)]

    async def receive() -> Any:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    request = Request({"method": "POST", "query_string": b"", "headers": headers}, receive)
    with suppress(Refusal):
        (await request.form()).close()


@_same
@given(st.text(max_size=60))
def test_no_name_and_no_address_leaves_its_header(text: str) -> None:
    """File names and redirects are one line of ASCII, and redirects stay here."""
    address = local_address(text)

    assert header_value(disposition(text)).isascii()
    assert header_value(address).isascii()
    assert address.startswith("/")
    assert not address.startswith(("//", "/\\"))
