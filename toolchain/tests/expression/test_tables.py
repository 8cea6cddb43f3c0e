"""The shipped tables are those of the grammar."""

from __future__ import annotations

import lark
import pytest

from archwright.language.expression import grammar, parse, tables
from archwright.language.expression.syntax import Expression


def test_fresh() -> None:
    """The tables were made from this grammar; else run ``python -m archwright.language.expression.grammar``."""
    assert grammar.digest() == tables.GRAMMAR


@pytest.mark.parametrize(
    "text",
    [
        "this.a == 3 && size(x) > 4",
        "a ? b : c",
        "this.rows.exists(r, r.n in [1, 2])",
        "-1 + 2 * (3 - x)",
        "'é' + r\"\\\"",
    ],
)
def test_same_syntax(text: str) -> None:
    """The parser that is loaded reads what the parser that is built from the grammar reads."""
    loaded = parse(text)

    built = grammar._built(None).parse(text)

    assert isinstance(loaded, Expression) and built is not None


def test_other_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of another version of the library are left alone."""
    monkeypatch.setattr(lark, "__version__", "0.0.0")

    assert grammar._shipped() is None
