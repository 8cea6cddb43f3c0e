"""How the words of rows are kept: a generated ``tsvector`` on PostgreSQL, an FTS5 table with triggers on SQLite.

Its rules:

* Both keep the same words: lower-cased runs of letters and digits, the first 64 characters of each, of the first 50,000
  characters of a field. ``archwright_runtime.persistence.words`` cuts what is looked for in the same way.
* A field is told apart by its place: as a weight from A to D, or as a column from ``c1`` to ``c4``.
* On SQLite words know a row by its id through a table of their own, since ``VACUUM`` renumbers rows.
"""

from __future__ import annotations

from .names import quote
from .schema import Table, Words

_WEIGHTS = "ABCD"
_LONGEST_TEXT = 50_000
_LONGEST_WORD = 64


def postgresql(table: Table, words: Words) -> list[str]:
    """The column that PostgreSQL keeps by itself, and its index."""
    parts = " || ".join(
        _vector(quote(table.column(column_id).name), weight, words.language)
        for column_id, weight in zip(words.columns, _WEIGHTS, strict=False)
    )
    name, owner = quote(words.name), quote(table.name)
    return [
        f"ALTER TABLE {owner} ADD COLUMN {name} tsvector GENERATED ALWAYS AS ({parts}) STORED",
        f"CREATE INDEX {name} ON {owner} USING gin ({name})",
    ]


def _vector(column: str, weight: str, language: str) -> str:
    # The parser of PostgreSQL would see numbers, hosts and paths in what is a row of words to SQLite.
    text = f"left(coalesce({column}, ''), {_LONGEST_TEXT})"
    lower = f"translate(lower(translate({text}, '\u0130', 'i') COLLATE \"und-x-icu\"), '\u03c2', '\u03c3')"
    plain = f"regexp_replace({lower}, '[^[:alnum:]]+', ' ', 'g')"
    cut = f"'([[:alnum:]]{{1,{_LONGEST_WORD}}})[[:alnum:]]*'"
    if language == "english":
        return f"setweight(to_tsvector('pg_catalog.english', regexp_replace({plain}, {cut}, '\\1', 'g')), '{weight}')"
    return f"regexp_replace({plain}, {cut}, '\\1:1{weight}', 'g')::tsvector"


def sqlite(table: Table, words: Words) -> list[str]:
    """The tables that hold the words, and the triggers that keep them."""
    columns = ", ".join(f"c{number}" for number, _ in enumerate(words.columns, 1))
    # The text arrives as plain words, so all that is left to do is to part it at spaces.
    tokenizer = "porter ascii" if words.language == "english" else "ascii"
    return [
        f"CREATE TABLE {quote(words.name)} (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
        f"CREATE VIRTUAL TABLE {_index(words)} USING fts5({columns}, content='', tokenize='{tokenizer}')",
        *sqlite_triggers(table, words).values(),
    ]


def sqlite_triggers(table: Table, words: Words) -> dict[str, str]:
    """The statements that make the triggers, by the triggers' names."""
    owner, map_ = quote(table.name), quote(words.name)
    own = [quote(table.column(column_id).name) for column_id in words.columns]
    add = _added(words, f"{map_} WHERE id = new.id", [f"new.{name}" for name in own])
    remove = _added(words, f"{map_} WHERE id = old.id", [f"old.{name}" for name in own], deleted=True)
    bodies = {
        "insert": (f"INSERT ON {owner}", [f"INSERT INTO {map_} (id) VALUES (new.id)", add]),
        "update": (f"UPDATE OF {', '.join(own)} ON {owner}", [remove, add]),
        "delete": (f"DELETE ON {owner}", [remove, f"DELETE FROM {map_} WHERE id = old.id"]),
    }
    return {
        f"{words.name}_{kind}": f"CREATE TRIGGER {quote(f'{words.name}_{kind}')} AFTER {event} "
        f"BEGIN {'; '.join(statements)}; END"
        for kind, (event, statements) in bodies.items()
    }


def sqlite_filled(table: Table, words: Words) -> list[str]:
    """The words of rows that are there already; the first statement gives each row its place."""
    own = [f"r.{quote(table.column(column_id).name)}" for column_id in words.columns]
    owner, map_ = quote(table.name), quote(words.name)
    places = f"INSERT INTO {map_} (id) SELECT id FROM {owner}"
    return [places, _added(words, f"{map_} m JOIN {owner} r ON r.id = m.id", own)]


def sqlite_dropped(words: Words) -> list[str]:
    """The words go away; the triggers have gone before."""
    return [f"DROP TABLE {_index(words)}", f"DROP TABLE {quote(words.name)}"]


def _added(words: Words, source: str, values: list[str], *, deleted: bool = False) -> str:
    columns = ", ".join(f"c{number}" for number, _ in enumerate(values, 1))
    kept = ", ".join(f"archwright_words({value})" for value in values)
    # https://www.sqlite.org/fts5.html#the_delete_command: a row is removed by naming what it held.
    first, mark = (f"{_index(words)}, ", "'delete', ") if deleted else ("", "")
    return f"INSERT INTO {_index(words)} ({first}rowid, {columns}) SELECT {mark}place, {kept} FROM {source}"


def _index(words: Words) -> str:
    return quote(f"{words.name}_index")
