"""How failures look: problem details (RFC 9457), or another shape that the plan names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..errors import Refusal
from ..plan import Errors, Failure
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

_PROBLEMS = Errors()
Shape = Callable[[str, int, str, str | None, Refusal, str], tuple[Header, Any]]


class Failures:
    """Turns refusals into answers, in the shape that the plan names.

    Args:
        errors: the shape (``problem``, ``fields``, ``message``, ``coded`` or ``custom``), and how kinds look.
        challenge: the value of ``WWW-Authenticate`` for 401.
    """

    def __init__(self, errors: Errors = _PROBLEMS, challenge: str = "Bearer") -> None:
        if errors.shape not in (*_SHAPES, "custom"):
            raise ValueError(f"error shape {errors.shape} is not one of {', '.join(sorted(_SHAPES))}")
        self._shape = _custom(errors.body) if errors.shape == "custom" else _SHAPES[errors.shape]
        self._general = errors.failures
        self._challenge: Header = (b"www-authenticate", header_value(challenge))

    def response(
        self, refusal: Refusal, request_id: str = "", declared: Mapping[str, Failure] | None = None
    ) -> Response:
        """The answer to a refused request; ``declared`` are the failures that its operation names."""
        status, title, detail = _looks(refusal, declared or {}, self._general)
        content_type, body = self._shape(refusal.kind, status, title, detail, refusal, request_id)
        response = Response(status, _encode(body), [content_type])
        if status == 401:
            response.headers.append(self._challenge)
        if refusal.retry_after is not None:
            response.header(b"retry-after", str(refusal.retry_after))
        for name, value in refusal.headers.items():
            response.header(name.lower().encode("ascii"), value)
        return response


def _looks(
    refusal: Refusal, declared: Mapping[str, Failure], general: Mapping[str, Failure]
) -> tuple[int, str, str | None]:
    failure = declared.get(refusal.kind) or general.get(refusal.kind)
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


def _coded(
    kind: str, status: int, title: str, detail: str | None, refusal: Refusal, request_id: str
) -> tuple[Header, Any]:
    return _JSON, {"error": _message(kind, status, title, detail, refusal, request_id)[1]}


_SHAPES: dict[str, Shape] = {"problem": _problem, "fields": _fields, "message": _message, "coded": _coded}

_WORD = re.compile(r"\$\{\s*([a-z]+)\s*\}")
Words = dict[str, Any]
Fill = Callable[[Words], Any]


def _custom(body: Any) -> Shape:
    """A shape of the assembly's own, compiled."""
    fill = _filled(body)

    def shape(
        kind: str, status: int, title: str, detail: str | None, refusal: Refusal, request_id: str
    ) -> tuple[Header, Any]:
        problems = [{"pointer": one.pointer, "code": one.code, "message": one.message} for one in refusal.problems]
        messages = [f"{_name(one.pointer)} {one.message}".strip() for one in refusal.problems] or [detail or title]
        words = {
            "code": kind,
            "status": status,
            "title": title,
            "detail": detail,
            "request": request_id,
            "message": "; ".join(messages),
            "messages": messages,
            "fields": _fields(kind, status, title, detail, refusal, request_id)[1]["errors"],
            "problems": problems,
        }
        return _JSON, fill(words)

    return shape


def _name(pointer: str) -> str:
    return pointer.rpartition("/")[2].lstrip("?")


def _filled(value: Any) -> Fill:
    """A part of a shape: a whole ``${word}`` keeps its type, an embedded one is text."""
    if isinstance(value, dict):
        members = {name: _filled(one) for name, one in value.items()}
        return lambda words: {name: one(words) for name, one in members.items()}
    if isinstance(value, list):
        items = [_filled(one) for one in value]
        return lambda words: [one(words) for one in items]
    whole = _WORD.fullmatch(value) if isinstance(value, str) else None
    if whole is not None:
        word = whole[1]
        return lambda words: words[word]
    if isinstance(value, str) and "${" in value:
        return lambda words: _WORD.sub(lambda match: str(words[match[1]] or ""), value)
    return lambda words: value
