"""Stored values as people read them.

A ``Format`` is made once per column when the service starts and takes a value in wire form (see the table of types in
the reference): money and decimals are text with a point, durations ISO 8601. Dates and times may be objects already.
What it returns is text, which the templates escape, or markup made here from escaped pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from ..http.formats import duration as microseconds
from ..plan import Type
from .labels import value_label
from .markup import Markup, escape, joined, markup
from .richtext import render_html, render_markdown

Format = Callable[[Any], str]

ABSENT = Markup('<span class="absent" aria-label="not set">—</span>')

_SPACE = "\N{NO-BREAK SPACE}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪"}
_UNITS = (("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000))
# Words that name a state in nearly every trade; any other value of an enum stays neutral.
_TONES = {
    "good": "accepted active approved available closed complete completed confirmed delivered done enabled fulfilled "
    "paid passed published ready received resolved sent shipped solved succeeded success valid verified won ok",
    "warn": "draft due hold medium on-hold open partial paused pending processing queued reserved review scheduled "
    "unpaid waiting warning in-progress",
    "bad": "blocked breached cancelled canceled critical declined denied disabled error expired failed high "
    "inactive invalid lost overdue refused rejected revoked suspended urgent",
}
_TONE_OF = {word: tone for tone, words in _TONES.items() for word in words.split()}


def format_of(kind: Type, *, block: bool = False) -> Format:
    """How to show values of a type; ``block`` where there is room for paragraphs, as on a record's own page."""
    shown = _MAKERS.get(kind.kind, _text)(kind, block)
    # Zero and False are values; None, empty text and empty lists are none.
    return lambda value: shown(value) if value or value == 0 else ABSENT


def plain(value: Any, kind: Type) -> str:
    """The same without markup, for titles, options and exports."""
    return escape(format_of(kind)(value)).text


def grouped(value: str) -> str:
    """A decimal with grouped thousands and a true minus sign: ``1,234.50``."""
    sign, digits = ("−", value[1:]) if value.startswith("-") else ("", value)
    whole, point, part = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{part}"


def day(value: date) -> str:
    """``12 Mar 2026``, never broken into two lines."""
    return f"{value.day}{_SPACE}{_MONTHS[value.month - 1]}{_SPACE}{value.year}"


def span(length: int, most: int = 2) -> str:
    """A duration in microseconds by its ``most`` largest units: ``1 d 12 h``."""
    rest = abs(length)
    parts = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    if not parts:
        return "0 s" if not rest else f"{rest} µs"
    return ("−" if length < 0 else "") + " ".join(parts[:most])


def tone(value: str) -> str:
    """Which mood a value of an enum is shown in: good, warn, bad or neutral."""
    return _TONE_OF.get(value.lower().replace("_", "-"), "neutral")


def _text(kind: Type, block: bool) -> Format:
    if not block:
        return str
    return lambda value: markup('<span class="prose">{}</span>', value) if "\n" in str(value) else str(value)


def _integer(kind: Type, block: bool) -> Format:
    return lambda value: f"{value:,}".replace("-", "−")


def _decimal(kind: Type, block: bool) -> Format:
    return lambda value: grouped(str(value))


def _money(kind: Type, block: bool) -> Format:
    currency = kind.currency or ""
    symbol = _SYMBOLS.get(currency, currency + _SPACE if currency else "")

    def show(value: str) -> str:
        amount = grouped(str(value))
        return f"−{symbol}{amount[1:]}" if amount.startswith("−") else symbol + amount

    return show


def _bool(kind: Type, block: bool) -> Format:
    return lambda value: "Yes" if value else "No"


def _date(kind: Type, block: bool) -> Format:
    return _shown_date


def _datetime(kind: Type, block: bool) -> Format:
    return _shown_moment


# The same rows are shown again and again; made once, the markup of a time is only looked up.
@lru_cache(maxsize=4096)
def _shown_date(value: date | str) -> Markup:
    shown = date.fromisoformat(value) if isinstance(value, str) else value
    return markup('<time datetime="{}">{}</time>', shown.isoformat(), day(shown))


@lru_cache(maxsize=4096)
def _shown_moment(value: datetime | str) -> Markup:
    moment = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)
    exact = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    clock = f"{moment:%H:%M}{_SPACE}UTC"
    return markup('<time datetime="{}" data-local>{}, {}</time>', exact, day(moment), clock)


def _duration(kind: Type, block: bool) -> Format:
    return lambda value: span(microseconds(value))


def _enum(kind: Type, block: bool) -> Format:
    badges = {value: _badge(value) for value in kind.values}
    return lambda value: badges.get(value) or _badge(value)


def _badge(value: str) -> Markup:
    return markup('<span class="badge badge-{}">{}</span>', tone(value), value_label(value))


def _email(kind: Type, block: bool) -> Format:
    return lambda value: markup('<a href="mailto:{}">{}</a>', value, value)


def _phone(kind: Type, block: bool) -> Format:
    return lambda value: markup('<a href="tel:{}">{}</a>', "".join(value.split()), value)


def _url(kind: Type, block: bool) -> Format:
    def show(value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if not separator or scheme.lower() not in ("http", "https"):
            return value
        shown = rest.removesuffix("/")
        return markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', value, shown)

    return show


def _markdown(kind: Type, block: bool) -> Format:
    if block:
        return lambda value: markup('<div class="rich">{}</div>', render_markdown(value))
    return lambda value: render_markdown(value).text


def _html(kind: Type, block: bool) -> Format:
    if block:
        return lambda value: markup('<div class="rich">{}</div>', render_html(value))
    return lambda value: render_html(value).text


def _json(kind: Type, block: bool) -> Format:
    def show(value: Any) -> str:
        compact = msgspec.json.encode(value)
        if not block:
            return markup("<code>{}</code>", compact.decode())
        return markup('<pre class="code"><code>{}</code></pre>', msgspec.json.format(compact, indent=2).decode())

    return show


def _list(kind: Type, block: bool) -> Format:
    item = format_of(kind.item or Type(kind="text"))
    if kind.item is not None and kind.item.kind == "enum":
        return lambda values: joined(" ", map(item, values))
    return lambda values: joined(" ", (markup('<span class="chip">{}</span>', item(value)) for value in values))


def _file(kind: Type, block: bool) -> Format:
    def show(value: Mapping[str, Any]) -> str:
        name = markup('<span class="file-name">{}</span>', value.get("name", "file"))
        size = value.get("size")
        return name if size is None else markup('{} <span class="quiet">{}</span>', name, byte_size(size))

    return show


def byte_size(size: int) -> str:
    """``1.4 MB``."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"


_MAKERS: dict[str, Callable[[Type, bool], Format]] = {
    "int": _integer,
    "decimal": _decimal,
    "money": _money,
    "bool": _bool,
    "date": _date,
    "datetime": _datetime,
    "duration": _duration,
    "enum": _enum,
    "email": _email,
    "phone": _phone,
    "url": _url,
    "markdown": _markdown,
    "html": _html,
    "json": _json,
    "list": _list,
    "file": _file,
    "image": _file,
}
