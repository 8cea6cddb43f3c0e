"""Valid assemblies with something broken at random: there are findings or a plan, and never an exception."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archwright.assembler.plan import canonical, to_data
from archwright.diagnostics.codes import titles
from toolchain.tests.assemblies import CORPUS, ROOT, assemble, cases

_SOURCES = (
    *sorted((ROOT / "examples").glob("*/assembly.yaml")),
    *(CORPUS / case for case in cases(CORPUS / "assembly") if "/accepted/" in case),
)
_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**60, "", "x", "this", "input", "${", "${input}", "${this.id}", "${caller}", "a.b.c"),
    *("this.id == caller", "size(this)", "count()", "text(10)!", "reverse", "ref", "id", "version", "User", "all", "é"),
    *("accounts.User", "anyone", "signed-in", "/", "/{id}", "GET /x/{y}", "\u2028", [], [[]], [None], ["id", "id"], {}),
    *(
        {"a": {}},
        {"ref": "Nothing"},
        {"list": "text(10)"},
        {"many": "accounts.User"},
        {"read": True},
        {"where": "true"},
    ),
)
Path = tuple[Any, ...]


@cache
def _sources() -> tuple[Any, ...]:
    return tuple(yaml.safe_load(path.read_text("utf-8")) for path in _SOURCES)


def _places(value: Any, path: Path = ()) -> list[Path]:
    """The path of everything in a document but its root."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, item in items:
        found.append((*path, key))
        found += _places(item, (*path, key))
    return found


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _drop(document: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_places(document)), "dropped")
    del _at(document, path[:-1])[path[-1]]


def _replace(document: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_places(document)), "replaced")
    _at(document, path[:-1])[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(_ODD), "by"))


def _swap(document: Any, data: st.DataObject) -> None:
    paths = _places(document)
    one, other = (data.draw(st.sampled_from(paths), "swapped") for _ in range(2))
    first, second = copy.deepcopy(_at(document, one)), copy.deepcopy(_at(document, other))
    _at(document, one[:-1])[one[-1]] = second
    try:
        _at(document, other[:-1])[other[-1]] = first
    except (KeyError, IndexError, TypeError):
        return  # the first exchange took it away


def _rename(document: Any, data: st.DataObject) -> None:
    paths = [path for path in _places(document) if isinstance(path[-1], str)]
    path = data.draw(st.sampled_from(paths), "renamed")
    owner = _at(document, path[:-1])
    new = data.draw(st.sampled_from(["id", "x", "this", "User", "Ticket", path[-1] + "s", path[-1].upper()]), "to")
    entries = [(new if key == path[-1] else key, item) for key, item in owner.items()]
    owner.clear()
    owner.update(entries)


def _edit(document: Any, data: st.DataObject) -> None:
    """Cut a part out of a text, or put one in."""
    paths = [path for path in _places(document) if isinstance(_at(document, path), str)]
    path = data.draw(st.sampled_from(paths), "edited")
    text = _at(document, path)
    start = data.draw(st.integers(0, len(text)), "from")
    end = data.draw(st.integers(start, len(text)), "to")
    part = data.draw(
        st.sampled_from(["", ".", "this.", " == ", "(", ")", "${", "}", "[0]", "!", "-", " && null"]), "part"
    )
    _at(document, path[:-1])[path[-1]] = text[:start] + part + text[end:]


def _move(document: Any, data: st.DataObject) -> None:
    """Copy a part of a document to another place in it."""
    paths = _places(document)
    source = copy.deepcopy(_at(document, data.draw(st.sampled_from(paths), "copied")))
    target = _at(document, data.draw(st.sampled_from([(), *paths]), "into"))
    if isinstance(target, dict):
        target[data.draw(st.sampled_from(["x", "where", "fields", "of", "check", "set", "as", "X"]), "as")] = source
    elif isinstance(target, list):
        target.append(source)


_MUTATIONS = (_drop, _replace, _swap, _rename, _edit, _move)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_findings_or_a_plan(data: st.DataObject) -> None:
    """A broken assembly has registered findings at places of the document, a sound one a plan that can be written."""
    document = copy.deepcopy(data.draw(st.sampled_from(_sources()), "document"))
    for mutation in data.draw(st.lists(st.sampled_from(_MUTATIONS), min_size=1, max_size=3), "mutations"):
        if _places(document):
            mutation(document, data)
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)

    assembled = assemble(text)

    assert {finding.code for finding in assembled.findings} <= titles().keys()
    assert all(0 < finding.location.line <= text.count("\n") + 1 for finding in assembled.findings if _is_own(finding))
    assert assembled.plan is None or canonical(to_data(assembled.plan))
    assert assembled.plan is not None or any(finding.severity == "error" for finding in assembled.findings)


def _is_own(finding: Any) -> bool:
    return bool(finding.location.file == "assembly.yaml")
