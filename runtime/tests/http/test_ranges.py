"""Dates, times and durations come in only within the ranges that expressions count on."""

from __future__ import annotations

import pytest

from archwright_runtime.http.formats import Wrong
from archwright_runtime.http.values import codec
from archwright_runtime.plan import Type


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "0999-12-31"),
        ("date", "9000-01-01"),
        ("datetime", "0999-12-31T23:59:59Z"),
        ("datetime", "1000-01-01T00:00:00+01:00"),
        ("datetime", "8999-12-31T23:59:59-01:00"),
        ("datetime", "9999-12-31T23:59:59-23:59"),
        ("duration", "P36526D"),
        ("duration", "-PT876601H"),
    ],
)
def test_out_of_range(kind: str, text: str) -> None:
    """What lies beyond is refused as out of range, in JSON as in forms."""
    made = codec(Type(kind=kind))

    for read in (made.from_json, made.from_text):
        with pytest.raises(Wrong) as refusal:
            read(text)
        assert refusal.value.code == "range"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "1000-01-01"),
        ("date", "8999-12-31"),
        ("datetime", "1000-01-01T00:00:00Z"),
        ("datetime", "8999-12-31T23:59:59.999999Z"),
        ("duration", "P36525D"),
        ("duration", "-PT876600H"),
    ],
)
def test_in_range(kind: str, text: str) -> None:
    """The first and the last value are accepted."""
    assert codec(Type(kind=kind)).from_json(text) is not None
