"""Conditional requests (RFC 9110 13): entity tags are versions of rows."""

from __future__ import annotations

import re

from ..errors import Refusal

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')
_VERSION = re.compile(r"[0-9]{1,18}")
_NEVER = -1


def etag(version: int) -> bytes:
    """The entity tag of a version."""
    return b'"%d"' % version


def if_match(value: str | None) -> int | None:
    """The version that ``If-Match`` asks for; None where anything will do.

    A tag that is none of ours, or a weak one, matches nothing: then the version is one that never was.

    Raises:
        Refusal: it names several versions, of which a row can have only one.
    """
    if value is None or value.strip() == "*":
        return None
    tags = [tag.strip() for tag in value.split(",")]
    if len(tags) > 1:
        raise Refusal("malformed", "If-Match may name one version.")
    match = _TAG.fullmatch(tags[0])
    if match is None:
        raise Refusal("malformed", "If-Match is not an entity tag.")
    weak, tag = match.groups()
    return _NEVER if weak or not _VERSION.fullmatch(tag) else int(tag)


def none_match(value: str, tag: bytes) -> bool:
    """Whether ``If-None-Match`` names the tag (weak comparison), so that the client has it already."""
    if value.strip() == "*":
        return True
    return any(one.strip().removeprefix("W/").encode("latin-1") == tag for one in value.split(","))
