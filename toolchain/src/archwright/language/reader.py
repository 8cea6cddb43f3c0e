"""Reads YAML text into a tree with places.

Rules:

* The text is UTF-8 without a byte order mark, holds printable characters only, and is one document.
* Anchors, aliases, tags, merge keys, duplicate keys and keys that are not text are findings; reading goes on.
* Size, depth, the number of nodes and the length of a value are bounded; passing a bound ends reading with a finding.
* No text makes the reader raise.
* A foreign document, which somebody else wrote in YAML or JSON, may use aliases and keys that are no text; the bounds
  count what an alias stands for as if it were written out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archwright.diagnostics import Collector, Diagnostic, Location

from . import syntax
from .encoding import HIDDEN, decode, name
from .nodes import Entry, Mapping, Node, Scalar, Sequence, Value
from .scalars import NumberError, resolve

if TYPE_CHECKING:
    from yaml.error import Mark

MOST_DEPTH = 64
MOST_NODES = 200_000
MOST_TEXT = 65_536
MOST_FINDINGS = 500


@dataclass(frozen=True, slots=True)
class Tree:
    """What was read: the root, or nothing where the text is no document, and the findings."""

    root: Node | None
    findings: tuple[Diagnostic, ...]


def read(source: bytes | str, file: str, *, foreign: bool = False) -> Tree:
    """Read one YAML document.

    Args:
        source: the text, or its bytes as they lie on disk.
        file: the name that findings carry.
        foreign: whether somebody else wrote it, who does not follow our subset of YAML.
    """
    findings = Collector()
    text = decode(source, file, findings)
    if text is not None and foreign:
        text = _paired(text)
    root = None if text is None else _Reader(text, file, findings, foreign).document()
    return Tree(root, findings.findings())


_PAIR = re.compile(r"\\\\|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def _paired(text: str) -> str:
    """Write what JSON escapes as two surrogates as the one character that YAML knows."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    return _PAIR.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    high, low = int(match[1], 16) - 0xD800, int(match[2], 16) - 0xDC00
    return f"\\U{0x10000 + (high << 10) + low:08x}"


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an anchor names, with its size and its height when written out."""

    node: Node
    nodes: int
    height: int


class _StopError(Exception):
    """Reading cannot go on; the finding is already reported."""


class _Reader:
    """Builds the tree from libyaml's events."""

    def __init__(self, text: str, file: str, findings: Collector, foreign: bool) -> None:
        self._text = text
        self._file = file
        self._findings = findings
        self._foreign = foreign
        self._nodes = 0
        self._deepest = 0
        # Outside of foreign documents only so that an alias, which is refused, brings no further findings; of
        # collections nothing is kept.
        self._anchored: dict[str, _Anchored] = {}

    def document(self) -> Node | None:
        """Read the one document of the stream."""
        import yaml
        from yaml._yaml import CParser

        self._events = yaml.events
        try:
            self._next = CParser(self._text.encode("utf-8", "surrogatepass")).get_event
            return self._stream()
        except yaml.MarkedYAMLError as error:
            self._broken(error)
        except yaml.YAMLError:
            self._findings.error("yaml/syntax", Location(self._file), "the document is not readable as YAML")
        except _StopError:
            pass
        return None

    def _stream(self) -> Node | None:
        events = self._events
        self._next()
        event: Any = self._next()
        if type(event) is events.StreamEndEvent:
            self._empty()
            return None
        self._directives(event)
        root = self._node(self._next(), 1)
        self._next()
        event = self._next()
        if type(event) is not events.StreamEndEvent:
            self._findings.error(
                "yaml/several-documents",
                self._span(event.start_mark, event.end_mark),
                "a second document begins here",
                expected="one document per file",
                hint="move it into a file of its own",
            )
        if type(root) is Scalar and root.value is None:
            self._empty()
            return None
        return root

    def _empty(self) -> None:
        self._findings.error("yaml/empty", Location(self._file), "the document is empty", expected="a mapping")

    def _directives(self, event: Any) -> None:
        if event.tags or event.version not in (None, (1, 2)):
            self._findings.error(
                "yaml/directive",
                self._span(event.start_mark, event.end_mark),
                "the document begins with a directive",
                expected="YAML 1.2 without directives",
                hint="remove the lines that begin with `%`",
            )

    def _node(self, event: Any, depth: int) -> Node:
        """Read the node that begins with ``event``."""
        self._count(event, 1, depth)
        kind = type(event)
        events = self._events
        if kind is events.AliasEvent:
            return self._named(event, depth) if self._foreign else self._alias(event)
        if event.anchor is not None or event.tag is not None:
            self._decorations(event)
        if event.anchor is not None and (self._foreign or kind is events.ScalarEvent):
            return self._anchor(event, depth)
        return self._plain(event, depth)

    def _plain(self, event: Any, depth: int) -> Node:
        kind = type(event)
        if kind is self._events.ScalarEvent:
            return self._scalar(event)
        if depth > MOST_DEPTH:
            self._too_deep(event)
        return self._mapping(event, depth) if kind is self._events.MappingStartEvent else self._sequence(event, depth)

    def _count(self, event: Any, nodes: int, depth: int) -> None:
        self._nodes += nodes
        self._deepest = max(self._deepest, depth)
        if self._nodes > MOST_NODES:
            self._stop("yaml/too-many-nodes", event, "the document has too many values", f"at most {MOST_NODES}")

    def _too_deep(self, event: Any) -> None:
        self._stop("yaml/too-deep", event, "the document is nested too deeply", f"at most {MOST_DEPTH} levels")

    def _anchor(self, event: Any, depth: int) -> Node:
        """Read what an anchor names; within itself it names nothing yet."""
        before, deepest = self._nodes, self._deepest
        self._deepest = depth
        node = self._plain(event, depth)
        self._anchored[event.anchor] = _Anchored(node, self._nodes - before + 1, self._deepest - depth)
        self._deepest = max(deepest, self._deepest)
        return node

    def _named(self, event: Any, depth: int) -> Node:
        """Return what an alias of a foreign document stands for, counted as if it were written out."""
        meant = self._anchored.get(event.anchor)
        if meant is None:
            place = self._span(event.start_mark, event.end_mark)
            self._findings.error(
                "yaml/anchor",
                place,
                f"the alias `*{event.anchor}` names nothing that ends before it",
                expected="an anchor further up",
            )
            return Scalar(None, "", True, place)
        if depth + meant.height > MOST_DEPTH:
            self._too_deep(event)
        self._count(event, meant.nodes, depth + meant.height)
        return meant.node

    def _stop(self, code: str, event: Any, message: str, expected: str) -> None:
        self._findings.error(code, self._span(event.start_mark, event.end_mark), message, expected=expected)
        raise _StopError

    def _alias(self, event: Any) -> Scalar:
        place = self._span(event.start_mark, event.end_mark)
        self._findings.error(
            "yaml/anchor",
            place,
            f"the alias `*{event.anchor}` is not allowed",
            expected="the value itself",
            hint="write the value out, or quote the text",
        )
        meant = self._anchored.get(event.anchor)
        if meant is None or type(meant.node) is not Scalar:
            return Scalar(None, "", True, place)
        return Scalar(meant.node.value, meant.node.text, meant.node.plain, place)

    def _decorations(self, event: Any) -> None:
        place = self._span(event.start_mark, event.end_mark)
        if event.anchor is not None and not self._foreign:
            self._findings.error(
                "yaml/anchor",
                place,
                f"the anchor `&{event.anchor}` is not allowed",
                expected="a value without anchor",
                hint="write the value out where it is used, or quote the text",
            )
        if event.tag is not None:
            self._findings.error(
                "yaml/tag",
                place,
                "tags are not allowed",
                expected="a value without tag",
                found=f"`{event.tag}`",
                hint="remove the tag, or quote the text that begins with `!`",
            )

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        plain = event.style is None or event.style == ""
        place = self._span(event.start_mark, event.end_mark)
        if len(text) > MOST_TEXT:
            self._findings.error(
                "yaml/value-too-long",
                place.within(0),
                "the value is too long",
                expected=f"at most {MOST_TEXT} characters",
                found=f"{len(text)} characters",
            )
            return Scalar("", "", plain, place.within(0))
        if not plain:
            if event.style == '"' and not text.isprintable():
                self._escapes(text, place)
            return Scalar(text, text, False, place)
        return Scalar(self._value(text, place), text, True, place)

    def _escapes(self, text: str, place: Location) -> None:
        match = HIDDEN.search(text)
        if match is not None:
            self._findings.error(
                "yaml/hidden-character",
                place,
                "the text holds a character that is not visible",
                expected="printable text",
                found=name(match.group()),
                hint="remove the escape",
            )

    def _value(self, text: str, place: Location) -> Value:
        try:
            return resolve(text)
        except NumberError as error:
            self._findings.error(
                "yaml/number",
                place,
                "the number cannot be held exactly",
                expected=str(error),
                found=f"`{text if len(text) <= 40 else text[:37] + '...'}`",
                hint="quote it where text is meant",
            )
            return 0

    def _sequence(self, start: Any, depth: int) -> Sequence:
        items: list[Node] = []
        while type(event := self._next()) is not self._events.SequenceEndEvent:
            items.append(self._node(event, depth + 1))
        return Sequence(tuple(items), self._extent(start, event, items[-1] if items else None))

    def _mapping(self, start: Any, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        value: Node | None = None
        while type(event := self._next()) is not self._events.MappingEndEvent:
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            name = self._key(key)
            if name is None:
                continue
            if name in entries:
                self._findings.error(
                    "yaml/duplicate-key",
                    key.location,
                    f"the key `{name}` appears twice in one mapping",
                    expected="each key once",
                    found=f"the first one in line {entries[name].key.line}",
                    hint="keep one of them",
                )
                continue
            entries[name] = Entry(key.location, value)
        return Mapping(entries, self._extent(start, event, value))

    def _key(self, key: Node) -> str | None:
        """Return the name of a key, reporting what cannot be one."""
        if type(key) is not Scalar:
            self._not_text(key.location, "a list or mapping")
            return None
        if key.plain and key.text == "<<":
            self._findings.error(
                "yaml/merge-key",
                key.location,
                "merge keys are not allowed",
                expected="the keys themselves",
                hint="write the keys out",
            )
            return None
        if not isinstance(key.value, str) and not self._foreign:
            self._not_text(key.location, f"`{key.text}`")
        return key.text if key.text.isascii() else unicodedata.normalize("NFC", key.text)

    def _not_text(self, place: Location, found: str) -> None:
        self._findings.error(
            "yaml/key-not-text",
            place,
            "a key is not text",
            expected="text",
            found=found,
            hint="quote the key",
        )

    def _span(self, start: Mark, end: Mark) -> Location:
        return Location(self._file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _extent(self, start: Any, end: Any, last: Node | None) -> Location:
        """A block collection ends where its last value does; libyaml's own mark lies at the next token."""
        if start.flow_style or last is None:
            return self._span(start.start_mark, end.end_mark)
        mark, place = start.start_mark, last.location
        return Location(self._file, mark.line + 1, mark.column + 1, place.end_line, place.end_column)

    def _broken(self, error: Any) -> None:
        began, mark = error.context_mark, error.problem_mark or error.context_mark
        tab = mark is not None and self._text[mark.index : mark.index + 1] == "\t"
        found = syntax.TAB if tab else syntax.explain(error.problem or "", error.context or "")
        if found.at_start and began is not None:
            mark = began
        place = Location(self._file) if mark is None else Location(self._file, mark.line + 1, mark.column + 1).within(0)
        note = None if began is None or began.line == getattr(mark, "line", 0) else f"it began in line {began.line + 1}"
        self._findings.error("yaml/syntax", place, found.message, found=note, hint=found.hint)
