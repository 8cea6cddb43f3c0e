"""The JSON Schemas: fresh, valid, documented, and of one mind with the reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archwright.language import reference
from archwright.language.nodes import to_data
from archwright.language.reader import read
from archwright.language.schema import DOCUMENTS, files, schema

_ROOT = Path(__file__).parents[3]
_CORPUS = _ROOT / "toolchain/tests/corpus/language"
_ACCEPTED = sorted(
    [
        *((path.parent.name, path) for path in _CORPUS.rglob("accepted-*.yaml") if path.parent.name in DOCUMENTS),
        *(("assembly", path) for path in _ROOT.glob("examples/*/assembly.yaml")),
        *(("component", path) for path in _ROOT.glob("catalog/*/component.yaml")),
        *(("component", path) for path in _ROOT.glob("catalog/*/component.yaml")),
    ]
)


@pytest.mark.parametrize("name", sorted(files()))
def test_fresh(name: str) -> None:
    """What stands in ``schemas/`` is what the models give; `make docs` writes it."""
    assert (_ROOT / "schemas" / name).read_text(encoding="utf-8") == files()[name]


@pytest.mark.parametrize("name", sorted(reference.files()))
def test_reference_fresh(name: str) -> None:
    """What stands in ``docs/language/`` is what the models give; `make docs` writes it."""
    assert (_ROOT / "docs/language" / name).read_text(encoding="utf-8") == reference.files()[name]


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_valid(document: str) -> None:
    """A schema is a schema of draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(schema(document))


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_documented(document: str) -> None:
    """Every key of every mapping says what it means."""
    silent = [key for key, member in _members(schema(document)) if not member.get("description")]

    assert silent == []


def _members(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        if isinstance(value.get("properties"), dict):
            yield from value["properties"].items()
        for each in value.values():
            yield from _members(each)
    elif isinstance(value, list):
        for each in value:
            yield from _members(each)


@pytest.mark.parametrize(
    ("document", "path"), _ACCEPTED, ids=lambda value: getattr(value, "parent", value) and str(value)[-60:]
)
def test_accepts(document: str, path: Path) -> None:
    """What the reader accepts, the schema accepts."""
    root = read(path.read_bytes(), path.name).root
    assert root is not None

    errors = list(jsonschema.Draft202012Validator(schema(document)).iter_errors(to_data(root)))

    assert errors == []


@pytest.mark.parametrize(
    "mistake",
    [
        {"colour": "red"},
        {"owner": 5},
        {"owner": None},
        {"roles": {"Agent": {}}},
        {"entities": {"Ticket": {"feilds": {}}}},
        {"entities": {"Ticket": {"permissions": {"agent": {"raed": True}}}}},
        {"entities": {"Ticket": {"permissions": {"agent": {"read": {"where": None}}}}}},
        {"entities": {"Ticket": {"permissions": {"agent": ["write"]}}}},
        {"operations": {"Close": {"steps": [{"update": "Ticket", "were": "x"}]}}},
        {"operations": {"Close": {"steps": [{"get": "Ticket", "set": {}}]}}},
        {"operations": {"Close": {"trigger": {"http": "POST /x", "queue": "work"}}}},
        {"operations": {"Close": {"trigger": "FETCH /x"}}},
        {"views": {"Card": {"of": "Ticket", "fields": [{"a": 1, "b": 2}]}}},
        {"pages": {"tickets": {}}},
    ],
    ids=str,
)
def test_refuses(mistake: dict[str, Any]) -> None:
    """What the reader refuses for its shape, an editor marks as well."""
    document = {"assembly": "shop", "version": "1.0.0", "owner": "team-shop", **mistake}

    assert not jsonschema.Draft202012Validator(schema("assembly")).is_valid(document)
