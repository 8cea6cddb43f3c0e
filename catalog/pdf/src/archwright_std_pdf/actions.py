"""What acts in a PDF document: scripts, programs, forms that are sent, files inside; found, and taken out.

Names are those of ISO 32000-1, section 12.6 (actions) and 7.11.4 (embedded files).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from archwright_runtime.errors import Refusal

_MOST_OBJECTS = 300_000
_ACTIONS = frozenset(
    {
        "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/RichMediaExecute",
        "/Movie", "/Sound", "/Hide", "/ResetForm", "/SetOCGState", "/Trans", "/GoTo3DView",
    }
)  # fmt: skip
_KEYS = ("/AA", "/OpenAction", "/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/AF", "/XFA", "/RichMediaContent")
_WEB = ("http://", "https://", "mailto:")


def acts(root: Any) -> bool:
    """Whether anything that is reached from an object acts."""
    return any(_acts(one) for one in _reached(root))


def defuse(page: Any) -> None:
    """Take out everything that acts from what is reached from an object."""
    for one in list(_reached(page)):
        if _is_action(one):
            one.clear()
            continue
        for key in _KEYS:
            one.pop(NameObject(key), None)


def _acts(one: DictionaryObject) -> bool:
    return _is_action(one) or any(key in one for key in _KEYS if not _is_destination(one, key))


def _is_action(one: DictionaryObject) -> bool:
    kind = one.get("/S")
    if kind in _ACTIONS:
        return True
    return kind == "/URI" and not str(one.get("/URI", "")).strip().lower().startswith(_WEB)


def _is_destination(one: DictionaryObject, key: str) -> bool:
    """A document that opens at some page does nothing else."""
    return key == "/OpenAction" and isinstance(one.get(key), ArrayObject)


def _reached(start: Any) -> Iterator[DictionaryObject]:
    """Every dictionary that is reached from an object, once; streams are dictionaries too."""
    waiting, seen = [start], set[Any]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            key = (id(one.pdf), one.idnum, one.generation)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > _MOST_OBJECTS:
                raise Refusal("too-complex", "The document has too many parts.")
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            yield one
            # Those above are reached from elsewhere, and belong to pages that are not wanted.
            waiting.extend(one.raw_get(name) for name in one if name not in ("/Parent", "/P"))
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
