"""JSON bodies: every problem at once, and nothing that two readers would read differently."""

from __future__ import annotations

import pytest

from archwright_runtime.errors import Refusal
from archwright_runtime.http.json_body import JsonBody, parse
from archwright_runtime.plan import Input, Type

_INPUTS = (
    Input(name="title", type=Type(kind="text", max=10, min=1), required=True),
    Input(name="due", type=Type(kind="date"), nullable=True),
    Input(name="count", type=Type(kind="int", low=0)),
    Input(name="a/b~c", type=Type(kind="bool")),
    Input(name="extra", type=Type(kind="json")),
)


def _body(*, lenient: bool = False, wrapped: str | None = None) -> JsonBody:
    return JsonBody(_INPUTS, lenient=lenient, wrapped=wrapped)


def test_absent_null_and_value_are_three_things() -> None:
    """A member that did not come is not there; null is there as None."""
    assert _body().read(b'{"title":"a","due":null}') == ({"title": "a", "due": None}, [])


def test_every_problem_is_told_at_once() -> None:
    """Missing, wrong, null and unknown members are told together, in JSON pointers."""
    values, problems = _body().read(b'{"due":"soon","count":null,"a/b~c":1,"tilte":"x"}')

    assert values == {}
    assert [(problem.pointer, problem.code) for problem in problems] == [
        ("/title", "required"),
        ("/due", "format"),
        ("/count", "required"),
        ("/a~1b~0c", "type"),
        ("/tilte", "unknown"),
    ]
    assert "`title`" in problems[-1].message


def test_null_where_nothing_may_be_null_is_told_even_for_json() -> None:
    """A value of any JSON is still not allowed to be null unless the plan says so."""
    _, problems = _body().read(b'{"title":"a","extra":null}')

    assert [problem.pointer for problem in problems] == ["/extra"]


def test_a_lenient_body_ignores_what_it_does_not_know() -> None:
    """Where the contract says so, unknown members are ignored."""
    assert _body(lenient=True).read(b'{"title":"a","new":{"x":[1]}}') == ({"title": "a"}, [])


def test_a_wrapped_body_is_unwrapped() -> None:
    """Values may sit in one member, and problems point there."""
    body = _body(wrapped="ticket")

    assert body.read(b'{"ticket":{"title":"a"}}') == ({"title": "a"}, [])
    assert [one.pointer for one in body.read(b'{"ticket":{}}')[1]] == ["/ticket/title"]
    assert [one.pointer for one in body.read(b"{}")[1]] == ["/ticket"]


@pytest.mark.parametrize("raw", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_a_body_that_is_no_object_is_told(raw: bytes) -> None:
    """Another JSON value is well formed but not what is expected."""
    assert [problem.code for problem in _body().read(raw)[1]] == ["type"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"title":"a",}',
        b"{'title':'a'}",
        b'{"title":"a"} x',
        b'{"title":"a"}{"title":"b"}',
        b'\xef\xbb\xbf{"title":"a"}',
        b'{"title":"\xff"}',
        b'{"title":"\xed\xa0\x80"}',
        b'{"title":"\\ud800"}',
        b'{"title":"a\nb"}',
        b'{"title":"a","count":NaN}',
        b'{"title":"a","count":Infinity}',
        b'{"title":"a","extra":-Infinity}',
        b'{"title":"a","count":1e400}',
        b'{"title":"a","extra":1e400}',
        b'{"title":"a","extra":[1e999]}',
        b'{"title":"a","count":01}',
        b'{"title":"a","count":0x1}',
        b'{"title":"a"/*c*/}',
        '{"title":"a"}'.encode("utf-16"),
        '{"title":"a"}'.encode("utf-32"),
        b"[" * 100_000,
        b'{"title":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"title":"a","extra":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
        b'{"title":"a","count":' + b"9" * 100_000 + b"}",
    ],
)
def test_what_is_not_json_is_malformed(raw: bytes) -> None:
    """Whatever some readers take and others do not is refused."""
    with pytest.raises(Refusal) as refused:
        _body().read(raw)

    assert refused.value.kind == "malformed"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"title":"a","title":"b"}',
        b'{"title":"a" , "title" : "b"}',
        b'{"title":"a","t\\u0069tle":"b"}',
        b'{"title":"a","extra":{"x":1,"x":2}}',
        b'{"title":"a","extra":[{"x":1,"x":2}]}',
        b'{"title":"a\\":","title":"b"}',
    ],
)
def test_a_member_twice_is_malformed(raw: bytes) -> None:
    """Two members of one name would be read differently by different readers, however they are spelt."""
    with pytest.raises(Refusal) as refused:
        _body().read(raw)

    assert refused.value.detail == "The body holds a member twice."


def test_a_member_twice_is_malformed_even_where_it_is_ignored() -> None:
    """A lenient body is not a sloppy one."""
    with pytest.raises(Refusal):
        _body(lenient=True).read(b'{"title":"a","new":1,"new":2}')


def test_broken_text_in_an_ignored_member_is_malformed() -> None:
    """What is ignored must still be text."""
    with pytest.raises(Refusal):
        _body(lenient=True).read(b'{"title":"a","new":"\xff"}')


def test_text_with_colons_is_no_member() -> None:
    """What merely looks like a member does not count as one."""
    assert _body().read(b'{"title":"\\":\\":"}') == ({"title": '":":'}, [])


def test_large_numbers_in_json_are_kept() -> None:
    """An integer that fits is exact."""
    assert parse(b'{"a":123456789012345678}') == {"a": 123456789012345678}
