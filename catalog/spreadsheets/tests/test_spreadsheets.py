"""Sheets become rows and rows become files; those that attack are refused, and nothing written is a formula."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import pytest_asyncio

from archwright_runtime.errors import Refusal
from archwright_std_spreadsheets import create
from archwright_std_spreadsheets.implementation import COLUMNS, ROWS
from testing_support.isolated import Workbench, stated_defaults, workbench

pytestmark = pytest.mark.asyncio(loop_scope="module")
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";"}{("&" + chr(97 + n) + ";") * 9}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
FORMULAS = ["=1+1", "+1+cmd", "-1-cmd", "@SUM(A1)", "\t=1", " =1", '=HYPERLINK("http://x")', "＝1+1", "|calc", "%0a=1"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Workbench]:
    """The component with small bounds."""
    async with workbench(create, rows=50, columns=10) as made:
        yield made


def workbook(*rows: list[Any], **sheets: list[list[Any]]) -> bytes:
    """A workbook as Excel would send it."""
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    for name, more in sheets.items():
        sheet = made.create_sheet(name)
        for row in more:
            sheet.append(row)
    output = io.BytesIO()
    made.save(output)
    return output.getvalue()


def altered(part: str, change: Any, whole: bytes | None = None) -> bytes:
    """A workbook with one part replaced by what an attacker writes."""
    output = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(whole or workbook(["a"], [1])))
    with source, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content.decode()) if name == part else content)
    return output.getvalue()


def sheet(body: str) -> bytes:
    """A workbook with these rows in its sheet."""
    return altered(
        "xl/worksheets/sheet1.xml", lambda _: f"<worksheet {NAMESPACE}><sheetData>{body}</sheetData></worksheet>"
    )


async def refusal(bench: Workbench, content: bytes, capability: str = "read", **more: Any) -> str:
    """The kind of refusal."""
    with pytest.raises(Refusal) as caught:
        await bench.call(capability, file=content, **more)
    return caught.value.kind


async def test_reading_a_workbook(bench: Workbench) -> None:
    """Rows are named by the first one; every kind of value has a plain form."""
    moment = datetime(2026, 1, 2, 3, 4, 5)
    content = workbook(["name", None, "name"], ["ä", 1.5, moment], [], [True, 2.0, "=1+1"], [None, None, None])

    made = await bench.call("read", file=content)

    assert made["columns"] == ["name", "column 2", "name (3)"]
    assert made["rows"] == [
        {"name": "ä", "column 2": 1.5, "name (3)": "2026-01-02T03:04:05"},
        {"name": None, "column 2": None, "name (3)": None},
        {"name": True, "column 2": 2, "name (3)": None},
    ]


async def test_sheets(bench: Workbench) -> None:
    """A sheet is chosen by its name, and names are listed."""
    content = workbook(["a"], Prices=[["x", "y"], [1, 2]])

    assert (await bench.call("sheets", file=content))["sheets"] == ["Sheet", "Prices"]
    assert (await bench.call("read", file=content, sheet="Prices", heading=False))["rows"] == [["x", "y"], [1, 2]]
    assert await refusal(bench, content, sheet="Costs") == "no-such-sheet"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_reading_text(bench: Workbench, separator: str, encoding: str) -> None:
    """CSV in the ways that programs write it."""
    content = f'name{separator}note\r\nä{separator}"one{separator}\ntwo"\r\n'.encode(encoding)

    made = await bench.call("read", file=content)

    assert made["rows"] == [{"name": "ä", "note": f"one{separator}\ntwo"}]


@pytest.mark.parametrize("encoding", ["windows-1252", "iso-8859-15"])
async def test_old_encodings(bench: Workbench, encoding: str) -> None:
    """CSV in an older encoding is read where the caller says so, is refused elsewhere, and a mark goes before it."""
    content = "name;price\r\nBär;5 €\r\n".encode(encoding)

    assert (await bench.call("read", file=content, encoding=encoding))["rows"] == [{"name": "Bär", "price": "5 €"}]
    assert (await bench.call("sheets", file=content, encoding=encoding))["count"] == 1
    assert await refusal(bench, content) == "invalid-spreadsheet"
    marked = "name\r\nBär\r\n".encode("utf-8-sig")
    assert (await bench.call("read", file=marked, encoding=encoding))["rows"] == [{"name": "Bär"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_reading_json(bench: Workbench, encoding: str) -> None:
    """Records and lists are the same sheet; what a record lacks is null, and large numbers keep their digits."""
    large = 2**60
    records = [{"name": "ä", "n": 1.5}, {"n": True, "more": large}]
    lists = [["name", "n", "more"], ["ä", 1.5], [None, True, large]]
    for rows in (records, lists):
        made = await bench.call("read", file=bench.file(json.dumps(rows).encode(encoding), "rows.JSON"))

        assert made["columns"] == ["name", "n", "more"]
        assert made["rows"] == [{"name": "ä", "n": 1.5, "more": None}, {"name": None, "n": True, "more": str(large)}]


async def test_json_says_so(bench: Workbench) -> None:
    """Text that might be JSON is CSV unless the file says what it is."""
    content = b"[1]\n2"

    assert (await bench.call("read", file=content))["rows"] == [{"[1]": "2"}]
    with pytest.raises(Refusal):
        await bench.call("read", file=bench.file(content, "rows", "application/json"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "invalid-spreadsheet"),
        ("{}", "invalid-spreadsheet"),
        ("5", "invalid-spreadsheet"),
        ('[{"a": 1}, [2]]', "invalid-spreadsheet"),
        ('[{"a": {"b": 1}}]', "invalid-spreadsheet"),
        ('[{"a": 1, "a": 2}]', "invalid-spreadsheet"),
        ('[{"a": NaN}]', "invalid-spreadsheet"),
        ('[{"a": 1e999}]', "invalid-spreadsheet"),
        ('[{"a": ' + "9" * 5_000 + "}]", "invalid-spreadsheet"),
        ("[" * 100_000, "invalid-spreadsheet"),
        ('[{"a": "\\u0000"}', "invalid-spreadsheet"),
        (json.dumps([{"a": "x" * 32_768}]), "too-complex"),
        (json.dumps([{"x" * 201: 1}]), "too-complex"),
        (json.dumps([{str(n): 1 for n in range(100_000)}]), "too-complex"),
        (json.dumps([{str(n): 1} for n in range(100_000)]), "too-complex"),
        (json.dumps([[1] * 100_000]), "too-complex"),
        (json.dumps([{"a": 1}] * 51), "too-complex"),
    ],
    ids=[
        "empty", "record", "number", "mixed", "nested", "twice", "nan", "infinite", "digits", "deep", "cut", "cell",
        "name", "columns", "other-columns", "list", "rows",
    ],
)  # fmt: skip
async def test_hostile_json(bench: Workbench, text: str, kind: str) -> None:
    """JSON that is no table, that readers understand differently, or that is too large is refused."""
    with pytest.raises(Refusal) as caught:
        await bench.call("read", file=bench.file(text.encode(), "rows.json"))
    assert caught.value.kind == kind


async def test_writing_json(bench: Workbench) -> None:
    """Values stay as they are, and what is written reads back."""
    rows = [{"name": "=1+1", "n": 1.5, "left": 1}, {"name": None, "n": True}]

    made = await bench.call("write", rows=rows, format="json", columns=["name", "n"], name="Report")

    assert (made["file"]["name"], made["file"]["media"]) == ("Report.json", "application/json")
    kept = [{"name": "=1+1", "n": 1.5}, {"name": None, "n": True}]
    assert json.loads(bench.content(made["file"])) == kept
    assert (await bench.call("read", file=made["file"]))["rows"] == kept


async def test_writing_a_workbook(bench: Workbench) -> None:
    """What is written reads back as it was."""
    rows = [{"name": "ä", "n": 1.5}, {"name": None, "n": True, "more": ["x"]}]

    made = await bench.call("write", rows=rows, format="xlsx", name="Report.xlsx", sheet="a/b")
    read = await bench.call("read", file=made["file"])

    assert (made["count"], made["file"]["name"]) == (2, "Report.xlsx")
    assert read["columns"] == ["name", "n", "more"]
    assert read["rows"] == [{"name": "ä", "n": 1.5, "more": None}, {"name": None, "n": True, "more": '["x"]'}]
    assert (await bench.call("sheets", file=made["file"]))["sheets"] == ["a b"]


@pytest.mark.parametrize("value", FORMULAS)
async def test_formulas_in_workbooks(bench: Workbench, value: str) -> None:
    """Text that looks like a formula is text, and says so to spreadsheet programs."""
    made = await bench.call("write", rows=[[value]], format="xlsx")

    loaded = openpyxl.load_workbook(io.BytesIO(bench.content(made["file"]))).active
    assert loaded is not None
    cell = loaded["A1"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", value, True)


@pytest.mark.parametrize("value", FORMULAS)
async def test_formulas_in_text(bench: Workbench, value: str) -> None:
    """In CSV an apostrophe goes before it, in headings too; numbers stay numbers."""
    made = await bench.call("write", rows=[{value: value, "n": -5, "m": "-5.5"}], format="csv")

    text = bench.content(made["file"]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[f"'{value}", "n", "m"], [f"'{value}", "-5", "-5.5"]]


@pytest.mark.parametrize("rows", [None, 5, "x", {"a": 1}, [1], [None]])
async def test_no_rows(bench: Workbench, rows: Any) -> None:
    """Anything but a list of records or lists is refused."""
    with pytest.raises(Refusal) as caught:
        await bench.call("write", rows=rows, format="csv")
    assert caught.value.kind == "invalid-rows"


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "[Content_Types].xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("head", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
async def test_entities(bench: Workbench, part: str, head: str) -> None:
    """Neither a billion laughs nor files from outside, in no part of a workbook."""
    reference = "&j;" if head == OUTSIDE else "&i;"
    content = altered(part, lambda text: head + (text.partition("?>")[2] or text).replace(">a<", f">{reference}<"))

    assert await refusal(bench, content) == "invalid-spreadsheet"


@pytest.mark.parametrize(
    "content",
    [
        sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
        sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'),
        workbook(*([n] for n in range(51))),
        workbook(list(range(11))),
        altered("xl/worksheets/sheet1.xml", lambda text: text + " " * (201 << 20)),
        b"a\n" * 51,
        b"a," * 11 + b"b",
    ],
    ids=["far-row", "far-column", "rows", "columns", "zip", "csv-rows", "csv-columns"],
)
async def test_huge(bench: Workbench, content: bytes) -> None:
    """Too many rows, columns or bytes are refused, however small the file is."""
    assert await refusal(bench, content) == "too-complex"


async def test_claimed_dimensions(bench: Workbench) -> None:
    """What a sheet claims to be as large as does not matter."""
    content = altered("xl/worksheets/sheet1.xml", lambda text: text.replace('ref="A1:A2"', 'ref="A1:XFD1048576"'))

    assert (await bench.call("read", file=content))["rows"] == [{"a": 1}]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\xff",
        b"\x80\x81",
        b"a\0b",
        b'"never closed',
        b"x" * 40_000,
        b"PK\x03\x04" + bytes(100),
        workbook(["a"])[:-100],
        altered("xl/workbook.xml", lambda text: "<nothing/>"),
        altered("[Content_Types].xml", lambda text: "<broken"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    ],
    ids=["utf16", "bytes", "nul", "quote", "cell", "zip", "cut", "workbook", "types", "xls"],
)
async def test_no_spreadsheets(bench: Workbench, content: bytes) -> None:
    """Damaged files and other formats are refused."""
    assert await refusal(bench, content) == "invalid-spreadsheet"


async def test_manifest() -> None:
    """The manifest has no findings, and states the defaults that the package has."""
    assert stated_defaults(Path(__file__).parent.parent) == {"rows": ROWS, "columns": COLUMNS}
