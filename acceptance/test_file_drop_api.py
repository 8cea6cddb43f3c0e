"""The job of the file drop by HTTP, the same on both databases, and what hostile files do to it."""

from __future__ import annotations

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import count
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service

_NUMBERS = count(1)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _zip(name: str = "evil.txt") -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr(name, "x")
    return made.getvalue()


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND", b"")
)
TEXT = b"a line of text\n" * 50_000
HOSTILE = {
    "a page called a picture": ("cat.png", "image/png", b"<html><script>alert(1)</script>"),
    "a picture with an archive": ("cat.png", "image/png", PNG + _zip()),
    "a picture that is a script": ("cat.gif", "image/gif", b"GIF89a/*<script>alert(1)</script>*/;"),
    "a program called a document": ("offer.pdf", "application/pdf", b"MZ\x90\x00" + bytes(100)),
    "a second ending": ("offer.exe.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n"),
    "a script in a document": ("offer.pdf", "application/pdf", b"%PDF-1.7\n<</S/JavaScript/JS(app.alert(1))>>\n%%EOF"),
    "a drawing with a script": ("cat.svg", "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'),
    "a billion laughs": ("cat.svg", "image/svg+xml", b'<!DOCTYPE s [<!ENTITY a "lol">]><svg>&a;</svg>'),
    "macros": ("offer.docx", "application/zip", _zip("word/vbaProject.bin")),
    "nothing at all": ("empty.txt", "text/plain", b""),
    "no ending": ("README", "text/plain", b"text"),
    "an ending turned around": ("cat\u202egnp.exe", "image/png", PNG),
}


@pytest.fixture(params=DATABASES)
def drop(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running file drop."""
    return running("file-drop", request.param)


def _folder(client: httpx.Client) -> str:
    answer = client.post("/api/folders", json={"name": f"Folder {next(_NUMBERS)}"})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def _put(
    client: httpx.Client, name: str, content: bytes, media: str = "text/plain", folder: str = ""
) -> httpx.Response:
    data = {"folder": folder or _folder(client), "title": f"File {next(_NUMBERS)}"}
    return client.post("/api/files", data=data, files={"file": (name, content, media)})


def _shared(client: httpx.Client, name: str = "notes.txt", content: bytes = TEXT, **wish: Any) -> dict[str, Any]:
    put = _put(client, name, content)
    assert put.status_code == 201, put.text
    answer = client.post(f"/api/files/{put.json()['id']}/links", json=wish)
    assert answer.status_code == 201, answer.text
    link: dict[str, Any] = answer.json()
    return link


def test_a_file_is_dropped_shared_and_collected(drop: Service) -> None:
    """Its owner drops it and makes a link; a stranger looks, fetches, and finds the link used up."""
    with drop.client("dora") as dora, drop.visitor() as stranger:
        link = _shared(dora, most=2)
        address = f"/api/drops/{link['token']}"

        looked = [stranger.get(address) for _ in range(3)]
        fetched = [stranger.post(f"{address}/content") for _ in range(3)]
        after = stranger.get(address)
        counted = dora.get(f"/api/links/{link['id']}").json()["downloads"]

    assert [one.json()["left"] for one in looked] == [2, 2, 2]
    assert [one.status_code for one in fetched] == [200, 200, 404]
    assert fetched[0].content == TEXT
    assert (after.status_code, counted) == (404, 2)


def test_a_download_acts_nowhere(drop: Service) -> None:
    """It is saved under a safe name, never guessed, and has no rights where it is shown."""
    with drop.client("dora") as dora, drop.visitor() as stranger:
        link = _shared(dora, '../../Büro\r\nX: y"; a=b.txt')

        fetched = stranger.post(f"/api/drops/{link['token']}/content")

    assert fetched.headers["content-disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''B%C3%BCro" in fetched.headers["content-disposition"]
    assert "x" not in fetched.headers
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in fetched.headers["content-security-policy"]


def test_the_last_download_goes_to_one(drop: Service) -> None:
    """However many fetch at the same moment, no more get the file than the link says."""
    with drop.client("dora") as dora:
        link = _shared(dora, most=3)

    def fetch(_: int) -> int:
        with drop.visitor() as stranger:
            return stranger.post(f"/api/drops/{link['token']}/content").status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(fetch, range(8)))

    assert sorted(statuses) == [200] * 3 + [404] * 5


def test_a_deleted_link_is_gone(drop: Service) -> None:
    """Deleting a link, or the file, ends it at once."""
    with drop.client("dora") as dora, drop.visitor() as stranger:
        first, second = _shared(dora), _shared(dora)
        dora.delete(f"/api/links/{first['id']}")
        dora.delete(f"/api/files/{second['drop']}")

        statuses = [stranger.post(f"/api/drops/{one['token']}/content").status_code for one in (first, second)]

    assert statuses == [404, 404]


def test_everybody_keeps_to_their_own(drop: Service) -> None:
    """Another's folder takes nothing, another's file gives nothing, and no link is made to it."""
    with drop.client("dora") as dora, drop.client("emil") as emil:
        folder = _folder(dora)
        file = _put(dora, "a.txt", b"hers", folder=folder).json()["id"]

        assert _put(emil, "b.txt", b"his", folder=folder).status_code in (403, 404, 422)
        assert emil.get(f"/api/files/{file}").status_code == 404
        assert emil.get(f"/api/files/{file}/content").status_code == 404
        assert emil.post(f"/api/files/{file}/links", json={}).status_code == 404
        assert dora.get("/api/files", params={"folder": folder}).json()["items"][0]["id"] == file


def test_parts_of_a_file_are_fetched(drop: Service) -> None:
    """An interrupted download goes on where it stopped, unless the file is another one."""
    with drop.client("dora") as dora:
        file = _put(dora, "a.txt", TEXT).json()["id"]
        address = f"/api/files/{file}/content"
        whole = dora.get(address)
        tag = whole.headers["etag"]

        part = dora.get(address, headers={"Range": "bytes=700000-", "If-Range": tag})
        other = dora.get(address, headers={"Range": "bytes=700000-", "If-Range": '"another"'})
        beyond = dora.get(address, headers={"Range": "bytes=9000000-"})
        known = dora.get(address, headers={"If-None-Match": tag})

    assert (part.status_code, part.content) == (206, TEXT[700_000:])
    assert (other.status_code, other.content) == (200, TEXT)
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(TEXT)}")
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize("attack", HOSTILE)
def test_an_attack_is_refused(drop: Service, attack: str) -> None:
    """Disguised, doubled and acting files get a reason and leave nothing behind."""
    name, media, content = HOSTILE[attack]
    with drop.client("dora") as dora:
        folder = _folder(dora)

        refused = _put(dora, name, content, media, folder)
        left = dora.get("/api/files", params={"folder": folder}).json()["items"]

    assert refused.status_code == 415, refused.text
    assert "alert" not in refused.text
    assert left == []


def test_a_file_that_is_too_large_ends_while_it_is_read(drop: Service) -> None:
    """A body above the limit is refused before it is all there."""
    with drop.client("dora") as dora:
        folder = _folder(dora)

        refused = _put(dora, "a.txt", b"x" * (20 * 1024 * 1024 + 1), folder=folder)

    assert refused.status_code == 413


def test_strangers_send_no_files(drop: Service) -> None:
    """Who may not drop files cannot make the service read them."""
    with drop.visitor() as stranger:
        refused = stranger.post("/api/files", data={"title": "t"}, files={"file": ("a.txt", TEXT, "text/plain")})

    assert refused.status_code == 401


@pytest.mark.parametrize("token", ["0" * 32, "..%2F..%2Fetc%2Fpasswd", "%00", "x" * 65])
def test_a_token_that_is_none_finds_nothing(drop: Service, token: str) -> None:
    """Whatever is tried instead of a token gives nothing."""
    with drop.visitor() as stranger:
        statuses = {
            stranger.get(f"/api/drops/{token}").status_code,
            stranger.post(f"/api/drops/{token}/content").status_code,
        }

    assert statuses <= {400, 404}
