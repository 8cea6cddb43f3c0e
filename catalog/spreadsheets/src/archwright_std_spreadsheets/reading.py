"""Parses workbooks, CSV and JSON files; runs isolated only.

Its rules:

* A workbook is a zip archive of XML: sizes are tested before it is opened, and entities are refused.
* What a sheet says about its extent is not believed; rows and cells are counted as they come.
* Values are those that were last computed; formulas are not.
"""

from __future__ import annotations

import csv
import io
import math
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from archwright_runtime.errors import Refusal

from . import records

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl does not use defusedxml")

_DAMAGED = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError,
    TypeError, AttributeError, IndexError, OSError, EOFError, NotImplementedError,
)  # fmt: skip
_MOST_PARTS = 500
_MOST_UNPACKED = 200 << 20
_MOST_SHEETS = 200
_LONGEST_CELL = 32_767
_LONGEST_NAME = 200
_MOST_TEXT = 6 << 20
_SEPARATORS = ",;\t|"
_SAMPLE = 16_384
_ONLY_SHEET = "Sheet"
_USUAL = "utf-8"


def sheets(content: bytes, encoding: str = _USUAL) -> list[str]:
    """The names of the sheets."""
    if not _is_zip(content):
        _text(content, encoding)
        return [_ONLY_SHEET]
    return [_plain(name)[:100] for name in _workbook(content).sheetnames]


def rows(
    content: bytes,
    most_rows: int,
    most_columns: int,
    sheet: str | None,
    heading: bool,
    encoding: str = _USUAL,
    is_json: bool = False,
) -> dict[str, Any]:
    """The rows of a sheet."""
    if _is_zip(content):
        found = _of_workbook(content, sheet)
    elif is_json:
        found = _of_json(content, sheet, most_columns)
    else:
        found = _of_text(content, sheet, encoding)
    read = list(_bounded(found, most_rows, most_columns))
    width = max((len(row) for row in read), default=0)
    read = [row + [None] * (width - len(row)) for row in read]
    if not heading:
        return {"rows": read, "columns": [], "count": len(read)}
    columns = _columns(read[0]) if read else []
    named = [dict(zip(columns, row, strict=True)) for row in read[1:]]
    return {"rows": named, "columns": columns, "count": len(named)}


def _is_zip(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def _workbook(content: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise Refusal("too-complex", "The workbook holds too much.")
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        if len(workbook.sheetnames) > _MOST_SHEETS:
            raise Refusal("too-complex", "The workbook has too many sheets.")
    except _DAMAGED:
        raise _invalid() from None
    if not workbook.worksheets:
        raise _invalid()
    return workbook


def _of_workbook(content: bytes, name: str | None) -> Iterator[Iterable[Any]]:
    workbook = _workbook(content)
    chosen = [one for one in workbook.worksheets if name is None or one.title == name]
    if not chosen:
        raise _no_sheet()
    try:
        # Without it, rows are filled up to whatever the sheet claims.
        chosen[0].reset_dimensions()
        yield from chosen[0].iter_rows(values_only=True)
    except _DAMAGED:
        raise _invalid() from None


def _of_json(content: bytes, name: str | None, most_columns: int) -> Iterator[Iterable[Any]]:
    if name not in (None, _ONLY_SHEET):
        raise _no_sheet()
    yield from records.table(_text(content, _USUAL), most_columns)


def _of_text(content: bytes, name: str | None, encoding: str) -> Iterator[Iterable[Any]]:
    if name not in (None, _ONLY_SHEET):
        raise _no_sheet()
    text = _text(content, encoding)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    except csv.Error:
        raise _invalid() from None


def _text(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(_marked(content) or encoding)
    except UnicodeDecodeError:
        raise _invalid() from None
    if "\0" in text:
        raise _invalid()
    return text


def _marked(content: bytes) -> str | None:
    """The encoding that the file itself begins with a mark of; it goes before what the caller says."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else None


def _separator(text: str) -> str:
    """The one that stands most often in the first line."""
    first = text[:_SAMPLE].split("\n", 1)[0]
    return max(_SEPARATORS, key=first.count)


def _bounded(found: Iterable[Iterable[Any]], most_rows: int, most_columns: int) -> Iterator[list[Any]]:
    """Rows as plain values; empty ones count, but those at the end are left out."""
    waiting, seen, text = 0, 0, 0
    for row in found:
        seen += 1
        if seen > most_rows:
            raise Refusal("too-complex", f"The sheet has more than {most_rows} rows.")
        values = [_value(value) for value in row]
        while values and values[-1] is None:
            values.pop()
        if len(values) > most_columns:
            raise Refusal("too-complex", f"The sheet has more than {most_columns} columns.")
        text += sum(len(value) for value in values if isinstance(value, str))
        if text > _MOST_TEXT:
            raise Refusal("too-complex", "The sheet holds too much text.")
        if not values:
            waiting += 1
            continue
        yield from ([] for _ in range(waiting))
        waiting = 0
        yield values


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value if not isinstance(value, int) or -(2**53) < value < 2**53 else str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return _plain(str(value)) or None


def _plain(text: str) -> str:
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept)


def _columns(heading: list[Any]) -> list[str]:
    """Names of columns, each one once; a column without a name has its number."""
    names: list[str] = []
    for number, value in enumerate(heading, 1):
        name = str(value).strip()[:_LONGEST_NAME] if value is not None else ""
        name = name or f"column {number}"
        names.append(name if name not in names else f"{name[: _LONGEST_NAME - 8]} ({number})")
    return names


def _no_sheet() -> Refusal:
    return Refusal("no-such-sheet", "The file has no sheet of that name.")


def _invalid() -> Refusal:
    return Refusal("invalid-spreadsheet", "This is no spreadsheet that can be read.")
