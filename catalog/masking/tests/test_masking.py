"""Masked values are recognised and not read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_std_masking import implementation as masking


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("ada@example.org", "a•••@example.org"),
        ("a@example.org", "•••@example.org"),
        ('"x@y"@example.org', '"•••@example.org'),
    ],
)
def test_an_address_shows_its_first_letter_and_its_domain(value: str, masked: str) -> None:
    """How long the name is stays hidden."""
    assert masking.email(value, "•") == masked


@pytest.mark.parametrize(
    ("value", "shown", "masked"),
    [
        ("4111 1111 1111 1234", 4, "**** **** **** 1234"),
        ("+44 20 7946 0958", 2, "+** ** **** **58"),
        ("123", 4, "**3"),
        ("7", 4, "*"),
        ("DE89 3704", 0, "**** ****"),
        ("", 4, ""),
    ],
)
def test_a_number_shows_its_last_digits(value: str, shown: int, masked: str) -> None:
    """Separators stay, and never more than half is shown."""
    assert masking.digits(value, "*", shown) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [("Ada Lovelace", "A. L."), ("  émile   zola ", "É. Z."), ("李 小龙", "李. 小."), ("007", "•"), ("", "•")],
)
def test_a_name_shows_its_initials(value: str, masked: str) -> None:
    """Names of every script have initials; what has no letters shows nothing."""
    assert masking.initials(value, "•") == masked


@given(st.text(max_size=200), st.integers(0, 20))
def test_a_text_never_shows_more_than_half(value: str, shown: int) -> None:
    """Whatever is asked for, half of the text stays hidden, and its length too."""
    masked = masking.text(value, "•", shown)

    assert len(masked) - 3 <= min(shown, len(value) // 2)
    assert value.startswith(masked[: len(masked) - 3])
