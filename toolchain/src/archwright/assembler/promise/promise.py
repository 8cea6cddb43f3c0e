"""Reading a contract: is it OpenAPI, does every reference lead somewhere, and where does everything stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...diagnostics import Collector, Diagnostic, Location
from ...language.nodes import Entry, Mapping, Node, Sequence, to_data
from ...language.reader import read
from ...registry import digest
from .interface import Described, Interface, Pointer, Spot

_VERSION = re.compile(r"3\.[01](\.[0-9]{1,3})?(-[a-z0-9.]+)?")
_UNREAD = ("example", "examples", "default", "enum", "const")
"""Keys below which a `$ref` is a value like any other."""
_MOST_REFERENCES = 20


@dataclass(frozen=True, eq=False)
class Promise:
    """A contract that can be compared.

    Attributes:
        name: what the lock and the summary call it.
        digest: of its bytes.
    """

    interface: Interface
    root: Node
    file: str
    name: str
    digest: str

    def locate(self, pointer: Pointer) -> Location:
        """Where a value stands, by its key where it has one; the nearest value above where it is absent."""
        node, place = self.root, Location(self.file)
        for part in pointer:
            if isinstance(node, Mapping):
                entry: Entry | None = node.entries.get(str(part))
                if entry is None:
                    break
                node, place = entry.value, entry.key
            elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
                place = node.location
            else:
                break
        return place


def read_promise(
    content: bytes, file: str, *, name: str, base: str | None = None
) -> tuple[Promise | None, tuple[Diagnostic, ...]]:
    """Read an OpenAPI document in YAML or JSON.

    Args:
        content: its bytes.
        file: the name that findings carry.
        name: what the lock and the summary call it.
        base: the path before every path, where it is not that of the document's first server.
    """
    tree = read(content, file, foreign=True)
    findings = Collector(tree.findings)
    if tree.root is None or findings.has_errors:
        return None, findings.findings()
    data = to_data(tree.root)
    promise = Promise(
        Interface(data if isinstance(data, dict) else {}, base), tree.root, file, name, digest.of_bytes(content)
    )
    _examine(promise, findings)
    return (None if findings.has_errors else promise), findings.findings()


def _examine(promise: Promise, findings: Collector) -> None:
    root = promise.interface.root
    version = root.at("openapi")
    if version.text is None or not _VERSION.fullmatch(version.text):
        older = root.has("swagger")
        findings.error(
            "contract/not-openapi",
            promise.locate(("swagger",) if older else ("openapi",)),
            "the contract is not an OpenAPI document of version 3.0 or 3.1",
            expected="`openapi: 3.1.0`",
            found=f"`swagger: {str(root.at('swagger').value)[:20]}`" if older else None,
            hint="convert it to OpenAPI 3 first" if older else "name an OpenAPI document under `contract`",
        )
        return
    for problem, spot in _problems(promise.interface):
        findings.error("contract/not-openapi", promise.locate(spot.pointer), problem)
    _references(promise, findings)


def _problems(interface: Interface) -> Iterator[tuple[str, Spot]]:
    """What makes a document no description of an interface."""
    paths = interface.root.at("paths")
    if not paths.is_mapping or not interface.operations:
        yield "the contract describes no operation", paths
    ids: dict[str, Described] = {}
    routes: dict[tuple[str, str], Described] = {}
    for operation in interface.operations:
        id_ = operation.id
        if id_ is not None and ids.setdefault(id_, operation) is not operation:
            yield f"the `operationId` `{id_[:60]}` is used twice", operation.spot.at("operationId")
        if routes.setdefault(operation.route, operation) is not operation:
            yield f"two paths answer `{operation.title}`", operation.spot
        if not operation.responses:
            yield f"`{operation.title}` has no answer", operation.spot
        for owner in (operation.item, operation.spot):
            for one in owner.at("parameters").items():
                followed = one.followed()
                if followed.at("name").text is None or followed.at("in").text not in (
                    "path",
                    "query",
                    "header",
                    "cookie",
                ):
                    yield f"a parameter of `{operation.title}` has no `name` or no `in`", one


def _references(promise: Promise, findings: Collector) -> None:
    """Every reference stays in the document and leads somewhere."""
    count = 0
    for spot, reference in _referring(promise.interface.root):
        problem = _wrong(spot, reference)
        if problem is None:
            continue
        count += 1
        if count > _MOST_REFERENCES:
            return
        findings.error(
            "contract/reference",
            promise.locate((*spot.pointer, "$ref")),
            problem,
            expected="a reference within the document, such as `#/components/schemas/Article`",
            found=f"`{reference[:80]}`",
            hint="bundle the documents into one" if not reference.startswith("#") else None,
        )


def _wrong(spot: Spot, reference: str) -> str | None:
    if not reference.startswith("#"):
        return "a reference leaves the document"
    if spot.named(reference).value is None:
        return "a reference names nothing"
    return "a reference leads back to itself" if spot.followed().value is None else None


def _referring(root: Spot) -> Iterator[tuple[Spot, str]]:
    waiting = [root]
    while waiting:
        spot = waiting.pop()
        if spot.reference is not None:
            yield spot, spot.reference
        waiting += [below for key, below in spot.entries() if key not in _UNREAD]
        waiting += spot.items()
