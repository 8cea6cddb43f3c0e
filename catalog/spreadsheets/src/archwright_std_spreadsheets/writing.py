"""Writes rows as files; apart as well, since rows may hold what strangers wrote.

Spreadsheet programs run text that begins like a formula. In a workbook such a text is stored as text. CSV has no types,
so an apostrophe goes before it, as OWASP advises; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from archwright_runtime.errors import Refusal

_LONGEST_CELL = 32_767
_STARTS_FORMULA = re.compile(r"[\s]*[=+\-@\t\r|%\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_MOMENT = datetime(2000, 1, 1)


def written(
    rows: Any, format: str, most_rows: int, most_columns: int, columns: Sequence[str] | None, sheet: str | None
) -> dict[str, Any]:
    """Rows as the bytes of a file."""
    table = _table(rows, columns)
    if len(table) > most_rows or max((len(row) for row in table), default=0) > most_columns:
        raise Refusal("too-complex", f"There are more than {most_rows} rows or {most_columns} columns.")
    if format == "json":
        content = _json(rows, columns)
    else:
        content = _workbook(table, sheet) if format == "xlsx" else _text(table)
    return {"content": content, "count": len(rows)}


def _table(rows: Any, columns: Sequence[str] | None) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict | list) for row in rows):
        raise Refusal("invalid-rows", "Rows are a list of records or of lists.")
    names = (
        list(columns) if columns else list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))
    )
    body = [[row.get(name) for name in names] if isinstance(row, dict) else row for row in rows]
    return [names, *body] if names else body


def _json(rows: Any, columns: Sequence[str] | None) -> bytes:
    """The values as they are: JSON has types, and no program takes a text in it for a formula."""
    return msgspec.json.encode(
        [{name: row.get(name) for name in columns} if columns and isinstance(row, dict) else row for row in rows]
    )


def _workbook(table: list[list[Any]], name: str | None) -> bytes:
    workbook = openpyxl.Workbook(write_only=True)
    workbook.properties.created = workbook.properties.modified = _MOMENT
    sheet = workbook.create_sheet(_NOT_IN_NAMES.sub(" ", name or "Sheet").strip("' ")[:31] or "Sheet")
    for row in table:
        sheet.append([_cell(sheet, value) for value in row])
    output = io.BytesIO()
    workbook.save(output)
    return output.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    cell = WriteOnlyCell(sheet, "")
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", _words(value))[:_LONGEST_CELL]
    # The library takes what begins with `=` for a formula.
    cell.data_type = "s"
    cell.quotePrefix = bool(_STARTS_FORMULA.match(cell.value))
    return cell


def _text(table: list[list[Any]]) -> bytes:
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerows([_field(value) for value in row] for row in table)
    # The mark lets spreadsheet programs know that this is UTF-8.
    return output.getvalue().encode("utf-8-sig")


def _field(value: Any) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", _words(value))
    return f"'{text}" if _STARTS_FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode()
