"""An OpenAPI document as data: every value knows its pointer, references are followed within the document alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

Pointer = tuple[str | int, ...]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_HOPS = 32
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_PARAMETER = re.compile(r"\{[^{}/]*\}")
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")


@dataclass(frozen=True, eq=False)
class Interface:
    """One document of OpenAPI 3.0 or 3.1.

    Attributes:
        base: the path before every path; that of the nearest server where it is not given.
    """

    data: dict[str, Any]
    base: str | None = None

    @cached_property
    def root(self) -> Spot:
        """The whole document."""
        return Spot(self, (), self.data)

    @cached_property
    def is_older(self) -> bool:
        """Whether it is OpenAPI 3.0, where null, bounds and siblings of references are written differently."""
        return str(self.data.get("openapi", "")).startswith("3.0")

    @cached_property
    def operations(self) -> tuple[Described, ...]:
        """Every operation in the order of the document."""
        return tuple(self._operations())

    def _operations(self) -> Iterator[Described]:
        for path, item in self.root.at("paths").entries():
            if not path.startswith("/"):
                continue
            followed = item.followed()
            for method in METHODS:
                operation = followed.at(method)
                if operation.is_mapping:
                    yield Described(
                        method.upper(), f"{self._base(operation, followed)}{path}", path, operation, followed
                    )

    def _base(self, operation: Spot, item: Spot) -> str:
        """The path of the server that stands nearest to an operation."""
        if self.base is not None:
            return self.base.rstrip("/")
        for spot in (operation, item, self.root):
            server = next(spot.at("servers").items(), None)
            if server is not None:
                return _path_of(server)
        return ""


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """One value of a document and where it stands; absent values are spots too, whose value is nothing."""

    document: Interface
    pointer: Pointer
    value: Any

    @property
    def is_mapping(self) -> bool:
        """Whether it has members."""
        return isinstance(self.value, dict)

    @property
    def text(self) -> str | None:
        """The value, where it is text."""
        return self.value if isinstance(self.value, str) else None

    @property
    def number(self) -> Any:
        """The value, where it is a number."""
        return None if isinstance(self.value, (bool, str, list, dict)) else self.value

    @property
    def flag(self) -> bool | None:
        """The value, where it is true or false."""
        return self.value if isinstance(self.value, bool) else None

    @property
    def reference(self) -> str | None:
        """What it refers to, where it is a reference."""
        found = self.value.get("$ref") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else None

    @property
    def tag(self) -> str:
        """The pointer as text."""
        return "/".join(("#", *(str(part).replace("~", "~0").replace("/", "~1") for part in self.pointer)))

    def at(self, *path: str) -> Spot:
        """What stands below these keys."""
        spot = self
        for key in path:
            value = spot.value.get(key) if isinstance(spot.value, dict) else None
            spot = Spot(spot.document, (*spot.pointer, key), value)
        return spot

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return isinstance(self.value, dict) and key in self.value

    def entries(self) -> Iterator[tuple[str, Spot]]:
        """Keys with their values, extensions left out."""
        if isinstance(self.value, dict):
            for key in self.value:
                if not key.startswith("x-"):
                    yield key, self.at(key)

    def members(self) -> Iterator[tuple[str, Spot]]:
        """Keys with their values, where every key is a name that means something."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self.at(key)

    def items(self) -> Iterator[Spot]:
        """What a list holds."""
        if isinstance(self.value, list):
            for position, value in enumerate(self.value):
                yield Spot(self.document, (*self.pointer, position), value)

    def followed(self) -> Spot:
        """What a reference leads to in the end; itself where it is none, nothing where it leads nowhere."""
        spot = self
        for _ in range(_HOPS):
            reference = spot.reference
            if reference is None:
                return spot
            spot = spot.named(reference)
        return Spot(self.document, self.pointer, None)

    def named(self, reference: str) -> Spot:
        """What a reference within the document names."""
        spot = self.document.root
        if not reference.startswith("#"):
            return Spot(self.document, self.pointer, None)
        for part in reference[1:].lstrip("/").split("/") if len(reference) > 1 else ():
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(spot.value, list):
                spot = next((item for item in spot.items() if str(item.pointer[-1]) == key), spot.at(key))
            else:
                spot = spot.at(key)
        return spot


@dataclass(frozen=True, eq=False)
class Described:
    """One operation as a document describes it.

    Attributes:
        path: the whole path, with that of the server before it.
        written: the path as it stands in the document.
    """

    method: str
    path: str
    written: str
    spot: Spot
    item: Spot

    @property
    def id(self) -> str | None:
        """Its ``operationId``."""
        return self.spot.at("operationId").text

    @property
    def title(self) -> str:
        """How findings call it."""
        return f"{self.method} {self.path}"

    @property
    def route(self) -> tuple[str, str]:
        """Method and path, whatever its parameters are called."""
        return self.method, shape(self.path)

    @cached_property
    def parameters(self) -> dict[tuple[str, str], Spot]:
        """Parameters by where they are and what they are called; those of the operation replace those of the path."""
        found: dict[tuple[str, str], Spot] = {}
        for owner in (self.item, self.spot):
            for one in owner.at("parameters").items():
                spot = one.followed()
                name, place = spot.at("name").text, spot.at("in").text
                if name is not None and place is not None:
                    found[place, name.lower() if place == "header" else name] = spot
        return found

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the parameters in the path, in their order."""
        return tuple(name[1:-1] for name in _PARAMETER.findall(self.path))

    @property
    def body(self) -> Spot:
        """The request body."""
        return self.spot.at("requestBody").followed()

    @property
    def responses(self) -> dict[str, Spot]:
        """Answers by status, range (`4XX`) or `default`."""
        return {status.upper(): one.followed() for status, one in self.spot.at("responses").entries()}

    @property
    def security(self) -> Spot:
        """The requirement that holds for it."""
        own = self.spot.at("security")
        return own if self.spot.has("security") else self.spot.document.root.at("security")


def shape(path: str) -> str:
    """A path in which every parameter looks the same.

    >>> shape("/articles/{slug}/comments/{id}")
    '/articles/{}/comments/{}'
    """
    return _PARAMETER.sub("{}", path)


def _path_of(server: Spot) -> str:
    """The path of a server's address, its variables at their defaults."""
    url = server.at("url").text or ""
    variables = server.at("variables")
    url = _VARIABLE.sub(lambda match: variables.at(match[1], "default").text or "", url[:2000])
    match = _ADDRESS.match(url)
    path = url[match.end() :] if match else url
    path = path.partition("?")[0].partition("#")[0].strip("/.")
    return f"/{path}" if path else ""
