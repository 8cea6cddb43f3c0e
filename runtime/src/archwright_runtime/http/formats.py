"""Text forms of values: what counts as an address, a duration, a decimal, and its one stored form."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# The address form that HTML's input type=email takes, with at least one dot in the domain.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)
_PHONE = re.compile(r"\+?[0-9](?:[0-9 ()./-]{1,30})[0-9]")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DURATION = re.compile(
    r"(-)?P(?:([0-9]{1,9})W|(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,12})(?:\.([0-9]{1,6}))?S)?)?)"
)
_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_SECOND = 1_000_000
_CENTURY = 36_525 * 86_400 * _SECOND


class Wrong(ValueError):
    """A value that does not fit its type.

    Attributes:
        code: a stable word.
        path: where within the value, as the rest of a JSON pointer.
    """

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path


def slug(value: str) -> str:
    """Lower-case letters and digits in groups joined by single hyphens."""
    if not _SLUG.fullmatch(value):
        raise Wrong("format", "Use lower-case letters, digits and single hyphens.")
    return value


def email(value: str) -> str:
    """A mail address; its domain in lower case, because domains do not tell cases apart."""
    if len(value) > 254 or not _EMAIL.fullmatch(value) or ".." in value:
        raise Wrong("format", "Enter an e-mail address such as name@example.org.")
    local, _, domain = value.rpartition("@")
    return f"{local}@{domain.lower()}"


def url(value: str) -> str:
    """An absolute http or https address without user name, spaces or backslashes."""
    wrong = Wrong("format", "Enter an address that begins with https:// or http://.")
    if _SPACE_OR_CONTROL.search(value):
        raise wrong
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        raise wrong from None
    if not valid:
        raise wrong
    return value


def phone(value: str) -> str:
    """A telephone number as people write it."""
    if not _PHONE.fullmatch(value):
        raise Wrong("format", "Enter a telephone number such as +49 30 1234567.")
    return value


def uuid(value: str) -> str:
    """A UUID in its canonical lower-case form."""
    if not _UUID.fullmatch(value):
        raise Wrong("format", "Enter a UUID.")
    return value.lower()


def reference(value: str) -> str:
    """The id of a row."""
    if not _REFERENCE.fullmatch(value):
        raise Wrong("format", "This is not an id.")
    return value


def duration(value: str) -> int:
    """An ISO 8601 duration in weeks, days, hours, minutes and seconds, as microseconds."""
    match = _DURATION.fullmatch(value)
    if not match or value[-1] in "PT":
        raise Wrong("format", "Enter a duration such as PT36H or P2DT30M.")
    sign, weeks, days, hours, minutes, seconds, fraction = match.groups()
    whole = int(weeks or 0) * 604_800 + int(days or 0) * 86_400 + int(hours or 0) * 3_600
    whole += int(minutes or 0) * 60 + int(seconds or 0)
    micros = whole * _SECOND + int((fraction or "0").ljust(6, "0"))
    # Expressions count on it, as on the range of dates.
    if micros > _CENTURY:
        raise Wrong("range", "A duration may last a hundred years at most.")
    return -micros if sign else micros


def decimal(scale: int, digits: int) -> re.Pattern[str]:
    """What a decimal of that size looks like."""
    fraction = rf"(?:\.([0-9]{{1,{scale}}}))?" if scale else "()"
    return re.compile(rf"(-?)([0-9]{{1,{digits}}}){fraction}")


def scaled(value: str, pattern: re.Pattern[str], scale: int) -> int:
    """A decimal in units of its last place."""
    match = pattern.fullmatch(value)
    if not match:
        places = f" with at most {scale} decimal places" if scale else ""
        raise Wrong("format", f"Enter a number{places}.")
    sign, whole, fraction = match.groups()
    amount: int = int(whole + (fraction or "").ljust(scale, "0"))
    return -amount if sign else amount


def unscaled(value: int, scale: int) -> str:
    """Units of the last place as a decimal."""
    sign, amount = ("-", -value) if value < 0 else ("", value)
    if not scale:
        return f"{sign}{amount}"
    return f"{sign}{amount // 10**scale}.{amount % 10**scale:0{scale}d}"
