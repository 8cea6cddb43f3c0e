"""Text that is known to be harmless HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as _escape
from html import unescape

_TAG = re.compile(r"<[^>]*>")


class Markup(str):
    """HTML that templates print as it is (they ask for ``__html__``); everything else they escape.

    Only literals of this package and values that went through ``markup`` or a sanitiser become one.
    """

    __slots__ = ()

    def __html__(self) -> Markup:
        return self

    @property
    def text(self) -> str:
        """What is left without tags, on one line."""
        return " ".join(unescape(_TAG.sub(" ", self)).split())


def escape(value: object) -> Markup:
    """Any value as harmless HTML."""
    return value if isinstance(value, Markup) else Markup(_escape(str(value)))


def markup(template: str, *values: object) -> Markup:
    """``template`` with each ``{}`` filled by an escaped value."""
    return Markup(template.format(*(escape(value) for value in values)))


def joined(separator: str, values: Iterable[object]) -> Markup:
    """Escaped values one after another."""
    return Markup(separator.join(escape(value) for value in values))
