"""The page that describes a service to people."""

from __future__ import annotations

import json
import re
from typing import Any

from archwright_runtime.http.documentation import add_description, page

from .support import ask, service

_EVIL = '"><script>alert(1)</script>'
_DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": f"Shop {_EVIL}", "version": "1.0.0", "description": _EVIL},
    "paths": {
        "/api/items/{id}": {
            "get": {
                "operationId": "Item.get",
                "summary": "One item",
                "parameters": [{"$ref": "#/components/parameters/id"}],
                "responses": {"200": {"description": "OK"}, "404": {"$ref": "#/components/responses/missing"}},
            },
            "patch": {
                "operationId": _EVIL,
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "properties": {
                                    "name": {"type": "string", "maxLength": 40, "description": _EVIL},
                                    "tags": {"type": "array", "items": {"$ref": "#/components/schemas/Tag"}},
                                    "size": {"enum": ["s", "m"]},
                                },
                                "required": ["name"],
                            }
                        }
                    }
                },
                "responses": {},
            },
        }
    },
    "components": {
        "parameters": {"id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
        "responses": {"missing": {"description": "There is none"}},
        "schemas": {"Tag": {"type": "object", "properties": {"name": {"type": "string"}}}},
    },
}


def test_operations_and_schemas_are_described() -> None:
    """Methods, addresses, parameters, bodies, answers and types are there, references followed."""
    text = page(json.dumps(_DOCUMENT).encode())

    for expected in ("<b>GET</b>", "/api/items/{id}", "One item", "There is none", 'href="#schema-Tag"', "≤ 40"):
        assert expected in text


def test_nothing_in_a_description_becomes_markup() -> None:
    """Whatever a plan says is shown as text; the page has no script and no inline style."""
    text = page(json.dumps(_DOCUMENT).encode())

    assert "<script" not in text
    assert not re.search(r"<[^>]*\son[a-z]+=", text)
    assert not re.search(r"<[^>]*\sstyle=", text)


async def test_descriptions_are_served_with_their_tags() -> None:
    """The page takes everything from its own service; who has it already gets 304."""
    made = service({})
    add_description(made.edge.router, json.dumps(_DOCUMENT).encode())

    docs = await ask(made.edge, "GET", "/docs")
    style = await ask(made.edge, "GET", "/docs/style.css")
    again = await ask(made.edge, "GET", "/docs", headers={"if-none-match": docs.headers["etag"]})

    assert "script-src 'self'" in docs.headers["content-security-policy"]
    assert docs.headers["content-type"] == "text/html; charset=utf-8"
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert (again.status, again.body) == (304, b"")
