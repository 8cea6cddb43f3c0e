"""PDF: whether opening one would run, open or carry something."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from archwright_runtime.errors import Refusal

# Actions that run or open something, and files within the file (ISO 32000-1, 12.6.4, 7.11.4, 12.7.8).
_ACTIONS = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)(?![A-Za-z0-9])")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_OBJECTS = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_DICTIONARY = 1_000
_MOST = 64 << 20


def acts(content: bytes) -> bool:
    """Whether one of those actions is named, outside of streams or in a stream of objects."""
    return any(_ACTIONS.search(_unescaped(part)) for part in _structure(content))


def _structure(content: bytes) -> Iterator[bytes]:
    last, left = 0, _MOST
    for match in _STREAM.finditer(content):
        between = content[last : match.start()]
        yield between
        last = match.end()
        if _OBJECTS.search(_unescaped(between[-_DICTIONARY:])):
            objects = _inflated(match[1], left)
            left -= len(objects)
            yield objects
    yield content[last:]


def _inflated(packed: bytes, most: int) -> bytes:
    """A stream of objects unpacked; one that is packed otherwise is looked at as it is."""
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(packed, max(1, most))
    except zlib.error:
        return packed
    if unpacking.unconsumed_tail:
        raise Refusal("too-complex", "The PDF unpacks to too much.")
    return found


def _unescaped(part: bytes) -> bytes:
    """Names as they are meant: any character of one may be written as ``#`` and two digits (7.3.5)."""
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), part) if b"#" in part else part
