"""Plain text: nothing that a browser or a terminal would take for something else."""

from __future__ import annotations

import re

_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|script|svg|iframe|\?php|\?xml)", re.IGNORECASE)
# Controls but tab, line ends and form feed; the marks that turn the direction of text around (CVE-2021-42574).
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def is_plain(content: bytes) -> bool:
    """Whether bytes are UTF-8 text without controls that does not begin like a page."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(text) is None and _PAGE.match(text) is None
