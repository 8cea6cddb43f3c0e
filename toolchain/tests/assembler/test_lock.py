"""The lock: read and written without loss, strict about what it does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.assembler.lock import (
    Lock,
    LockedComponent,
    LockedEntity,
    LockedMigration,
    LockedRuntime,
    altered,
    read,
    write,
)
from archwright.assembler.migration.ddl import STORED_KINDS
from archwright.assembler.migration.schema import Column, Index, Reference, Schema, Table
from archwright.assembler.plan import Type
from toolchain.tests.assembler.migration.evolution import Service
from toolchain.tests.plans import helpdesk

WORD = st.text(min_size=1, max_size=12)
NUMBER = st.integers(-(2**70), 2**70) | st.none()
PLAIN_TYPES = st.builds(
    Type,
    kind=st.sampled_from(sorted(STORED_KINDS)),
    min=NUMBER,
    max=NUMBER,
    low=NUMBER,
    pattern=WORD | st.none(),
    values=st.lists(WORD, max_size=3).map(tuple),
)
TYPES = PLAIN_TYPES | st.builds(Type, kind=st.just("list"), item=PLAIN_TYPES)


@st.composite
def schemas(draw: Any) -> Schema:
    """Schemas whose references lead somewhere."""
    ids = draw(st.lists(WORD, max_size=3, unique=True))
    return Schema(tables=tuple(_table(draw, table_id, ids) for table_id in ids))


def _table(draw: Any, table_id: str, ids: list[str]) -> Table:
    names = draw(st.lists(WORD, min_size=1, max_size=4, unique=True))
    references = st.builds(
        Reference, table=st.sampled_from(ids), on_delete=st.sampled_from(["refuse", "cascade", "clear"])
    )
    columns = tuple(
        Column(
            id=name,
            field=name,
            name=name,
            type=draw(TYPES),
            nullable=draw(st.booleans()),
            references=draw(references | st.none()),
            default=draw(st.none() | WORD | st.booleans() | st.integers()),
        )
        for name in names
    )
    chosen = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    indexes = draw(st.lists(st.builds(Index, columns=chosen, unique=st.booleans()), max_size=2))
    return Table(
        id=table_id, entity=draw(WORD), name=draw(WORD), columns=columns, key=draw(chosen), indexes=tuple(indexes)
    )


LOCKS = st.builds(
    Lock,
    format=st.just(1),
    archwright=WORD,
    assembly=WORD,
    version=WORD,
    runtime=st.builds(LockedRuntime, version=WORD, digest=WORD | st.none()),
    documents=st.dictionaries(WORD, WORD, max_size=2),
    components=st.dictionaries(WORD, st.builds(LockedComponent, use=WORD, version=WORD, digest=WORD), max_size=2),
    entities=st.dictionaries(
        WORD,
        st.builds(LockedEntity, id=WORD, fields=st.dictionaries(WORD, WORD), links=st.dictionaries(WORD, WORD)),
        max_size=2,
    ),
    schema=schemas(),
    migrations=st.lists(
        st.builds(
            LockedMigration,
            name=st.from_regex(r"[0-9]{4}-[a-z0-9-]{1,9}", fullmatch=True),
            postgresql=WORD,
            sqlite=WORD,
        ),
        max_size=3,
        unique_by=lambda migration: migration.name,
    ).map(lambda found: tuple(sorted(found, key=lambda migration: migration.name))),
    files=st.dictionaries(WORD, WORD, max_size=2),
)


@given(LOCKS)
def test_reading_gives_what_was_written(lock: Lock) -> None:
    """A lock survives being written and read."""
    assert read(write(lock)) == (lock, ())


@given(LOCKS)
def test_writing_gives_what_was_read(lock: Lock) -> None:
    """A lock that was read is written as the same bytes."""
    content = write(lock)

    found, _ = read(content)

    assert found is not None
    assert write(found) == content


def locked() -> dict[str, Any]:
    """A real lock, as plain data."""
    service = Service()
    service.change(helpdesk())
    assert service.lock is not None
    data: dict[str, Any] = json.loads(write(service.lock))
    return data


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"<<<<<<< HEAD",
    "not UTF-8": b'{"format":"\xff"}',
    "a list": b"[]",
    "null": b"null",
    "a key twice": b'{"format":1,"format":1}',
    "deep nesting": b"[" * 100_000,
    "a fraction": b'{"format":1.0}',
    "no number": b'{"format":NaN}',
    "a number with many digits": b'{"format":' + b"9" * 10_000 + b"}",
    "another format": b'{"format":2}',
    "a lone surrogate": b'{"format":1,"\\ud800":1}',
    "too large": b" " * (33 * 1024 * 1024),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_a_finding(name: str) -> None:
    """Whatever the bytes are, they are reported at the lock's place and never a traceback."""
    lock, found = read(HOSTILE[name])

    assert lock is None
    assert [(finding.code, finding.location.file) for finding in found] == [("lock/unreadable", "archwright.lock.json")]
    assert str(found[0].message).encode("ascii", "backslashreplace")


def _set(*path: Any, value: Any) -> Any:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


TICKET = ("schema", "tables", 3)
ALTERED = {
    "unknown member": _set("surprise", value=1),
    "unknown member of a table": _set(*TICKET, "surprise", value=1),
    "unknown member of a type": _set(*TICKET, "columns", 0, "type", "surprise", value=1),
    "wrong type": _set("assembly", value=5),
    "true is no number": _set("format", value=True),
    "a number is no truth": _set(*TICKET, "columns", 0, "nullable", value=1),
    "unknown action": _set(*TICKET, "columns", 5, "references", "on_delete", value="explode"),
    "unknown kind": _set(*TICKET, "columns", 0, "type", "kind", value="blob"),
    "reference to nowhere": _set(*TICKET, "columns", 5, "references", value={"table": "none"}),
    "index over nothing": _set(*TICKET, "indexes", 0, "columns", value=["none"]),
    "no key": _set(*TICKET, "key", value=[]),
    "one id twice": _set(*TICKET, "id", value="same-as"),
    "a path for a name": _set("migrations", 0, "name", value="../../etc/passwd"),
    "no number in a name": _set("migrations", 0, "name", value="create"),
    "a list for an object": _set("entities", value=[]),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_lock_is_a_finding(name: str) -> None:
    """A lock that says more, less or other than a lock can say is refused."""
    data = locked()
    if name == "one id twice":
        data["schema"]["tables"][3]["id"] = data["schema"]["tables"][2]["id"]
    else:
        ALTERED[name](data)

    lock, found = read(json.dumps(data).encode())

    assert lock is None
    assert [finding.code for finding in found] == ["lock/unreadable"]


def test_an_altered_migration_is_a_finding() -> None:
    """A locked migration whose file is gone or has other bytes is reported, since databases may have applied it."""
    service = Service()
    service.change(helpdesk())
    assert service.lock is not None
    path = "migrations/0001-create.sqlite.sql"

    changed = altered(service.lock, {**service.files, path: b"-- other"})
    missing = altered(service.lock, {key: value for key, value in service.files.items() if key != path})

    assert [finding.location.file for finding in changed] == [path]
    assert [finding.location.file for finding in missing] == ["archwright.lock.json"]
