"""The document tools by HTTP, the same on both databases: what is made of files, and what attackers get."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import httpx
import openpyxl
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service


@pytest.fixture(params=DATABASES)
def tools(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running example."""
    return running("document-tools", request.param)


def _pdf(*widths: int, script: bool = False) -> bytes:
    """Blank pages that are told apart by their widths."""
    writer = PdfWriter()
    for width in widths:
        writer.add_blank_page(width, 100)
    if script:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('evil')")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _widths(content: bytes) -> list[int]:
    return [round(float(page.mediabox.width)) for page in PdfReader(io.BytesIO(content)).pages]


def _photo() -> bytes:
    exif = Image.Exif()
    exif[271] = "Acme of the test"
    output = io.BytesIO()
    Image.new("RGB", (400, 300), "green").save(output, "JPEG", exif=exif)
    return output.getvalue()


def _picture_bomb() -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")


def _zip(name: str, content: bytes = b"words") -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return output.getvalue()


def _add(client: httpx.Client, content: bytes, title: str = "Contract") -> httpx.Response:
    files = {"file": ("contract.pdf", content, "application/pdf")}
    return client.post("/api/documents", data={"title": title}, files=files)


def _added(client: httpx.Client, content: bytes) -> dict[str, Any]:
    answer = _add(client, content)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def test_documents_are_read_merged_and_cut(tools: Service) -> None:
    """A document is described, put before another one, and pages are taken out of the result."""
    with tools.client("clara") as clara:
        first, second = _added(clara, _pdf(201, 202)), _added(clara, _pdf(203, script=True))
        both = {"title": "Both", "first": first["id"], "second": second["id"]}

        merged = clara.post("/api/documents/merged", json=both)
        cut = clara.post(f"/api/documents/{merged.json()['id']}/pages", json={"title": "Part", "first": 2, "last": 3})
        came = clara.get(f"/api/documents/{cut.json()['id']}/file")

        assert (first["pages"], first["active"], second["active"]) == (2, False, True)
        assert (merged.status_code, merged.json()["pages"], merged.json()["file"]["name"]) == (201, 3, "Both.pdf")
        assert cut.status_code == 201, cut.text
        assert _widths(came.content) == [202, 203]
        assert b"evil" not in came.content
        assert came.headers["content-type"] == "application/pdf"


def test_pictures_tell_nothing(tools: Service) -> None:
    """A photo is kept without its metadata, with a thumbnail."""
    with tools.client("clara") as clara:
        made = clara.post(
            "/api/pictures", data={"title": "Lawn"}, files={"picture": ("lawn.jpg", _photo(), "image/jpeg")}
        )
        assert made.status_code == 201, made.text
        picture = clara.get(f"/api/pictures/{made.json()['id']}/picture").content
        thumbnail = clara.get(f"/api/pictures/{made.json()['id']}/thumbnail").content

    assert (made.json()["width"], made.json()["height"]) == (400, 300)
    assert b"Acme of the test" in _photo() and b"Acme of the test" not in picture
    assert Image.open(io.BytesIO(thumbnail)).size == (200, 200)


def test_files_become_an_archive(tools: Service) -> None:
    """Several files are kept as one, and what an archive holds is shown."""
    with tools.client("clara") as clara:
        sent = [("files", ("a.txt", b"one", "text/plain")), ("files", ("a.txt", b"two", "text/plain"))]

        made = clara.post("/api/archives", data={"title": "Both"}, files=sent)
        assert made.status_code == 201, made.text
        content = clara.get(f"/api/archives/{made.json()['id']}/file").content
        shown = clara.post("/api/contents", files={"archive": ("x.zip", content, "application/zip")})

    assert shown.json() == {
        "entries": [{"name": "a.txt", "size": 3}, {"name": "a-2.txt", "size": 3}],
        "count": 2,
        "size": 6,
    }


def test_tables_are_read(tools: Service) -> None:
    """A workbook becomes rows."""
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    for row in (["name", "price"], ["Pen", 0.8]):
        workbook.active.append(row)
    output = io.BytesIO()
    workbook.save(output)

    with tools.client("clara") as clara:
        read = clara.post("/api/tables", files={"file": ("prices.xlsx", output.getvalue())})

    assert read.json() == {"columns": ["name", "price"], "rows": [{"name": "Pen", "price": 0.8}], "count": 1}


def test_attacks_are_refused(tools: Service) -> None:
    """Bombs, archives that climb, entities and documents with passwords answer 422 with the name of the failure."""
    bomb = _zip("zeros", bytes(60 << 20))
    laughs = _zip("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>')
    writer = PdfWriter(clone_from=io.BytesIO(_pdf(100)))
    writer.encrypt("secret", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    picture = {"picture": ("a.png", _picture_bomb(), "image/png")}

    with tools.client("clara") as clara:
        answers = [
            clara.post("/api/pictures", data={"title": "x"}, files=picture),
            clara.post("/api/contents", files={"archive": ("a.zip", _zip("../../etc/cron.d/x"))}),
            clara.post("/api/contents", files={"archive": ("a.zip", bomb)}),
            clara.post("/api/tables", files={"file": ("a.xlsx", laughs)}),
            _add(clara, locked.getvalue()),
            _add(clara, b"%PDF-1.7\n" + bytes(5000)),
        ]

    assert [(answer.status_code, answer.json()["type"]) for answer in answers] == [
        (422, "/problems/too-complex"),
        (422, "/problems/unsafe-archive"),
        (422, "/problems/too-complex"),
        (422, "/problems/invalid-spreadsheet"),
        (422, "/problems/pdf-has-password"),
        (422, "/problems/invalid-pdf"),
    ]


def test_documents_are_their_owners(tools: Service) -> None:
    """Another person finds neither the document nor its bytes, and cannot merge it."""
    with tools.client("clara") as clara, tools.client("otto") as otto, tools.visitor() as visitor:
        hers, his = _added(clara, _pdf(100)), _added(otto, _pdf(100))
        both = {"title": "x", "first": his["id"], "second": hers["id"]}

        assert otto.get(f"/api/documents/{hers['id']}").status_code == 404
        assert otto.get(f"/api/documents/{hers['id']}/file").status_code == 404
        assert otto.post("/api/documents/merged", json=both).status_code in (404, 422)
        assert visitor.get(f"/api/documents/{hers['id']}/file").status_code == 401
