"""How the messages of a contract look: what they are wrapped in, and how lists are read in parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ...language.words import WIRE
from .interface import Described, Spot
from .media import name_of
from .schema import Atom
from .types import value_of

JSON = "application/json"
_USUAL_MEDIA = (JSON, "application/x-www-form-urlencoded", "multipart/form-data")
_LIMITS = ("limit", "per_page", "perPage", "pageSize", "page_size", "size", "count", "max_results", "maxResults")
_OFFSETS = ("offset", "skip", "start")
_PAGES = ("page", "pageNumber", "page_number")
_CURSORS = ("cursor", "after", "pageToken", "page_token", "starting_after")
NAME = re.compile(rf"(?=.{{1,60}}$)(?:{WIRE})")
"""Names on the wire that the language can write."""


@dataclass(frozen=True)
class Envelope:
    """What holds the result of an answer.

    Attributes:
        member: its name; ``False`` for a list that stands alone.
        total: the member beside it that holds the number of all rows.
    """

    member: str | bool | None = None
    total: str | None = None


def document_of(body: Spot) -> Spot:
    """The schema of a message, JSON before anything else."""
    content = body.at("content")
    schemas = dict(content.members())
    media = next((name for name in schemas if name_of(name) == JSON), next(iter(schemas), None))
    return content.at(media, "schema") if media is not None else content.at(JSON)


def wrapper(described: Described) -> str | None:
    """The one member of a body that holds all the others, where it has such a one."""
    found = value_of(document_of(described.body))
    if found is None or found.type != "object" or len(found.names) != 1:
        return None
    name = found.names[0]
    inner = value_of(*(found.named(name) or ()))
    held = inner is not None and inner.type == "object" and inner.names
    return name if held and name in found.required and NAME.fullmatch(name) else None


def contents(described: Described) -> Atom | None:
    """The object that holds the members of a body, inside of its wrapper."""
    found = value_of(document_of(described.body))
    name = wrapper(described)
    if found is not None and name is not None:
        found = value_of(*(found.named(name) or ()))
    return found if found is not None and found.type == "object" else None


def accepts(described: Described) -> dict[str, Any]:
    """What `accepts` says where bodies look otherwise than ours."""
    keys: dict[str, Any] = {}
    name = wrapper(described)
    if name is not None:
        keys["envelope"] = name
    found = contents(described)
    if found is not None and found.rest is True:
        keys["unknown"] = "ignore"
    media = [name_of(one) for one, _ in described.body.at("content").members()]
    if any(one not in _USUAL_MEDIA and "*" not in one for one in media):
        keys["media"] = [one for one in media if "*" not in one]
    return keys


def paging(described: Described) -> dict[str, Any]:
    """What `paging` says where a list has parameters for its parts."""
    names = [name for place, name in described.parameters if place == "query"]
    limit = next((name for name in _LIMITS if name in names), None)
    kinds = {"offset": _OFFSETS, "page": _PAGES, "cursor": _CURSORS}
    ways = [(kind, name) for kind, known in kinds.items() for name in known if name in names]
    if len(ways) != 1:
        return {}
    by, found = ways[0]
    keys: dict[str, Any] = {"by": by}
    called = {} if found == by else {by: found}
    if limit is not None:
        called |= {} if limit == "limit" else {"limit": limit}
        size = described.parameters["query", limit].at("schema").followed().at("default").number
        if isinstance(size, int) and 0 < size <= 100:
            keys["size"] = size
    return {**keys, "names": called} if called else keys


def envelope(described: Described, status: int | None) -> Envelope:
    """What holds the result of the answer with this status."""
    answer = described.responses.get(str(status))
    found = value_of(document_of(answer)) if answer is not None else None
    if found is None:
        return Envelope()
    if found.type == "array":
        return Envelope(member=False)
    if found.type != "object":
        return Envelope()
    kinds = {name: getattr(value_of(*(found.named(name) or ())), "type", None) for name in found.names}
    held = [name for name, kind in kinds.items() if kind in ("array", "object") and NAME.fullmatch(name)]
    numbers = [name for name, kind in kinds.items() if kind == "integer" and NAME.fullmatch(name)]
    if len(kinds) == 1 and held:
        return Envelope(member=held[0])
    if len(held) == 1 and kinds[held[0]] == "array" and len(numbers) == 1 and len(kinds) == 2:
        return Envelope(member=held[0], total=numbers[0])
    return Envelope()
