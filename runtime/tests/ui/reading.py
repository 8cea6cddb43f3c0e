"""HTML as tests look at it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

Element = tuple[str, dict[str, str]]


def elements(html: str) -> list[Element]:
    """Every start tag with its attributes, as a browser would see them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def text_of(html: str, tag: str) -> str:
    """The text inside the first element of a kind."""
    start = html.index(f"<{tag}")
    end = html.index(f"</{tag}>", start)
    return re.sub(r"<[^>]*>", " ", html[start:end])
