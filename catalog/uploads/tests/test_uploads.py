"""Files pass that are what they say; files that attack are refused with a reason."""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import pytest_asyncio

from archwright_runtime.errors import Refusal
from archwright_std_uploads import create
from archwright_std_uploads.implementation import ALLOWED
from archwright_std_uploads.worker import inspect
from testing_support.isolated import Workbench, stated_defaults, workbench

HERE = Path(__file__).parent.parent
EVERY = [*ALLOWED, "svg", "json", "zip"]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(text: bytes = b"") -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    more = _chunk(b"tEXt", b"Comment\0" + text) if text else b""
    return b"\x89PNG\r\n\x1a\n" + head + more + _chunk(b"IDAT", zlib.compress(b"\0\0")) + _chunk(b"IEND", b"")


def _archive(**entries: str) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_XML", ".xml"), content)
    return made.getvalue()


def _office(*more: str) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *more):
            archive.writestr(name, "<x/>")
    return made.getvalue()


def _svg(inside: str = "", attributes: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}><circle r="4"/>{inside}</svg>'.encode()


PNG = _png()
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(40) + b"\xff\xd9"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WEBP = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8 " + struct.pack("<I", 10) + bytes(10)
ODT = _archive(mimetype="application/vnd.oasis.opendocument.text", content_XML="<x/>")
HARMLESS = {
    "a.png": PNG,
    "a.gif": GIF,
    "Photo.JPG": JPEG,
    "a.jpeg": JPEG,
    "a.webp": WEBP,
    "two words.v2.pdf": PDF,
    "a.txt": "Grüße\r\n\tund mehr".encode(),
    "a.csv": b"a;b\n1;2\n",
    "a.json": b'{"a": 1}',
    "a.docx": _office(),
    "a.odt": ODT,
    "a.zip": _archive(a="b"),
    "a.svg": _svg('<use href="#a"/><style>circle { fill: url(#b) }</style>'),
}
HOSTILE = {
    "nothing": ("a.txt", b""),
    "a program": ("a.exe", b"MZ\x90\x00"),
    "no ending": ("README", b"text"),
    "a second ending": ("invoice.php.png", PNG),
    "a second ending in capitals": ("invoice.EXE.pdf", PDF),
    "a page called a picture": ("a.png", b"<html><script>alert(1)</script></html>"),
    "a page called a text": ("a.txt", b"  <!DOCTYPE html><script>alert(1)</script>"),
    "a program called a document": ("a.pdf", b"MZ\x90\x00" + bytes(60)),
    "a picture called another": ("a.gif", PNG),
    "an archive called a document": ("a.docx", _archive(a="b")),
    "a spreadsheet called a document": ("a.odt", _archive(mimetype="application/vnd.oasis.opendocument.spreadsheet")),
    "a picture that is a page": ("a.gif", b"GIF89a/*<script>*/=1;" + GIF[6:]),
    "a comment that is a program of a server": ("a.png", _png(b"<?php system($_GET['c']); ?>")),
    "a picture with an archive": ("a.png", PNG + _archive(evil="x")),
    "a photo with an archive": ("a.jpg", JPEG + _archive(evil="x")),
    "a document with an archive": ("a.pdf", PDF + _archive(evil="x")),
    "a picture with more behind it": ("a.gif", GIF + b"payload"),
    "a photo that is a document": ("a.jpg", JPEG[:20] + b"%PDF-1.4\n" + JPEG[20:]),
    "a photo with a program": ("a.jpg", JPEG + b"\x7fELF\x02\x01\x01\x00"),
    "a document with a script": ("a.pdf", PDF + b"2 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj"),
    "a script with an escaped name": ("a.pdf", PDF + b"2 0 obj<</S/Java#53cript>>endobj"),
    "a script in packed objects": (
        "a.pdf",
        PDF + b"3 0 obj<</Type/ObjStm>>stream\n" + zlib.compress(b"<</S/Launch/F(cmd.exe)>>") + b"\nendstream",
    ),
    "a document with a file": ("a.pdf", PDF + b"2 0 obj<</Names<</EmbeddedFiles 3 0 R>>>>endobj"),
    "a document with macros": ("a.docx", _office("word/vbaProject.bin")),
    "a broken archive": ("a.zip", b"PK\x03\x04" + bytes(60)),
    "controls in a text": ("a.txt", b"a\x1b]0;title\x07"),
    "a text turned around": ("a.txt", "a\u202etxt.exe".encode()),
    "NUL in a text": ("a.csv", b"a\0b"),
    "another encoding": ("a.txt", b"\xff\xfea\0"),
    "a drawing with a script": ("a.svg", _svg("<script>alert(1)</script>")),
    "a drawing with a handler": ("a.svg", _svg(attributes='onload="alert(1)"')),
    "a drawing with a page": ("a.svg", _svg("<foreignObject><p/></foreignObject>")),
    "a drawing with a link": ("a.svg", _svg('<a href="java&#115;cript:alert(1)"><circle/></a>')),
    "a drawing that fetches": ("a.svg", _svg('<image href="http://127.0.0.1/"/>')),
    "a drawing that animates a link": ("a.svg", _svg('<set attributeName="href" to="javascript:alert(1)"/>')),
    "a drawing that imports": ("a.svg", _svg("<style>@import 'http://x'</style>")),
    "a billion laughs": (
        "a.svg",
        b'<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><svg>&b;</svg>',
    ),
    "a file of the machine": ("a.svg", b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>'),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Workbench]:
    """The component as it comes."""
    async with workbench(create) as made:
        yield made


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_file_passes(name: str) -> None:
    """What is what it says, and nothing else, is taken."""
    assert inspect(HARMLESS[name], name, EVERY, True)["extension"] == name.rpartition(".")[2].lower()


@pytest.mark.parametrize("attack", HOSTILE)
def test_an_attack_is_refused(attack: str) -> None:
    """Disguised, doubled, acting and broken files are refused, with a reason that does not repeat them."""
    name, content = HOSTILE[attack]

    with pytest.raises(Refusal) as refused:
        inspect(content, name, EVERY, True)

    assert refused.value.kind == "unwanted-file"
    assert "alert" not in str(refused.value.detail)


def test_scripts_in_documents_may_be_taken() -> None:
    """A service that wants forms with scripts and office files with macros says so; drawings stay harmless."""
    for attack in ("a document with a script", "a document with macros"):
        name, content = HOSTILE[attack]
        assert inspect(content, name, EVERY, False)["extension"] in ("pdf", "docx")
    with pytest.raises(Refusal):
        inspect(HOSTILE["a drawing with a script"][1], "a.svg", EVERY, False)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_look_happens_apart(bench: Workbench) -> None:
    """The capability gives what a file is, and refuses through the border of processes."""
    good = await bench.call("check", file=bench.file(PNG, "a.png", "image/png"))
    with pytest.raises(Refusal, match="second ending"):
        await bench.call("check", file=bench.file(PNG, "a.php.png", "image/png"))

    assert good == {"media": "image/png", "extension": "png"}


def test_defaults_are_those_of_the_manifest() -> None:
    """What the package takes without a configuration is what the manifest states."""
    assert stated_defaults(HERE) == {"allow": list(ALLOWED), "active": "refuse"}
