"""Colours that people can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import PlanError
from archwright_runtime.ui import colour, theme
from archwright_runtime.ui.colour import GRAPHIC_CONTRAST, TEXT_CONTRAST, Colour, contrast, parse

PARTS = st.integers(0, 255)
COLOURS = st.builds(Colour, PARTS, PARTS, PARTS)


def test_black_on_white_has_the_largest_contrast() -> None:
    """Black and white differ as much as two colours can: 21 to 1."""
    assert contrast(colour.BLACK, colour.WHITE) == pytest.approx(21)


def test_short_and_long_forms_are_the_same_colour() -> None:
    """``#05f`` is ``#0055ff``."""
    assert parse("#05f") == parse("#0055FF") == Colour(0, 85, 255)


@given(COLOURS)
def test_text_on_any_colour_is_readable(brand: Colour) -> None:
    """Whatever the background, the chosen text colour reaches 4.5."""
    assert contrast(colour.text_on(brand), brand) >= TEXT_CONTRAST


@given(COLOURS, st.sampled_from([theme.LIGHT, theme.DARK]))
def test_every_brand_gives_readable_tokens(brand: Colour, ground: theme.Ground) -> None:
    """Text in, on and beside any brand colour reaches 4.5, and focus rings reach 3, in both schemes."""
    tokens = theme.tokens(brand, ground)

    for fill in ("brand", "brand-hover", "brand-active"):
        assert contrast(tokens["on-brand"], tokens[fill]) >= TEXT_CONTRAST
    for behind in ("surface", "canvas", "raised", "brand-soft"):
        assert contrast(tokens["brand-text"], tokens[behind]) >= TEXT_CONTRAST
    for behind in ("surface", "canvas", "raised"):
        assert contrast(tokens["focus"], tokens[behind]) >= GRAPHIC_CONTRAST


def test_a_brand_that_is_no_colour_stops_the_start() -> None:
    """A theme with a brand that is no colour refuses to start, and says where."""
    with pytest.raises(PlanError, match=r"theme\.brand: `red; }` is not a colour"):
        theme.stylesheet("red; }")
