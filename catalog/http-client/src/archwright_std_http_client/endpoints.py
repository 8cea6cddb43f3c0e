"""Endpoints: addresses with places for values, which stay within their segment whatever the values are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from archwright_runtime.errors import Refusal

REFUSED = "http-client.refused"
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LONGEST_VALUE = 1_000


@dataclass(frozen=True)
class Endpoint:
    """One address that is called."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)

    def address(self, values: Mapping[str, Any]) -> str:
        """The address for these values.

        Raises:
            Refusal: a value is missing, or is none that an address may hold.
        """
        return _PLACE.sub(lambda place: _escaped(place[1], values), self.url)

    @property
    def sample(self) -> str:
        """An address as it will look, to test its host before anything is asked."""
        return _PLACE.sub("x", self.url)

    @property
    def is_sound(self) -> bool:
        """Whether values stand behind the host only."""
        scheme, separator, rest = self.url.partition("://")
        host = re.split(r"[/?#]", rest, maxsplit=1)[0]
        return bool(separator) and "{" not in scheme and "{" not in host


def _escaped(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # A segment of dots alone would climb, even escaped, for servers that undo it.
    if value is None or isinstance(value, dict | list) or len(text) > _LONGEST_VALUE or not text.strip("."):
        raise Refusal(REFUSED, f"The endpoint needs a value `{name}`.")
    return quote(text, safe="")


def results(types: Mapping[str, Any], pointers: Mapping[str, str], status: int, content: bytes) -> dict[str, Any]:
    """What an answer gives, by name; what is not there, or of another type, is left out.

    Raises:
        Refusal: the body is not JSON although results are read from it.
    """
    wanted = {name: pointers.get(name, f"/{name}") for name in types if name != "status"}
    found: dict[str, Any] = {"status": status} if "status" in types else {}
    if not wanted:
        return found
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise Refusal(REFUSED, "The answer is not JSON.") from None
    for name, pointer in wanted.items():
        value = _at(body, pointer)
        if _is(kind(types[name]), value):
            found[name] = value
    return found


def kind(type: Any) -> str:
    """The name of a type as it is configured: ``text(40)!`` is ``text``."""
    written = type if isinstance(type, str) else str(type.get("type", "text")) if isinstance(type, Mapping) else "text"
    return re.split(r"[(!\s]", written, maxsplit=1)[0]


def _is(kind: str, value: Any) -> bool:
    if kind in ("int", "bool"):
        return isinstance(value, bool) == (kind == "bool") and isinstance(value, int)
    return kind == "json" or isinstance(value, str)


def _at(body: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901); None where there is none."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(body, list) and name.isascii() and name.isdigit() and len(name) < 9 and int(name) < len(body):
            body = body[int(name)]
        elif isinstance(body, dict):
            body = body.get(name)
        else:
            return None
    return body
