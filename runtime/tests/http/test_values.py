"""Values from the wire: the fast and the thorough way agree."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from archwright_runtime.http.formats import Wrong
from archwright_runtime.http.json_body import JsonBody
from archwright_runtime.http.values import codec, upload
from archwright_runtime.operations.call import Upload
from archwright_runtime.plan import Input, Type

_GOOD: list[tuple[Type, Any, Any]] = [
    (Type(kind="text", max=2), "é😀", "é😀"),
    (Type(kind="text", max=1), "e\u0301", "é"),
    (Type(kind="text", pattern="^[a-z]+$"), "abc", "abc"),
    (Type(kind="slug"), "a-b2", "a-b2"),
    (Type(kind="email"), "Ada@Example.ORG", "Ada@example.org"),
    (Type(kind="url"), "https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
    (Type(kind="phone"), "+49 30 123-45", "+49 30 123-45"),
    (Type(kind="int", low=-5, high=5), -5, -5),
    (Type(kind="decimal", digits=10, scale=2), "12.3", 1230),
    (Type(kind="money", scale=2, currency="EUR"), "-0.05", -5),
    (Type(kind="decimal", digits=5, scale=0), "12345", 12345),
    (Type(kind="bool"), True, True),
    (Type(kind="date"), "2028-02-29", date(2028, 2, 29)),
    (Type(kind="datetime"), "2026-01-01T00:30:00.5+01:00", datetime(2025, 12, 31, 23, 30, 0, 500_000, UTC)),
    (Type(kind="duration"), "P1DT2H3M4.5S", 93_784_500_000),
    (Type(kind="duration"), "-PT0.000001S", -1),
    (Type(kind="uuid"), "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    (Type(kind="enum", values=("open", "closed")), "open", "open"),
    (Type(kind="ref", entity="User"), "A" * 22, "A" * 22),
    (Type(kind="json"), {"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
    (Type(kind="list", item=Type(kind="decimal", scale=1)), ["1.5", "2"], [15, 20]),
    (Type(kind="list", item=Type(kind="int")), [], []),
]
_BAD: list[tuple[Type, Any, str]] = [
    (Type(kind="text", max=2), "abc", "too-long"),
    (Type(kind="text", min=1), "", "too-short"),
    (Type(kind="text"), "a\x00b", "format"),
    (Type(kind="text"), 1, "type"),
    (Type(kind="text", pattern="^[a-z]+$"), "abc\n", "pattern"),
    (Type(kind="text", pattern=r"^\d+$"), "٣", "pattern"),
    (Type(kind="slug"), "A b", "format"),
    (Type(kind="email"), "a@b", "format"),
    (Type(kind="email"), "a@b.c\r\nBcc: x@y.z", "format"),
    (Type(kind="url"), "javascript:alert(1)", "format"),
    (Type(kind="url"), "data:text/html,x", "format"),
    (Type(kind="url"), "https://user:secret@example.org", "format"),
    (Type(kind="url"), "https://", "format"),
    (Type(kind="url"), "https://[::1", "format"),
    (Type(kind="url"), "http://a\\@b", "format"),
    (Type(kind="url"), "http://a:99999999/", "format"),
    (Type(kind="phone"), "call me", "format"),
    (Type(kind="int", low=-5, high=5), 6, "range"),
    (Type(kind="int"), 2**53, "range"),
    (Type(kind="int"), True, "type"),
    (Type(kind="int"), 1.0, "type"),
    (Type(kind="int"), "1", "type"),
    (Type(kind="decimal", digits=4, scale=2), "100.00", "range"),
    (Type(kind="decimal", digits=4, scale=2), "1.001", "format"),
    (Type(kind="decimal", digits=4, scale=2), "NaN", "format"),
    (Type(kind="decimal", digits=4, scale=2), "1e2", "format"),
    (Type(kind="decimal", digits=4, scale=2), "١", "format"),
    (Type(kind="decimal", digits=4, scale=2), 1.5, "type"),
    (Type(kind="money", low=0), "-1", "range"),
    (Type(kind="bool"), 1, "type"),
    (Type(kind="bool"), "true", "type"),
    (Type(kind="date"), "2026-02-30", "format"),
    (Type(kind="date"), "20260101", "format"),
    (Type(kind="date"), 20260101, "type"),
    (Type(kind="datetime"), "2026-01-01T00:00:00", "format"),
    (Type(kind="datetime"), "0001-01-01T00:00:00+14:00", "range"),
    (Type(kind="duration"), "P1Y", "format"),
    (Type(kind="duration"), "PT", "format"),
    (Type(kind="duration"), "P999999999W", "range"),
    (Type(kind="uuid"), "6ba7b810", "format"),
    (Type(kind="enum", values=("open",)), "opened", "choice"),
    (Type(kind="ref"), "../../etc", "format"),
    (Type(kind="json", max=5), "abcdefgh", "too-long"),
    (Type(kind="list", item=Type(kind="int"), max=1), [1, 2], "too-long"),
    (Type(kind="list", item=Type(kind="int")), ["1"], "type"),
    (Type(kind="list", item=Type(kind="int")), "1", "type"),
    (Type(kind="file"), "x", "type"),
]


def _body(type_: Type) -> JsonBody:
    return JsonBody([Input(name="v", type=type_)], lenient=False, wrapped=None)


@pytest.mark.parametrize(("type_", "wire", "expected"), _GOOD)
def test_a_good_value_comes_in_alike_both_ways(type_: Type, wire: Any, expected: Any) -> None:
    """The fast way and the thorough way make the same value."""
    fast, problems = _body(type_).read(json.dumps({"v": wire}).encode())

    assert (fast, problems) == ({"v": expected}, [])
    assert codec(type_).from_json(wire) == expected


@pytest.mark.parametrize(("type_", "wire", "code"), _BAD)
def test_a_bad_value_is_refused_both_ways(type_: Type, wire: Any, code: str) -> None:
    """Whatever the fast way refuses, the thorough way names."""
    values, problems = _body(type_).read(json.dumps({"v": wire}).encode())

    assert values == {}
    assert [problem.code for problem in problems] == [code]
    assert problems[0].pointer.startswith("/v")
    with pytest.raises(Wrong):
        codec(type_).from_json(wire)


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        (Type(kind="int"), "-12", -12),
        (Type(kind="bool"), "true", True),
        (Type(kind="bool"), "on", True),
        (Type(kind="bool"), "false", False),
        (Type(kind="date"), "2026-01-02", date(2026, 1, 2)),
        (Type(kind="list", item=Type(kind="int")), "1, 2", [1, 2]),
        (Type(kind="list", item=Type(kind="int")), "", []),
        (Type(kind="json"), '{"a":1}', {"a": 1}),
    ],
)
def test_text_becomes_a_value(type_: Type, text: str, expected: Any) -> None:
    """Addresses and forms carry the same values as text."""
    assert codec(type_).from_text(text) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int", "1.0"), ("int", "١"), ("int", "1_0"), ("int", " 1"), ("int", "9" * 400), ("bool", "yes"), ("json", "{")],
)
def test_other_text_does_not(kind: str, text: str) -> None:
    """Nothing is guessed: other digits, blanks and underscores are refused."""
    with pytest.raises(Wrong):
        codec(Type(kind=kind)).from_text(text)


def test_deep_json_is_refused() -> None:
    """A value nests 32 levels and no more."""
    fits: Any = 1
    for _ in range(32):
        fits = [fits]

    assert codec(Type(kind="json")).from_json(fits) == fits
    with pytest.raises(Wrong) as refused:
        codec(Type(kind="json")).from_json([fits])
    assert refused.value.code == "too-deep"


@pytest.mark.parametrize(
    ("start", "media"),
    [(b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF0000WEBP", "image/webp")],
)
def test_a_picture_is_what_its_bytes_say(start: bytes, media: str) -> None:
    """What the sender calls a picture does not matter."""
    assert upload(Type(kind="image"), Upload("a", "text/html", start + b"rest")).media == media


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"<html>", b"GIF8", b""])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    """A document that claims to be a picture is none; SVG is a document."""
    with pytest.raises(Wrong) as refused:
        upload(Type(kind="image"), Upload("a.png", "image/png", content))

    assert refused.value.code == "media"


def test_a_file_of_another_kind_is_refused() -> None:
    """Only the media types that the plan names are taken."""
    pdf = Type(kind="file", media=("application/pdf",))

    assert upload(pdf, Upload("a", "", b"%PDF-1.7")).media == "application/pdf"
    with pytest.raises(Wrong):
        upload(pdf, Upload("a.pdf", "application/pdf", b"MZ"))
