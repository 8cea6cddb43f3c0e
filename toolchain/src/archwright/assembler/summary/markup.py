"""HTML as values: text is escaped unless it is markup already, so nothing from a plan can become a tag."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_EMPTY = frozenset({"br", "hr", "meta", "link", "rect", "path", "circle", "line", "col"})


class Markup(str):
    """Text that is HTML."""

    __slots__ = ()


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """An element; a trailing underscore or a double one in an attribute's name is dropped or becomes a hyphen."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY and not children:
        return Markup(f"<{name}{written}>") if name in ("br", "hr", "meta", "col") else Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[object]) -> Markup:
    """Everything one after the other."""
    return Markup("".join(_text(child) for child in children))


def _text(child: object) -> str:
    if child is None or child is False:
        return ""
    if isinstance(child, Markup):
        return str(child)
    if isinstance(child, str):
        return escape(child, quote=False)
    if isinstance(child, Iterable):
        return join(child)
    return escape(str(child), quote=False)


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("__", "-")
    return f' {name}="{escape(str(value))}"'


def table(head: Iterable[object], rows: Iterable[Iterable[object]], *, caption: str, kind: str | None = None) -> Markup:
    """A table whose first column names the row."""
    heading = tag("thead", tag("tr", [tag("th", cell, scope="col") for cell in head]))
    body = []
    for row in rows:
        first, *rest = row
        body.append(tag("tr", tag("th", first, scope="row"), [tag("td", cell) for cell in rest]))
    made = tag("table", tag("caption", caption), heading, tag("tbody", body), class_=kind)
    return tag("div", made, class_="wide", tabindex="0", role="group", aria__label=caption)


def code(text: str) -> Markup:
    """A name or expression."""
    return tag("code", text)


def chip(text: str, kind: str = "") -> Markup:
    """A small label."""
    return tag("span", text, class_=f"chip {kind}".strip())
