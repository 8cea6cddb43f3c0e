"""One mail (RFC 5322 and MIME), read with bounds on everything that it states about itself.

Parts are counted before they are read, headers are decoded one by one and never folded out of bounds, what cannot be
decoded is replaced, and HTML is sanitised.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

import nh3

from archwright_runtime.errors import Refusal

_MOST_BOUNDARIES = 100
_MOST_PARTS = 300
_MOST_HEADERS = 500
_LONGEST_HEADER = 20_000
_HEAD = 256_000
_TEXT = 500_000
_ATTACHMENTS = 50
_RECIPIENTS = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,253}")
_KNOWN_TAGS = frozenset({"script", "style", "head", "title"})


@dataclass(frozen=True)
class Attachment:
    """A part that is a file."""

    name: str
    media: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """What a mail holds.

    Attributes:
        values: headers and texts by the names of the manifest.
        cut: something was left out because there is too much of it.
    """

    values: dict[str, Any]
    attachments: list[Attachment]
    cut: bool


def read(content: bytes) -> Mail:
    """A mail, taken apart.

    Raises:
        Refusal: it is none, or made to be hard to read.
    """
    _test(content)
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(content)
        parts = list(message.walk())
    except (RecursionError, ValueError, LookupError, AssertionError):
        raise Refusal("too-complex", "this mail cannot be read") from None
    if len(parts) > _MOST_PARTS:
        raise Refusal("too-complex", "this mail has too many parts")
    return _taken_apart(message, [part for part in parts if not part.is_multipart()])


def _test(content: bytes) -> None:
    """Refuse what is no mail, and what costs more to read than it has bytes."""
    head = re.split(rb"\r?\n\r?\n", content[:_HEAD], maxsplit=1)[0]
    if not re.search(rb"^(from|to|subject|date|message-id|received|content-type):", head, re.IGNORECASE | re.MULTILINE):
        raise Refusal("not-a-mail", "this is not a mail")
    if len(head) >= _HEAD or head.count(b"\n") > _MOST_HEADERS * 4 or _longest_header(head) > _LONGEST_HEADER:
        raise Refusal("too-complex", "the head of this mail is too long")
    if len(re.findall(rb"boundary\s*\*?[0-9]*\*?=", content, re.IGNORECASE)) > _MOST_BOUNDARIES:
        raise Refusal("too-complex", "this mail has too many parts")
    if len(re.findall(rb"^content-type:\s*message/", content, re.IGNORECASE | re.MULTILINE)) > _MOST_BOUNDARIES:
        raise Refusal("too-complex", "this mail holds too many mails")


def _longest_header(head: bytes) -> int:
    return max(map(len, re.split(rb"\r?\n(?![ \t])", head)), default=0)


def _taken_apart(message: Message, leaves: list[Message]) -> Mail:
    texts: dict[str, list[str]] = {"text": [], "html": []}
    attachments: list[Attachment] = []
    cut = False
    for part in leaves:
        kind = {"text/plain": "text", "text/html": "html"}.get(part.get_content_type())
        if kind is not None and part.get_content_disposition() != "attachment" and part.get_filename() is None:
            texts[kind].append(_text(part))
        elif len(attachments) < _ATTACHMENTS:
            attachments.append(_attachment(part, len(attachments) + 1))
        else:
            cut = True
    joined = {kind: "\n\n".join(found) for kind, found in texts.items() if found}
    markup = nh3.clean(joined["html"][: 2 * _TEXT], clean_content_tags=set(_KNOWN_TAGS)) if "html" in joined else None
    cut = cut or any(len(text) > _TEXT for text in (joined.get("text", ""), markup or ""))
    values = _headers(message)
    if "text" in joined:
        values["text"] = joined["text"][:_TEXT]
    if markup is not None:
        values["html"] = markup[:_TEXT] if len(markup) <= _TEXT else nh3.clean(markup[: _TEXT // 2])
    return Mail({name: value for name, value in values.items() if value is not None}, attachments, cut)


def _headers(message: Message) -> dict[str, Any]:
    senders = _addresses(message, "from")
    recipients = [address for name in ("to", "cc") for _, address in _addresses(message, name)]
    return {
        "subject": _decoded(message.get("subject"))[:500] or None,
        "sender": senders[0][1] if senders else None,
        "sender_name": (senders[0][0][:200] or None) if senders else None,
        "recipients": list(dict.fromkeys(recipients))[:_RECIPIENTS],
        "sent": _date(message.get("date")),
        "message_id": _id(message.get("message-id")),
        "reply_to_id": _id(message.get("in-reply-to")),
    }


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    written = [str(value)[:_LONGEST_HEADER] for value in message.get_all(name, [])[:10]]
    try:
        found = getaddresses(written)
    except (ValueError, IndexError, RecursionError):
        return []
    return [(_decoded(shown), address) for shown, address in found if _ADDRESS.fullmatch(address)]


def _decoded(value: Any) -> str:
    """A header in one line, its encoded words decoded; what cannot be is replaced."""
    if value is None:
        return ""
    text = str(value)[:_LONGEST_HEADER]
    try:
        pieces = decode_header(text)
    except (ValueError, LookupError):
        return _clean(text, line=True)
    return _clean("".join(_in(piece, charset) for piece, charset in pieces), line=True)


def _in(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    try:
        return piece.decode(charset or "ascii", "replace")
    except (LookupError, ValueError):
        return piece.decode("latin-1", "replace")


def _clean(text: str, *, line: bool = False) -> str:
    clean = _CONTROL.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    return " ".join(clean.split()) if line else clean


def _bytes(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return found if isinstance(found, bytes) else b""


def _text(part: Message) -> str:
    return _clean(_in(_bytes(part), part.get_content_charset("utf-8")))


def _attachment(part: Message, number: int) -> Attachment:
    try:
        written = part.get_filename()
    except (ValueError, LookupError):
        written = None
    name = re.split(r"[/\\]", _decoded(written))[-1].strip(". ")[:150] or f"part-{number}"
    media = part.get_content_type()
    plain = media if re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}", media) else "application/octet-stream"
    return Attachment(name, plain, _bytes(part))


def _date(value: Any) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(value)[:100])
        return (
            (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
            if 1970 <= found.year < 2200
            else None
        )
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _id(value: Any) -> str | None:
    found = re.search(r"<([!-;=?-~]{1,298})>", str(value or "")[:2000])
    return found[1] if found else None
