"""HTML as tests look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

Element = tuple[str, dict[str, str]]


def elements(html: str) -> list[Element]:
    """Every start tag with its attributes, as a browser would see them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def text_of(html: str, tag: str) -> str:
    """The text inside the first element of a kind."""
    start = html.index(f"<{tag}")
    end = html.index(f"</{tag}>", start)
    return words(html[start:end])


def words(html: str) -> str:
    """The text of a piece of HTML, on one line."""
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@dataclass
class Pressable:
    """A button of a form."""

    label: str
    name: str
    value: str


@dataclass
class Form:
    """A form as a browser holds it."""

    action: str
    method: str
    multipart: bool
    values: dict[str, str | list[str]] = field(default_factory=dict)
    buttons: list[Pressable] = field(default_factory=list)

    def button(self, label: str | None) -> Pressable | None:
        """The first button with this label, which may go on with its row's name; the only one without."""
        if label is None:
            return self.buttons[0] if self.buttons else None
        return next((one for one in self.buttons if one.label == label or one.label.startswith(label + " ")), None)


def forms(html: str) -> list[Form]:
    """The forms of a page with what stands in them."""
    reader = _FormReader()
    reader.feed(html)
    reader.close()
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


class _FormReader(HTMLParser):
    """Reads successful controls (HTML 4.10.21.4), as far as our forms use them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False
        self._select: str | None = None
        self._textarea: str | None = None
        self._button: dict[str, str] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            multipart = given.get("enctype") == "multipart/form-data"
            self.forms.append(Form(given.get("action", ""), given.get("method", "get"), multipart))
            self._inside = True
        elif not self._inside:
            return
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select is not None and ("selected" in given):
            self.forms[-1].values[self._select] = given["value"]
        elif tag == "textarea":
            self._textarea, self._text = given["name"], ""
        elif tag == "button":
            self._button, self._text = given, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            self.forms[-1].values[self._textarea] = self._text.removeprefix("\n")
            self._textarea = None
        elif tag == "button" and self._button is not None and self._inside:
            label = " ".join(self._text.split())
            self.forms[-1].buttons.append(Pressable(label, self._button.get("name", ""), self._button.get("value", "")))
            self._button = None

    def handle_data(self, data: str) -> None:
        self._text += data

    def _input(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        values = self.forms[-1].values
        if kind == "checkbox" and "checked" in given:
            known = values.get(name)
            values[name] = [*known, given["value"]] if isinstance(known, list) else [given["value"]]
        elif (kind == "radio" and "checked" in given) or kind not in ("checkbox", "radio", "file"):
            values[name] = given.get("value", "")
