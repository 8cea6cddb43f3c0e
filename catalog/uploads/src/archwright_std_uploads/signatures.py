"""What bytes are, and whether they are a second thing as well."""

from __future__ import annotations

import re

# Markup that a browser would run, and the starts and ends of other formats.
_MARKUP = re.compile(
    rb"<\s{0,8}(?:script|html|body|iframe|svg|!doctype\s{1,8}html)|<\?php|<%@\s{0,8}page", re.IGNORECASE
)
_ARCHIVE_END, _ARCHIVE_ENTRY, _ARCHIVE_WITHIN = b"PK\x05\x06", b"PK\x01\x02", 65_557
_PROGRAMS = (b"This program cannot be run in DOS mode", b"\x7fELF\x02\x01\x01")
_PDF_WITHIN = 1_024


def is_type(content: bytes, media: str) -> bool:
    """Whether the first bytes are those of a media type."""
    if media == "application/pdf":
        # Readers also find a PDF later in a file; only one at the start is nothing else.
        return content.startswith(b"%PDF-")
    if media.startswith("application/") and content[:4] == b"PK\x03\x04":
        return True
    import puremagic

    try:
        found = puremagic.magic_string(content[:8_192])
    except (puremagic.PureError, ValueError):
        return False
    return any(one.offset in (0, 8) and one.mime_type == media for one in found)


def hidden(content: bytes) -> bool:
    """Whether something else is inside: a page, an archive, a document, a program."""
    pdf = content.startswith(b"%PDF-")
    return (
        (_ARCHIVE_END in content[-_ARCHIVE_WITHIN:] and _ARCHIVE_ENTRY in content)
        or (not pdf and b"%PDF-" in content[:_PDF_WITHIN])
        or (not pdf and _MARKUP.search(content) is not None)
        or any(program in content for program in _PROGRAMS)
    )


def trailing(content: bytes) -> bool:
    """Whether bytes follow the end of a picture."""
    if content.startswith(b"\x89PNG"):
        return not content.rstrip(b"\0").endswith(b"IEND\xaeB`\x82")
    if content.startswith(b"GIF8"):
        return not content.rstrip(b"\0").endswith(b";")
    if content.startswith(b"RIFF"):
        return int.from_bytes(content[4:8], "little") + 8 < len(content.rstrip(b"\0"))
    return False
