"""Writes plain data as YAML that people read: block style, keys in the given order, no choice left to a library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")
# YAML 1.1 readers, which clusters still have, take these for something else than text.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})


def to_yaml(*documents: Any, comment: str | None = None) -> bytes:
    """One stream with a document for each value."""
    head = [f"# {line}" for line in comment.splitlines()] if comment else []
    body = "---\n".join("".join(f"{line}\n" for line in _lines(document)) for document in documents)
    return ("".join(f"{line}\n" for line in head) + body).encode()


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _entry(f"{_scalar(key)}:", item)
    elif isinstance(value, (list, tuple)) and value:
        for item in value:
            first, *rest = list(_lines(item))
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _entry(head: str, item: Any) -> Iterator[str]:
    if isinstance(item, (dict, list, tuple)) and item:
        yield head
        yield from (f"  {line}" for line in _lines(item))
    else:
        yield f"{head} {_scalar(item)}"


def _scalar(value: Any) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    # JSON's notation of text, numbers and the rest is YAML's too, but for pairs of surrogates and for DEL.
    return _PAIR.sub(_astral, json.dumps(value)).replace("\x7f", "\\x7f")


def _astral(pair: re.Match[str]) -> str:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
