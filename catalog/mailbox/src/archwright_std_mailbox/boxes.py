"""The mbox format (RFC 4155): mails one after the other, each behind a line that begins with ``From ``."""

from __future__ import annotations

import re

from archwright_runtime.errors import Refusal

MOST = 100
_LINE = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def split(content: bytes, skip: int) -> tuple[list[bytes], bool]:
    """The mails behind so many, and whether there are more than are given at once.

    Raises:
        Refusal: it does not begin like a mailbox.
    """
    if not content.startswith(b"From "):
        raise Refusal("not-a-mailbox", "this is not a mailbox")
    found: list[bytes] = []
    begin, number = -1, -1
    for line in _LINE.finditer(content):
        if not _separates(content, line.start()):
            continue
        if begin >= 0 and number >= skip:
            found.append(_mail(content[begin : line.start()]))
        begin, number = line.end(), number + 1
        if len(found) == MOST:
            return found, True
    if begin >= 0 and number >= skip:
        found.append(_mail(content[begin:]))
    return found, False


def _separates(content: bytes, start: int) -> bool:
    """A mail ends with an empty line; without one the line is part of a text."""
    return start == 0 or content[max(0, start - 3) : start].endswith((b"\n\n", b"\n\r\n"))


def _mail(content: bytes) -> bytes:
    return _QUOTED.sub(rb"\1", content)
