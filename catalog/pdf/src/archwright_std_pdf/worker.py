"""Parses PDF documents; runs isolated only.

Its rules:

* A document with a password is refused, with an empty one too.
* What is written holds pages and what they show. Scripts, actions, attachments and forms stay behind.
* Whatever loops ends with the process's time.
"""

from __future__ import annotations

import io
import logging
import unicodedata
from typing import Any

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from archwright_runtime.errors import Refusal

from .actions import acts, defuse

logging.disable(logging.CRITICAL)

_LONGEST_TEXT = 200_000
_LONGEST_WORDS = 300
_MOST_PARTS = 50
_HEAD = 1024
_DAMAGED = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, OSError)


def describe(content: bytes, most: int) -> dict[str, Any]:
    """What a document is."""
    reader = _open(content, most)
    box = reader.pages[0].mediabox
    said = _said(reader)
    return {
        "pages": len(reader.pages),
        "width": _points(box.width),
        "height": _points(box.height),
        "active": acts(reader.trailer["/Root"]),
        "title": said["title"],
        "author": said["author"],
    }


def text(content: bytes, most: int, first: int | None, last: int | None) -> dict[str, Any]:
    """What some pages say, up to a bound."""
    reader = _open(content, most)
    chosen = _range(reader, first or 1, last or len(reader.pages))
    parts: list[str] = []
    left = _LONGEST_TEXT
    for page in chosen:
        part = _plain(page.extract_text())
        parts.append(part[:left])
        left -= len(part) + 1
        if left <= 0:
            break
    whole = unicodedata.normalize("NFC", "\n".join(parts))
    return {"text": whole[:_LONGEST_TEXT], "pages": len(chosen), "complete": left > 0}


def pages(content: bytes, most: int, first: int, last: int) -> dict[str, Any]:
    """Some pages as a document."""
    reader = _open(content, most)
    chosen = _range(reader, first, last)
    return {"content": _written(chosen), "pages": len(chosen)}


def split(content: bytes, most: int, every: int) -> list[bytes]:
    """All pages in documents of so many each."""
    reader = _open(content, most)
    count = len(reader.pages)
    if -(-count // every) > _MOST_PARTS:
        raise Refusal("too-complex", f"That would be more than {_MOST_PARTS} documents.")
    return [_written(_range(reader, start + 1, min(start + every, count))) for start in range(0, count, every)]


def merge(contents: list[bytes], most: int) -> dict[str, Any]:
    """The pages of several documents as one."""
    readers = [_open(content, most) for content in contents]
    together = [page for reader in readers for page in reader.pages]
    if len(together) > most:
        raise _too_many(most)
    return {"content": _written(together), "pages": len(together)}


def _open(content: bytes, most: int) -> PdfReader:
    # Readers of the world search for the beginning; what has another one is another file too.
    if not content.lstrip()[:_HEAD].startswith(b"%PDF-"):
        raise _invalid()
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Refusal("pdf-has-password", "The document has a password.")
        count = len(reader.pages)
    except _DAMAGED:
        raise _invalid() from None
    if count == 0:
        raise _invalid()
    if count > most:
        raise _too_many(most)
    return reader


def _range(reader: PdfReader, first: int, last: int) -> list[PageObject]:
    if not 1 <= first <= last <= len(reader.pages):
        raise Refusal("no-such-page", f"The document has {len(reader.pages)} pages.")
    return [reader.pages[number - 1] for number in range(first, last + 1)]


def _written(chosen: list[PageObject]) -> bytes:
    writer = PdfWriter()
    for page in chosen:
        defuse(writer.add_page(page))
    writer.metadata = None
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _said(reader: PdfReader) -> dict[str, str | None]:
    try:
        known = reader.metadata
        said = {} if known is None else {"title": known.title, "author": known.author}
    except _DAMAGED:
        said = {}
    return {name: _plain(str(said.get(name) or ""))[:_LONGEST_WORDS].strip() or None for name in ("title", "author")}


def _plain(text: str) -> str:
    kept = text.encode("utf-8", "ignore").decode()
    return "".join(c for c in kept if c in "\n\t" or unicodedata.category(c) != "Cc")


def _points(length: float) -> int:
    return max(0, min(round(float(length)), 1_000_000))


def _too_many(most: int) -> Refusal:
    return Refusal("too-complex", f"There are more than {most} pages.")


def _invalid() -> Refusal:
    return Refusal("invalid-pdf", "This is no PDF document that can be read.")
