"""How failures look: problem details (RFC 9457), or another shape that the plan names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..errors import Refusal
from ..plan import Failure
from .response import Header, Response, header_value

STATUSES: dict[str, tuple[int, str]] = {
    "malformed": (400, "Malformed request"),
    "unauthenticated": (401, "Sign in first"),
    "forbidden": (403, "Not allowed"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "Method not allowed"),
    "conflict": (409, "Conflict"),
    "stale": (412, "Changed in the meantime"),
    "too-large": (413, "Too large"),
    "uri-too-long": (414, "Address too long"),
    "unsupported-media": (415, "Unsupported media type"),
    "range": (416, "Range not satisfiable"),
    "invalid": (422, "Invalid values"),
    "too-many": (429, "Too many requests"),
    "headers-too-large": (431, "Headers too large"),
    "internal": (500, "Internal error"),
    "busy": (503, "Busy"),
    "timeout": (504, "Took too long"),
    "version": (505, "HTTP version not supported"),
}
"""Status and title of the built-in kinds of failure."""

_encode = msgspec.json.Encoder().encode
_PROBLEM: Header = (b"content-type", b"application/problem+json")
_JSON: Header = (b"content-type", b"application/json")

Shape = Callable[[str, int, str, str | None, Refusal, str], tuple[Header, Any]]


class Failures:
    """Turns refusals into answers, in the shape that the plan names.

    Args:
        shape: ``problem``, ``fields`` or ``message``.
        challenge: the value of ``WWW-Authenticate`` for 401.
    """

    def __init__(self, shape: str = "problem", challenge: str = "Bearer") -> None:
        if shape not in _SHAPES:
            raise ValueError(f"error shape {shape} is not one of {', '.join(sorted(_SHAPES))}")
        self._shape = _SHAPES[shape]
        self._challenge: Header = (b"www-authenticate", header_value(challenge))

    def response(
        self, refusal: Refusal, request_id: str = "", declared: Mapping[str, Failure] | None = None
    ) -> Response:
        """The answer to a refused request; ``declared`` are the failures that its operation names."""
        status, title, detail = _looks(refusal, declared or {})
        content_type, body = self._shape(refusal.kind, status, title, detail, refusal, request_id)
        response = Response(status, _encode(body), [content_type])
        if status == 401:
            response.headers.append(self._challenge)
        if refusal.retry_after is not None:
            response.header(b"retry-after", str(refusal.retry_after))
        for name, value in refusal.headers.items():
            response.header(name.lower().encode("ascii"), value)
        return response


def _looks(refusal: Refusal, declared: Mapping[str, Failure]) -> tuple[int, str, str | None]:
    failure = declared.get(refusal.kind)
    if failure is not None:
        title = failure.title or STATUSES.get(refusal.kind, (0, _words(refusal.kind)))[1]
        return failure.status, title, refusal.detail or failure.detail
    # A kind that nobody declared is a conflict with the state of things: what `else` steps mean by default.
    status, title = STATUSES.get(refusal.kind, (409, _words(refusal.kind)))
    return status, title, refusal.detail


def _words(kind: str) -> str:
    return kind.replace("-", " ").capitalize()


def _problem(
    kind: str, status: int, title: str, detail: str | None, refusal: Refusal, request_id: str
) -> tuple[Header, Any]:
    body: dict[str, Any] = {"type": f"/problems/{kind}", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if request_id:
        body["request"] = request_id
    if refusal.problems:
        body["errors"] = [
            {"pointer": one.pointer, "code": one.code, "message": one.message} for one in refusal.problems
        ]
    return _PROBLEM, body


def _fields(
    kind: str, status: int, title: str, detail: str | None, refusal: Refusal, request_id: str
) -> tuple[Header, Any]:
    errors: dict[str, list[str]] = {}
    for one in refusal.problems:
        name = one.pointer.rpartition("/")[2].lstrip("?") or "body"
        errors.setdefault(name, []).append(one.message)
    if not errors:
        errors["body"] = [detail or title]
    return _JSON, {"errors": errors}


def _message(
    kind: str, status: int, title: str, detail: str | None, refusal: Refusal, request_id: str
) -> tuple[Header, Any]:
    problems = "; ".join(f"{one.pointer}: {one.message}" for one in refusal.problems)
    return _JSON, {"code": kind, "message": problems or detail or title}


_SHAPES: dict[str, Shape] = {"problem": _problem, "fields": _fields, "message": _message}
