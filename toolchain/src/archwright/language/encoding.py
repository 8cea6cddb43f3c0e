"""From bytes to text that shows what it says."""

from __future__ import annotations

import re
import unicodedata

from archwright.diagnostics import Collector, Location

MOST_BYTES = 2_000_000

# YAML 1.2 chapter 5.1, without what breaks lines invisibly (NEL, LS, PS) or reorders what one sees (bidi controls).
HIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u2070-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_LINE = re.compile("\r\n|\r|\n")


def decode(source: bytes | str, file: str, findings: Collector) -> str | None:
    """Return the text where it may be given to the parser."""
    start = Location(file)
    if len(source) > MOST_BYTES:
        findings.error(
            "yaml/too-large",
            start,
            "the document is too large",
            expected=f"at most {MOST_BYTES} bytes",
            found=f"{len(source)} bytes",
            hint="split the service",
        )
        return None
    text = source if isinstance(source, str) else _utf8(source, file, findings)
    if text is None:
        return None
    if text.startswith("\ufeff"):
        findings.error(
            "yaml/byte-order-mark",
            start,
            "the document begins with a byte order mark",
            expected="UTF-8 without a mark",
            hint="save the file as plain UTF-8",
        )
        text = text[1:]
    return None if _hidden(text, file, findings) else text


def _utf8(source: bytes, file: str, findings: Collector) -> str | None:
    if source.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in source[:4]:
        findings.error(
            "yaml/encoding",
            Location(file),
            "the document is not UTF-8",
            expected="UTF-8",
            found="UTF-16 or UTF-32",
            hint="save the file as UTF-8",
        )
        return None
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _place(source[: error.start].decode("utf-8"), error.start, file)
        findings.error(
            "yaml/encoding",
            place,
            "the document is not UTF-8",
            expected="UTF-8",
            found=f"the byte 0x{source[error.start]:02x}",
            hint="save the file as UTF-8",
        )
        return None


def _hidden(text: str, file: str, findings: Collector) -> bool:
    """Report characters that nobody sees."""
    if text.isascii() and text.isprintable():
        return False
    match = HIDDEN.search(text)
    if match is None:
        return False
    findings.error(
        "yaml/hidden-character",
        _place(text, match.start(), file),
        "the document holds a character that is not visible",
        expected="printable text",
        found=name(match.group()),
        hint="remove it, or write it as an escape inside double quotes",
    )
    return True


def _place(text: str, index: int, file: str) -> Location:
    before = text[:index]
    breaks = list(_LINE.finditer(before))
    column = len(before) - (breaks[-1].end() if breaks else 0)
    return Location(file, len(breaks) + 1, column + 1).within(0)


def name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
