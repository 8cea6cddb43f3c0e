"""What files are, and are called, whatever their sender says."""

from __future__ import annotations

from ..plan import Type

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
)
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")
"""What an image may be; SVG is a document with scripts and counts as none."""
# Formats that are zip archives with a name of their own.
_ZIPPED = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
# RFC 6838 4.2: type and subtype are restricted names.
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-")


def sniff(start: bytes, claimed: str) -> str:
    """The media type that the first bytes prove, else the claimed one where it is harmless, else octet-stream."""
    proven = _proven(start)
    claimed = _plain(claimed)
    if proven == "application/zip" and claimed.startswith(_ZIPPED):
        return claimed
    if proven is not None:
        return proven
    if claimed in IMAGES or claimed in ("application/pdf", "application/zip", "application/gzip"):
        return "application/octet-stream"
    if claimed.startswith("text/") and b"\0" in start:
        return "application/octet-stream"
    return claimed or "application/octet-stream"


def safe_file_name(name: str) -> str:
    """The last part of a file name without separators, controls, direction marks or leading dots; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*' and not 0x202A <= ord(c) <= 0x202E)
    return kept.strip(" .")[:150] or "file"


def taken(type: Type, media: str) -> bool:
    """Whether files of a type may be of a media type; an image is one of ``IMAGES`` whatever the type lists."""
    if type.kind == "image" and media not in IMAGES:
        return False
    return not type.media or any(_matches(media, one) for one in type.media)


def _matches(media: str, stated: str) -> bool:
    return media.startswith(stated[:-1]) if stated.endswith("/*") else media == stated


def _proven(start: bytes) -> str | None:
    for signature, media in _SIGNATURES:
        if start.startswith(signature):
            return media
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return None


def _plain(media: str) -> str:
    kind, slash, subtype = media.partition(";")[0].strip().lower().partition("/")
    if not slash or not kind or not subtype or len(media) > 127 or not _NAME.issuperset(kind + subtype):
        return ""
    return f"{kind}/{subtype}"
