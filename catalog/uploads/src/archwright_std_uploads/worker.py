"""Looks at one file; runs in a process without rights.

In this order: there is something, the ending is taken, the name has no second meaning, the bytes are what the ending
says, they are nothing else besides, and nothing in them acts when somebody opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archwright_runtime.errors import Refusal

from . import containers, documents, drawings, texts
from .signatures import hidden, is_type, trailing

_MEDIA = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "json": "application/json",
    "zip": "application/zip",
    **containers.MEDIA,
}
_TEXTS = ("txt", "md", "csv", "json")
# Endings that servers or desktops run, wherever they stand in a name.
_ENDINGS = """
exe com bat cmd scr pif msi dll js mjs vbs wsf hta lnk ps1 sh jar html htm xhtml shtml svg xml php phtml php5
jsp asp aspx cgi pl py rb docm xlsm pptm
"""
_ACTING = frozenset(_ENDINGS.split())


def inspect(content: bytes, name: str, allowed: Sequence[str], strict: bool) -> dict[str, str]:
    """What a file is.

    Args:
        allowed: the endings that are taken.
        strict: whether scripts in documents are refused.

    Raises:
        Refusal: ``unwanted-file`` with the reason.
    """
    if not content:
        raise unwanted("The file is empty.")
    extension = _extension(name, allowed)
    if extension in _TEXTS:
        _require(texts.is_plain(content), "The file is no plain text.")
    elif extension == "svg":
        drawings.check(content)
    else:
        _require(is_type(content, _MEDIA[extension]), f"The file is not what `.{extension}` says.")
        _alone(content, extension)
    if extension in containers.MEDIA or extension == "zip":
        containers.check(content, extension, strict=strict)
    if strict and extension == "pdf":
        _require(not documents.acts(content), "The PDF holds scripts or attachments.")
    return {"media": _MEDIA[extension], "extension": extension}


def unwanted(reason: str) -> Refusal:
    """Why a file is not taken."""
    return Refusal("unwanted-file", reason)


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise unwanted(reason)


def _extension(name: str, allowed: Sequence[str]) -> str:
    parts = [part.strip().lower() for part in name.split(".")[1:]]
    if not parts or parts[-1] not in allowed:
        raise unwanted(f"Files end in one of: {', '.join(allowed)}.")
    _require(not _ACTING.intersection(parts[:-1]), "The file's name has a second ending.")
    return parts[-1]


def _alone(content: bytes, extension: str) -> None:
    zipped = extension in containers.MEDIA or extension == "zip"
    looks: list[Callable[[bytes], bool]] = [] if zipped else [hidden]
    if extension in ("png", "gif", "webp"):
        looks.append(trailing)
    _require(not any(look(content) for look in looks), "The file is something else besides.")
