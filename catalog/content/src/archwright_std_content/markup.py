"""Markdown and HTML, made harmless.

Everything passes one sanitiser with a closed list of elements, whatever was written: no scripts, styles, forms, frames
or handlers, and links only to schemes that cannot run anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_INLINE = {"a", "abbr", "b", "br", "code", "del", "em", "i", "kbd", "mark", "s", "strong", "sub", "sup"}
_BLOCKS = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "code": {"class"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
_IMAGE = {"alt", "height", "src", "title", "width"}
_SCHEMES = {"http", "https", "mailto", "tel"}
_DEEPEST = 30
"""Levels of quotes and lists; deeper text is shown without its outermost marks."""


@dataclass(frozen=True)
class Markup:
    """The texts of one service.

    Attributes:
        images: whether images are kept.
        follow_links: whether search engines are asked to follow links.
    """

    images: bool = False
    follow_links: bool = False

    def markdown(self, text: str) -> str:
        """CommonMark with tables and strikethrough as HTML; HTML within it is shown as text."""
        return self.sanitise(_parser().render(text))

    def sanitise(self, html: str) -> str:
        """HTML without anything but the elements and attributes that are listed above."""
        tags = _INLINE | _BLOCKS | _TABLES | ({"img"} if self.images else set())
        attributes = {**_ATTRIBUTES, **({"img": _IMAGE} if self.images else {})}
        return nh3.clean(
            html,
            tags=tags,
            attributes=attributes,
            attribute_filter=_harmless,
            url_schemes=_SCHEMES,
            link_rel="noopener noreferrer" + ("" if self.follow_links else " nofollow ugc"),
        )


def plain(text: str) -> str:
    """The words of a Markdown text, one space between them."""
    return " ".join(" ".join(_words(_parser().parse(text))).split())


def _words(tokens: list[Token]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        if token.children:
            found.append("".join(_inline(child) for child in token.children))
        elif token.type in ("fence", "code_block"):
            found.append(token.content)
    return found


def _inline(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content


def _parser() -> MarkdownIt:
    options = {"html": False, "linkify": False, "maxNesting": _DEEPEST}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])


def _harmless(element: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return value if value.startswith("language-") and " " not in value else None
    if element == "img" and attribute == "src":
        local = value.startswith("/") and not value.startswith("//")
        return value if value.startswith("https://") or local else None
    return value
