"""What a path may be: names one below the other, each of which means one thing everywhere.

Nothing is repaired: a path that would have to be cleaned is refused, so that no two readers clean it differently.
"""

from __future__ import annotations

import re
from unicodedata import category, normalize

from archwright_runtime.errors import Refusal

DEPTH = 16
_LONGEST = 200
# Windows takes these for devices, with any ending; the superscripts count as digits there.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = frozenset('\\:*?"<>|')
# What another program would decode to a separator, a dot or an end.
_ESCAPED = re.compile(r"%(?:2e|2f|5c|00|25)", re.IGNORECASE)


def parts(path: str, *, empty: bool = False) -> tuple[str, ...]:
    """The names of a path, the outermost first.

    Args:
        empty: whether the directory itself may be meant.

    Raises:
        Refusal: ``bad-path``.
    """
    if path == "" and empty:
        return ()
    names = tuple(path.split("/"))
    if len(names) > DEPTH or not all(map(is_name, names)):
        raise Refusal("bad-path", "A path is one to sixteen plain names with `/` in between.")
    return names


def is_name(name: str) -> bool:
    """Whether this names one file or folder, the same one on every system."""
    wide = normalize("NFKC", name)
    return (
        0 < len(name.encode("utf-8", "surrogatepass")) <= _LONGEST
        and name == normalize("NFC", name)
        and name == name.strip()
        and not name.startswith(".")
        and not name.endswith(".")
        and not wide.startswith(".")
        and not (_FORBIDDEN | {"/"}) & {*name, *wide}
        and not any(category(character)[0] == "C" or category(character) in ("Zl", "Zp") for character in name)
        and not _ESCAPED.search(wide)
        and not _DEVICE.fullmatch(wide)
    )
