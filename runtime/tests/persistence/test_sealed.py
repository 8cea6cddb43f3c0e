"""Sealed values and signed cursors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import DatabaseError, Refusal
from archwright_runtime.persistence.cursor import Cursors
from archwright_runtime.persistence.vault import Vault

KEY = bytes(range(32))


@given(st.text(), st.text())
def test_a_value_opens_where_it_was_sealed(text: str, place: str) -> None:
    """Whatever is sealed comes out unchanged, and looks different each time."""
    vault = Vault(KEY)

    assert vault.open(vault.seal(text, place), place) == text
    assert vault.seal(text, place) != vault.seal(text, place)


@pytest.mark.parametrize("place", ["User/phone/b", "User/mail/a", "Other/phone/a"])
def test_a_value_opens_nowhere_else(place: str) -> None:
    """A sealed value that was copied to another row or field does not open there."""
    vault = Vault(KEY)
    sealed = vault.seal("1234", "User/phone/a")

    with pytest.raises(DatabaseError, match="does not open"):
        vault.open(sealed, place)


def test_a_value_opens_with_its_own_key_only() -> None:
    """Another key opens nothing, and the failure does not say what was inside."""
    sealed = Vault(KEY).seal("1234", "User/phone/a")

    with pytest.raises(DatabaseError) as caught:
        Vault(bytes(32)).open(sealed, "User/phone/a")

    assert "1234" not in str(caught.value)


@given(st.lists(st.none() | st.integers(-(2**53), 2**53) | st.text() | st.booleans(), max_size=4), st.binary())
def test_a_cursor_comes_back_as_it_was_written(values: list[object], context: bytes) -> None:
    """A cursor's values survive the way to the reader and back."""
    cursors = Cursors(KEY)

    assert cursors.read(cursors.write(values, context), context, len(values)) == values


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(text: str) -> None:
    """Whatever somebody makes up is a wrong value, never an accident."""
    with pytest.raises(Refusal, match="does not belong"):
        Cursors(KEY).read(text, b"", 1)
