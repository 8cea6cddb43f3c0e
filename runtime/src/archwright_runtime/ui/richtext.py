"""Markdown and HTML from people, made harmless.

Both pass the same sanitiser on the way out, whatever was done on the way in: a page must not depend on a row having
been written by a careful writer.
"""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

from .markup import Markup

_TEXT = {"a", "abbr", "b", "br", "code", "del", "em", "i", "s", "strong", "sub", "sup"}
_BLOCKS = {"blockquote", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_TAGS = frozenset(_TEXT | _BLOCKS | _TABLES)
_ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}, "td": {"align"}, "th": {"align"}, "ol": {"start"}}
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

# Headings of a page are the page's own: those of a text begin two levels below.
_LOWER = {f"h{level}": f"h{min(6, level + 2)}" for level in range(1, 7)}


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


_markdown = _parser()


def render_markdown(text: str) -> Markup:
    """Markdown (CommonMark and tables) as safe HTML; HTML inside it is shown as text."""
    tokens = _markdown.parse(text)
    for token in tokens:
        token.tag = _LOWER.get(token.tag, token.tag)
    return render_html(_markdown.renderer.render(tokens, _markdown.options, {}))


def render_html(text: str) -> Markup:
    """HTML reduced to text markup: no scripts, styles, forms, frames, pictures or own addresses' attributes."""
    return Markup(
        nh3.clean(
            text,
            tags=set(_TAGS),
            attributes=_ATTRIBUTES,
            url_schemes=set(_SCHEMES),
            link_rel="noopener noreferrer nofollow",
        )
    )
