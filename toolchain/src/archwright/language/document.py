"""Documents: a typed model together with the places of everything in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from archwright.diagnostics import Collector, Diagnostic, Location, Severity

from .model import TAG, Model
from .nodes import Mapping, Node, Scalar, Sequence, to_data
from .reader import MOST_FINDINGS, read
from .validation import first, report

M = TypeVar("M", bound=Model)

# A shorthand has no key of its own for these parts of a path; the value below its only key is meant.
_INNER = frozenset({"rows", "value", "call", "config"})
# `all` stands for every action, and its `where` for the `check` of a create.
_INSTEAD = {"read": "all", "create": "all", "update": "all", "delete": "all", "check": "where"}


@dataclass(frozen=True, slots=True)
class Document(Generic[M]):
    """A model that knows where its parts are written."""

    model: M
    root: Mapping
    file: str

    def locate(
        self, path: Iterable[str | int] = (), key: bool = False, *, start: int | None = None, length: int = 1
    ) -> Location:
        """Return the place of a part of the model.

        Args:
            path: keys (as in the document) and positions, from the root. Parts that the document leaves to a
                shorthand are passed over, so the path of the canonical form always works.
            key: whether the place of the key is wanted and not that of its value.
            start: the first code point of a part of the text there, for expressions and types.
            length: how many code points that part has.
        """
        return locate(self.root, path, key, start=start, length=length)


class Reading(NamedTuple, Generic[M]):
    """What became of a text: a document, unless an error stands in the way, and all findings."""

    document: Document[M] | None
    findings: tuple[Diagnostic, ...]


def load(model: type[M], source: bytes | str, file: str, *, area: str) -> Reading[M]:
    """Read and validate one document; every finding carries its place, and they are sorted by it."""
    tree = read(source, file)
    if tree.root is None:
        return Reading(None, bounded(tree.findings))
    return validate(model, tree.root, file, area=area, findings=tree.findings)


def validate(model: type[M], root: Node, file: str, *, area: str, findings: tuple[Diagnostic, ...] = ()) -> Reading[M]:
    """Validate a tree; ``findings`` are those of reading it."""
    collected = Collector(findings)
    if not isinstance(root, Mapping):
        collected.error(
            f"{area}/wrong-type", root.location, f"the {area} is not a mapping", expected="keys with values"
        )
        return Reading(None, bounded(collected.findings()))
    try:
        made = model.model_validate(to_data(root))
    except ValidationError as error:
        place = partial(locate, root)
        lines, omitted = first(error, model, MOST_FINDINGS, place)
        collected.add(*report(lines, model, area, place))
        return Reading(None, bounded(collected.findings(), omitted))
    document = None if collected.has_errors else Document(made, root, file)
    return Reading(document, bounded(collected.findings()))


def bounded(findings: tuple[Diagnostic, ...], omitted: int = 0) -> tuple[Diagnostic, ...]:
    """Return at most as many findings as anybody reads; ``omitted`` others were left out before."""
    kept = findings[:MOST_FINDINGS]
    rest = len(findings) - len(kept) + omitted
    if not rest:
        return findings
    last = Diagnostic(
        "yaml/more-findings",
        Severity.ERROR,
        kept[-1].location,
        f"{rest} more findings are not shown",
        hint="correct the first ones and check again",
    )
    return (*kept, last)


def locate(
    root: Node, path: Iterable[str | int], key: bool = False, *, start: int | None = None, length: int = 1
) -> Location:
    """Return the place that a path leads to, or the nearest place above it that the document has."""
    node, place, named = root, _head(root), _head(root)
    for part in path:
        if isinstance(part, str) and part.startswith(TAG):
            continue
        below = _below(node, part)
        if below is None:
            if not isinstance(node, Mapping):
                break
            continue
        node, named = below
        place = node.location
    if key:
        return named
    if start is not None and isinstance(node, Scalar):
        return node.part(start, length)
    return place


def _head(node: Node) -> Location:
    """The first key of a document stands for the whole of it."""
    if isinstance(node, Mapping):
        return next((entry.key for entry in node.entries.values()), node.location)
    return node.location


def _below(node: Node, part: str | int) -> tuple[Node, Location] | None:
    """Return what a part of a path names, with the place of its key."""
    if isinstance(node, Mapping):
        entry = node.entries.get(part) if isinstance(part, str) else None
        if (entry is None and part in _INNER and len(node.entries) == 1) or (part == 0 and len(node.entries) == 1):
            entry = next(iter(node.entries.values()))
        elif entry is None and isinstance(part, int) and part < len(node.entries):
            entry = list(node.entries.values())[part]
        elif entry is None and part in _INSTEAD:
            entry = node.entries.get(_INSTEAD[str(part)])
        return None if entry is None else (entry.value, entry.key)
    if isinstance(node, Sequence):
        return _item(node, part)
    return None


def _item(node: Sequence, part: str | int) -> tuple[Node, Location] | None:
    if isinstance(part, int):
        return (node.items[part], node.items[part].location) if part < len(node.items) else None
    found = (item for item in node.items if isinstance(item, Scalar) and item.text == part)
    item = next(found, None)
    return None if item is None else (item, item.location)
