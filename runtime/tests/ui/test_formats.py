"""Values as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from archwright_runtime.plan import Type
from archwright_runtime.ui.formats import byte_size, format_of, plain, tone
from archwright_runtime.ui.labels import humanise

from .reading import elements


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Type(kind="int"), -1234567, "−1,234,567"),
        (Type(kind="decimal", digits=10, scale=3), "1234.500", "1,234.500"),
        (Type(kind="money", currency="EUR"), "-1234.56", "−€1,234.56"),
        (Type(kind="money", currency="CHF"), "0.05", "CHF 0.05"),
        (Type(kind="money", currency="JPY", scale=0), "1200", "¥1,200"),
        (Type(kind="bool"), False, "No"),
        (Type(kind="date"), "2026-03-12", "12 Mar 2026"),
        (Type(kind="date"), date(2026, 3, 12), "12 Mar 2026"),
        (Type(kind="datetime"), "2026-03-12T14:05:09.000000Z", "12 Mar 2026, 14:05 UTC"),
        (Type(kind="datetime"), datetime(2026, 3, 12, 14, 5, tzinfo=UTC), "12 Mar 2026, 14:05 UTC"),
        (Type(kind="duration"), "PT36H", "1 d 12 h"),
        (Type(kind="duration"), "PT0S", "0 s"),
        (Type(kind="enum", values=("in_progress",)), "in_progress", "In progress"),
        (Type(kind="list", item=Type(kind="text")), ["a", "b"], "a b"),
        (Type(kind="file"), {"name": "a.pdf", "size": 12345}, "a.pdf 12 kB"),
        (Type(kind="text"), None, "—"),
        (Type(kind="text"), "", "—"),
    ],
)
def test_values_are_shown_for_people(kind: Type, value: Any, shown: str) -> None:
    """Every type has one readable form."""
    assert plain(value, kind) == shown


@pytest.mark.parametrize("block", [False, True])
@pytest.mark.parametrize("kind", ["text", "markdown", "html", "url", "email", "phone", "slug", "json"])
def test_markup_in_values_does_nothing(kind: str, block: bool) -> None:
    """A script, an event handler or a foreign style in a value never becomes markup."""
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)" style="x">y</a>'

    shown = format_of(Type(kind=kind), block=block)(hostile)

    found = elements(shown if hasattr(shown, "__html__") else "")
    assert not {name for name, _ in found} & {"script", "img"}
    assert not [name for _, attributes in found for name in attributes if name == "style" or name.startswith("on")]
    assert not [a["href"] for _, a in found if a.get("href", "").startswith("javascript")]


def test_an_address_with_another_scheme_is_no_link() -> None:
    """Only http and https addresses become links."""
    assert format_of(Type(kind="url"))("javascript://%0aalert(1)") == "javascript://%0aalert(1)"


def test_a_moment_carries_its_exact_time() -> None:
    """A time is shown in UTC and carries what the reader's own zone is computed from."""
    shown = format_of(Type(kind="datetime"))("2026-03-12T14:05:09.000000Z")

    assert shown == '<time datetime="2026-03-12T14:05:09Z" data-local>12\u00a0Mar\u00a02026, 14:05\u00a0UTC</time>'


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("due_on", "Due on"),
        ("LeaveRequest", "Leave request"),
        ("owner_id", "Owner"),
        ("id", "ID"),
        ("accounts.User", "User"),
        ("sku", "SKU"),
        ("in-progress", "In progress"),
    ],
)
def test_names_are_humanised(name: str, label: str) -> None:
    """Names of the assembly become words."""
    assert humanise(name) == label


def test_states_have_tones() -> None:
    """Words that name a good, pending or bad state are coloured so; others stay neutral."""
    assert [tone(word) for word in ("approved", "in_progress", "rejected", "blue")] == [
        "good",
        "warn",
        "bad",
        "neutral",
    ]


def test_sizes_are_short() -> None:
    """File sizes have at most three digits."""
    assert [byte_size(size) for size in (999, 1400, 12_345, 999_600, 5_000_000)] == [
        "999 B",
        "1.4 kB",
        "12 kB",
        "1.0 MB",
        "5.0 MB",
    ]
