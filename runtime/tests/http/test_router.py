"""Finding what answers a path."""

from __future__ import annotations

import pytest

from archwright_runtime.http.request import Request
from archwright_runtime.http.response import Response
from archwright_runtime.http.router import Endpoint, Router


async def _nothing(request: Request) -> Response:
    return Response()


def _router(*routes: tuple[str, str]) -> Router:
    router = Router()
    for method, path in routes:
        router.add(method, path, Endpoint(f"{method} {path}", path, _nothing))
    return router


@pytest.mark.parametrize(
    ("path", "template", "parameters"),
    [
        ("/", "/", {}),
        ("/api/tickets", "/api/tickets", {}),
        ("/api/tickets/export", "/api/tickets/export", {}),
        ("/api/tickets/abc", "/api/tickets/{id}", {"id": "abc"}),
        ("/api/tickets/abc/comments", "/api/tickets/{id}/comments", {"id": "abc"}),
        ("/api/tickets/abc/comments/7", "/api/tickets/{id}/comments/{comment}", {"id": "abc", "comment": "7"}),
        ("/ada/export", "/{user}/export", {"user": "ada"}),
        ("/api/export", "/{user}/export", {"user": "api"}),
    ],
)
def test_a_path_finds_its_route(path: str, template: str, parameters: dict[str, str]) -> None:
    """A fixed segment goes before a parameter, and a parameter takes any one segment."""
    router = _router(
        ("GET", "/"),
        ("GET", "/api/tickets"),
        ("GET", "/api/tickets/export"),
        ("GET", "/api/tickets/{id}"),
        ("GET", "/api/tickets/{id}/comments"),
        ("GET", "/api/tickets/{id}/comments/{comment}"),
        ("GET", "/{user}/export"),
    )

    found = router.find(path)

    assert found is not None
    assert (found[0].template, found[1]) == (template, parameters)


@pytest.mark.parametrize("path", ["", "//", "/api", "/api/tickets/", "/api//tickets", "/api/tickets//comments", "/API"])
def test_other_paths_find_nothing(path: str) -> None:
    """Trailing slashes, empty segments and other cases are other paths."""
    router = _router(("GET", "/api/tickets"), ("GET", "/api/tickets/{id}"), ("GET", "/api/tickets/{id}/comments"))

    assert router.find(path) is None


def test_a_segment_with_a_slash_fills_one_parameter() -> None:
    """An escaped slash is part of its segment and never divides it."""
    router = _router(("GET", "/files/{name}"), ("GET", "/files/{name}/versions"))

    found = router.find(["", "files", "a/versions"])

    assert found is not None
    assert found[1] == {"name": "a/versions"}


def test_allow_names_every_method() -> None:
    """Where GET is answered HEAD is too, and OPTIONS always."""
    router = _router(("GET", "/a"), ("PATCH", "/a"))

    found = router.find("/a")

    assert found is not None
    assert found[0].allow == "GET, HEAD, OPTIONS, PATCH"


@pytest.mark.parametrize("template", ["a", "//a", "/{a}x", "/{a}/{a}", "/{}", "/{a-b}"])
def test_a_malformed_template_is_refused(template: str) -> None:
    """A template that could mean two things is no template."""
    with pytest.raises(ValueError):
        _router(("GET", template))


@pytest.mark.parametrize("second", [("GET", "/a/{id}"), ("GET", "/a/{other}")])
def test_a_taken_route_is_refused(second: tuple[str, str]) -> None:
    """Nobody answers the same path twice, whatever its parameters are called."""
    with pytest.raises(ValueError):
        _router(("GET", "/a/{id}"), second)
