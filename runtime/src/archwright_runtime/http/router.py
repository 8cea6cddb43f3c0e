"""From method and path to what answers.

Fixed paths are found by one dictionary look-up; ``/fixed/{last}`` by a second one; anything else by a walk over
segments in which a fixed segment goes before a parameter. Trailing slashes are significant.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from .request import Request
from .response import Response

Handler = Callable[[Request], Awaitable[Response]]

_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What answers one method of one path.

    Attributes:
        name: for logs and metrics: the operation's or the page's name.
        template: the path with its parameters' names, as logs show it.
        handle: makes the response.
        body_limit: bytes that a body may have.
        identify: whether the caller is recognised before ``handle`` runs.
        guarded: whether requests that change something must come from our own pages when a cookie says who asks.
        rate: requests per minute and caller.
        quiet: whether requests are counted but not logged one by one, as probes are.
        seconds: until a request is given up, where this differs from the service's own bound.
    """

    name: str
    template: str
    handle: Handler
    body_limit: int = 1_048_576
    identify: bool = True
    guarded: bool = True
    rate: int | None = None
    quiet: bool = False
    seconds: float | None = None


@dataclass(slots=True)
class Route:
    """One path: its endpoints by method and the names of its parameters."""

    template: str
    names: tuple[str, ...]
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    @property
    def allow(self) -> str:
        """The methods for ``Allow``."""
        methods = set(self.endpoints) | {"OPTIONS"}
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


class _Node:
    __slots__ = ("fixed", "parameter", "route")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.route: Route | None = None


class Router:
    """All paths of a service."""

    def __init__(self) -> None:
        self._root = _Node()
        self._fixed: dict[str, Route] = {}
        self._last: dict[str, Route] = {}
        self._routes: dict[str, Route] = {}

    def add(self, method: str, template: str, endpoint: Endpoint) -> None:
        """Let ``endpoint`` answer ``method`` on ``template``, e.g. ``/tickets/{id}``.

        Raises:
            ValueError: the template is malformed, or the method is taken.
        """
        names, shape = _parse(template)
        key = "/".join(shape)
        route = self._routes.get(key)
        if route is None:
            route = self._routes[key] = Route(template, names)
            self._insert(template, shape, names, route)
        if route.names != names:
            raise ValueError(f"{template} and {route.template} are one path with different parameter names")
        if method in route.endpoints:
            raise ValueError(f"{method} {template} is taken by {route.endpoints[method].name}")
        route.endpoints[method] = endpoint

    def find(self, path: str | list[str]) -> tuple[Route, dict[str, str]] | None:
        """The route of a decoded path and its parameters; a list of segments where one holds a slash."""
        if isinstance(path, list):
            return self._walk(path)
        route = self._fixed.get(path)
        if route is not None:
            return route, {}
        head, _, tail = path.rpartition("/")
        route = self._last.get(head)
        if route is not None and tail:
            return route, {route.names[0]: tail}
        return self._walk(path.split("/"))

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes.values())

    def _insert(self, template: str, shape: tuple[str, ...], names: tuple[str, ...], route: Route) -> None:
        if not names:
            self._fixed[template] = route
        elif len(names) == 1 and shape[-1] == "{}":
            self._last[template.rpartition("/")[0]] = route
        node = self._root
        for segment in shape:
            if segment == "{}":
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.fixed.setdefault(segment, _Node())
        node.route = route

    def _walk(self, segments: list[str]) -> tuple[Route, dict[str, str]] | None:
        found = _match(self._root, segments, 0, [])
        if found is None:
            return None
        route, values = found
        return route, dict(zip(route.names, values, strict=True))


def _parse(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not template.startswith("/") or "//" in template:
        raise ValueError(f"{template} is not a path")
    names: list[str] = []
    shape: list[str] = []
    for segment in template.split("/"):
        match = _PARAMETER.fullmatch(segment)
        if match:
            names.append(match[1])
            shape.append("{}")
        elif "{" in segment or "}" in segment:
            raise ValueError(f"{template}: a parameter fills a whole segment")
        else:
            shape.append(segment)
    if len(set(names)) != len(names):
        raise ValueError(f"{template} names a parameter twice")
    return tuple(names), tuple(shape)


def _match(node: _Node, segments: list[str], index: int, values: list[str]) -> tuple[Route, list[str]] | None:
    # At most two branches per level and templates of bounded length: bounded by the routes, not by the request.
    if index == len(segments):
        return (node.route, values) if node.route is not None else None
    segment = segments[index]
    fixed = node.fixed.get(segment)
    if fixed is not None:
        found = _match(fixed, segments, index + 1, values)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        return _match(node.parameter, segments, index + 1, [*values, segment])
    return None
