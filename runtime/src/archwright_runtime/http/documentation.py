"""The service's own description: ``/openapi.json`` byte for byte, and ``/docs`` for people, both offline and without
script."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from html import escape
from typing import Any

import msgspec

from .conditional import none_match
from .request import Request
from .response import Header, Response
from .router import Endpoint, Router

_METHODS = ("get", "post", "put", "patch", "delete")
_DEPTH = 4
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
h2 { border-bottom: 1px solid; margin-top: 2.5rem }
code, pre { font: 0.9em ui-monospace, monospace }
details { border: 1px solid #8886; border-radius: 6px; margin: 0.5rem 0; padding: 0.5rem 0.75rem }
summary { cursor: pointer } summary b { display: inline-block; min-width: 4.5rem }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 }
th, td { text-align: left; padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid #8884; vertical-align: top }
.required { font-weight: bold }
"""


class Description:
    """Some bytes with their entity tag, served again and again."""

    def __init__(self, content: bytes, media: str, kind: str = "asset") -> None:
        self._content = content
        self._tag = b'"' + sha256(content).hexdigest()[:32].encode() + b'"'
        self._kind = kind
        self._headers: tuple[Header, ...] = (
            (b"etag", self._tag),
            (b"cache-control", b"no-cache"),
        )
        self._content_type: Header = (b"content-type", media.encode("ascii"))

    async def __call__(self, request: Request) -> Response:
        """The bytes, unless the client has them already."""
        known = request.header(b"if-none-match")
        if known is not None and none_match(known, self._tag):
            return Response(304, b"", list(self._headers), "asset")
        headers = [*self._headers, self._content_type]
        return Response(200, self._content, headers, "page" if self._kind == "page" else "asset")


def add_description(router: Router, openapi: bytes) -> None:
    """Serve the description at ``/openapi.json`` and, for people, at ``/docs``."""
    served = {
        "/openapi.json": Description(openapi, "application/json"),
        "/docs": Description(page(openapi).encode(), "text/html; charset=utf-8", "page"),
        "/docs/style.css": Description(_STYLE.encode(), "text/css; charset=utf-8"),
    }
    for path, description in served.items():
        router.add("GET", path, Endpoint(path, path, description, identify=False))


def page(openapi: bytes) -> str:
    """The page that describes every operation and every schema."""
    document = msgspec.json.decode(openapi)
    info = document.get("info", {})
    title = escape(str(info.get("title", "Service")))
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f'<title>{title}: API</title><link rel="stylesheet" href="/docs/style.css"></head><body><main>',
        f"<h1>{title} <small>{escape(str(info.get('version', '')))}</small></h1>",
        f"<p>{escape(str(info.get('description', '')))}</p>",
        '<p>The same for machines: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p><h2>Operations</h2>',
        *(_operation(document, path, method, item) for path, method, item in _operations(document)),
        "<h2>Schemas</h2>",
        *(_schema(name, one) for name, one in sorted(document.get("components", {}).get("schemas", {}).items())),
        "</main></body></html>",
    ]
    return "".join(parts)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in sorted(document.get("paths", {}).items()):
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _operation(document: dict[str, Any], path: str, method: str, item: dict[str, Any]) -> str:
    name = escape(str(item.get("operationId", "")))
    summary = escape(str(item.get("summary", "")))
    parameters = [_resolved(document, one) for one in item.get("parameters", [])]
    responses = {status: _resolved(document, one) for status, one in item.get("responses", {}).items()}
    return (
        f'<details id="operation-{name}"><summary><b>{method.upper()}</b> <code>{escape(path)}</code> {summary}'
        f"</summary><p>{escape(str(item.get('description', '')))}</p>"
        f"{_parameters(parameters)}{_request(_resolved(document, item.get('requestBody') or {}))}"
        f"{_responses(responses)}</details>"
    )


def _resolved(document: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """What a reference within the document points to; anything else as it is."""
    reference = entry.get("$ref", "")
    if not str(reference).startswith("#/"):
        return entry
    found: Any = document
    for name in str(reference)[2:].split("/"):
        found = found.get(name, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def _parameters(parameters: list[dict[str, Any]]) -> str:
    shown = [one for one in parameters if "name" in one]
    if not shown:
        return ""
    rows = [
        _row(one["name"], f"{_type(one.get('schema', {}))} <i>in {escape(str(one.get('in', '')))}</i>", one)
        for one in shown
    ]
    return f"<h3>Parameters</h3><table>{''.join(rows)}</table>"


def _request(body: dict[str, Any] | None) -> str:
    if not body:
        return ""
    parts = [
        f"<p><code>{escape(media)}</code>: {_type(entry.get('schema', {}))}</p>{_members(entry.get('schema', {}))}"
        for media, entry in sorted(body.get("content", {}).items())
    ]
    return f"<h3>Body</h3>{''.join(parts)}"


def _responses(responses: dict[str, dict[str, Any]]) -> str:
    rows = []
    for status, entry in sorted(responses.items()):
        kinds = ", ".join(_type(one.get("schema", {})) for one in entry.get("content", {}).values())
        about = escape(str(entry.get("description", "")))
        rows.append(f"<tr><td><b>{escape(status)}</b></td><td>{about}</td><td>{kinds}</td></tr>")
    return f"<h3>Answers</h3><table>{''.join(rows)}</table>"


def _schema(name: str, schema: dict[str, Any]) -> str:
    about = escape(str(schema.get("description", "")))
    return (
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary><p>{about}</p>'
        f"{_members(schema) or _type(schema)}</details>"
    )


def _members(schema: dict[str, Any]) -> str:
    members = schema.get("properties", {})
    if not members:
        return ""
    required = set(schema.get("required", ()))
    rows = [
        _row(name, _type(one), {"required": name in required, "description": one.get("description", "")})
        for name, one in members.items()
        if isinstance(one, dict)
    ]
    return f"<table>{''.join(rows)}</table>"


def _row(name: str, kind: str, about: dict[str, Any]) -> str:
    needed = ' class="required"' if about.get("required") else ""
    return (
        f"<tr><td{needed}><code>{escape(str(name))}</code>{' *' if needed else ''}</td><td>{kind}</td>"
        f"<td>{escape(str(about.get('description', '')))}</td></tr>"
    )


def _type(schema: Any, depth: int = 0) -> str:
    if not isinstance(schema, dict) or depth > _DEPTH:
        return "any"
    reference = str(schema.get("$ref", "")).rpartition("/")[2]
    if reference:
        return f'<a href="#schema-{escape(reference)}">{escape(reference)}</a>'
    for word in ("oneOf", "anyOf", "allOf"):
        if isinstance(schema.get(word), list):
            return " or ".join(_type(one, depth + 1) for one in schema[word])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}), depth + 1)}"
    kinds = " or ".join(str(one) for one in kind) if isinstance(kind, list) else str(kind)
    return escape(kinds) + _details(schema)


def _details(schema: dict[str, Any]) -> str:
    words = [str(schema["format"])] if "format" in schema else []
    if isinstance(schema.get("enum"), list):
        words.append("one of " + ", ".join(str(value) for value in schema["enum"]))
    bounds = (("minLength", "≥"), ("maxLength", "≤"), ("minimum", "≥"), ("maximum", "≤"), ("maxItems", "≤"))
    words += [f"{sign} {schema[word]}" for word, sign in bounds if word in schema]
    return f" <small>({escape('; '.join(words))})</small>" if words else ""
