"""Reads a JSON document as a sheet: one list, of records or of lists, whose cells are single values; isolated only.

Its rules:

* A member that stands twice is refused, since readers disagree about which one counts.
* What is no JSON (``NaN``, numbers that nobody can hold) is refused, though the parser would take it.
* Columns are counted before rows are laid out; thousands of records with other members each are no table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any

from archwright_runtime.errors import Refusal

_LONGEST_CELL = 32_767
_LONGEST_NAME = 200


def table(text: str, most_columns: int) -> Iterator[list[Any]]:
    """The rows; before records goes the heading that names their members.

    Raises:
        Refusal: ``invalid-spreadsheet`` for anything else, ``too-complex`` for too many columns or too long a cell.
    """
    found = _parsed(text)
    if isinstance(found, list) and all(isinstance(row, list) for row in found):
        return (_cells(row) for row in found)
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return _of_records(found, most_columns)
    raise Refusal("invalid-spreadsheet", "The file must hold one list, of records or of lists.")


def _of_records(records: list[dict[str, Any]], most_columns: int) -> Iterator[list[Any]]:
    columns: dict[str, None] = {}
    for record in records:
        columns.update(dict.fromkeys(record))
        if len(columns) > most_columns:
            raise Refusal("too-complex", f"The records have more than {most_columns} members.")
    if any(len(name) > _LONGEST_NAME for name in columns):
        raise Refusal("too-complex", f"The name of a member is longer than {_LONGEST_NAME} characters.")
    yield list(columns)
    yield from (_cells([record.get(name) for name in columns]) for record in records)


def _cells(row: list[Any]) -> list[Any]:
    for value in row:
        if isinstance(value, dict | list):
            raise Refusal("invalid-spreadsheet", "A cell holds one value, no list and no record.")
        if isinstance(value, str) and len(value) > _LONGEST_CELL:
            raise Refusal("too-complex", f"A cell is longer than {_LONGEST_CELL} characters.")
    return row


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Refusal("invalid-spreadsheet", "This is no JSON that can be read.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise Refusal("invalid-spreadsheet", "A record holds a member twice.")
    return record


def _refused(name: str) -> Any:
    raise ValueError(name)


def _finite(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError(digits)
    return value
