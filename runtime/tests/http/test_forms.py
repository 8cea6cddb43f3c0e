"""Forms: urlencoded and multipart, within bounds."""

from __future__ import annotations

from typing import Any

import pytest

from archwright_runtime.errors import Refusal
from archwright_runtime.http.forms import Form, FormLimits
from archwright_runtime.http.inputs import FormFields
from archwright_runtime.http.request import Request
from archwright_runtime.http.response import disposition
from archwright_runtime.operations.media import safe_file_name
from archwright_runtime.plan import Input, Type

_SMALL = FormLimits(parts=5, name=10, value=20, file=100, memory=50)


def _request(body: bytes, content_type: str, step: int = 0) -> Request:
    size = step or max(1, len(body))
    parts = [body[start : start + size] for start in range(0, len(body), size)] or [b""]

    async def receive() -> Any:
        if not parts:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    return Request(
        {"method": "POST", "query_string": b"", "headers": [(b"content-type", content_type.encode())]}, receive
    )


def _part(disposition: str, content: bytes, *headers: str) -> bytes:
    lines = [f"Content-Disposition: {disposition}", *headers]
    return b"--xyz\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n"


async def _multipart(*parts: bytes, step: int = 0, end: bytes = b"--xyz--\r\n") -> Form:
    return await _request(b"".join(parts) + end, 'multipart/form-data; boundary="xyz"', step).form(_SMALL)


@pytest.mark.parametrize("step", [0, 1, 7])
async def test_values_and_files_are_read(step: int) -> None:
    """However the bytes are cut, values and files are the same."""
    form = await _multipart(
        _part('form-data; name="title"', "Größe".encode()),
        _part('form-data; name="title"', b"b"),
        _part('form-data; name="photo"; filename="a.png"', b"\x89PNG\r\n\x1a\n" + b"x" * 80, "Content-Type: text/html"),
        _part('form-data; name="empty"; filename=""', b"", "Content-Type: application/octet-stream"),
        step=step,
    )

    assert form.values == {"title": ["Größe", "b"]}
    photo = form.file("photo")
    assert photo is not None
    assert (photo.name, photo.media, photo.size) == ("a.png", "image/png", 88)
    assert photo.file.read().startswith(b"\x89PNG")
    assert form.file("empty") is None
    form.close()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Users\\\\ada\\\\x.txt", "x.txt"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("x" * 300, "x" * 150),
        ("a b.txt", "a b.txt"),
    ],
)
async def test_a_file_name_is_only_a_name(sent: str, kept: str) -> None:
    """Directories, leading dots and marks that turn text around are dropped."""
    form = await _multipart(_part(f'form-data; name="f"; filename="{sent}"', b"x"))

    found = form.file("f")
    assert found is not None
    assert found.name == kept
    form.close()


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ([_part('form-data; name="a"', b"x" * 21)], "too-large"),
        ([_part('form-data; name="f"; filename="f"', b"x" * 101)], "too-large"),
        ([_part(f'form-data; name="{"n" * 11}"', b"x")], "too-large"),
        ([_part('form-data; name="a"', b"")] * 6, "too-large"),
        ([_part("form-data", b"x")], "malformed"),
        ([_part('attachment; name="a"', b"x")], "malformed"),
        ([_part('form-data; name="a"', b"\xff")], "malformed"),
        ([_part('form-data; name="a"', b"\x00")], "malformed"),
        ([_part('form-data; name="a"', b"x", "Content-Transfer-Encoding: base64")], "unsupported-media"),
        ([_part('form-data; name="a"', b"x", 'Content-Disposition: form-data; name="b"')], "malformed"),
        ([_part('form-data; name="a"', b"x", *[f"X-{i}: 1" for i in range(50)])], "malformed"),
        ([_part('form-data; name="a"', b"x", f"X: {'y' * 5000}")], "malformed"),
        ([b"no boundary at all"], "malformed"),
        ([b"--xyz\r\nbroken header\r\n\r\nx\r\n"], "malformed"),
    ],
)
async def test_a_bomb_or_a_broken_form_is_refused(parts: list[bytes], kind: str) -> None:
    """Too many parts, too long names, values, files and headers, and anything malformed are refused."""
    with pytest.raises(Refusal) as refused:
        await _multipart(*parts)

    assert refused.value.kind == kind


@pytest.mark.parametrize("end", [b"", b"--xyz", b"--xy--\r\n"])
async def test_a_form_that_never_ends_is_refused(end: bytes) -> None:
    """Without its closing boundary a form may have lost its rest."""
    with pytest.raises(Refusal):
        await _multipart(_part('form-data; name="a"', b"x"), end=end)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'x' * 71}",
        "text/plain",
        "",
    ],
)
async def test_no_form_is_read_without_a_boundary(content_type: str) -> None:
    """A form says how it is divided."""
    with pytest.raises(Refusal):
        await _request(b"--xyz--", content_type).form()


async def test_an_urlencoded_form_is_read() -> None:
    """Plus is a space, escapes are UTF-8."""
    form = await _request(b"a=1+2&b=%C3%A9", "application/x-www-form-urlencoded; charset=UTF-8").form()

    assert form.values == {"a": ["1 2"], "b": ["é"]}


async def test_another_charset_is_refused() -> None:
    """Text is UTF-8 and nothing else."""
    with pytest.raises(Refusal) as refused:
        await _request(b"a=1", "application/x-www-form-urlencoded; charset=utf-7").form()

    assert refused.value.kind == "unsupported-media"


def test_fields_become_values() -> None:
    """An empty field is null where null is allowed, and asked for where it is not."""
    fields = FormFields(
        [
            Input(name="title", type=Type(kind="text"), required=True),
            Input(name="note", type=Type(kind="text"), nullable=True),
            Input(name="count", type=Type(kind="int")),
            Input(name="tags", type=Type(kind="list", item=Type(kind="slug"))),
            Input(name="text", type=Type(kind="text")),
        ],
        lenient=False,
    )

    values, problems = fields.read(
        Form({"title": [""], "note": [""], "count": [""], "tags": ["a", "b"], "text": ["x\r\ny"], "odd": ["1"]})
    )

    assert values == {"note": None, "tags": ["a", "b"], "text": "x\ny"}
    assert [(one.pointer, one.code) for one in problems] == [("/title", "required"), ("/odd", "unknown")]


def test_a_program_means_an_empty_text() -> None:
    """What a contract allows is taken, also in a form; only people leave fields out by leaving them empty."""
    inputs = [Input(name="title", type=Type(kind="text"), required=True), Input(name="n", type=Type(kind="int"))]

    values, problems = FormFields(inputs, lenient=False, typed=False).read(Form({"title": [""], "n": [""]}))

    assert (values, problems) == ({"title": ""}, [])


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.pdf", b'attachment; filename="a.pdf"'),
        ('a"b\r\nX: y.txt', b'attachment; filename="abX y.txt"'),
        ("Größe.txt", b"attachment; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt"),
        ("a;b%41.txt", b"attachment; filename=\"a;b_41.txt\"; filename*=UTF-8''a%3Bb%2541.txt"),
    ],
)
def test_a_download_has_a_safe_name(name: str, header: bytes) -> None:
    """No name ends its quotes or its line."""
    assert disposition(name) == header


def test_a_name_is_never_empty() -> None:
    """Something is left to call the file."""
    assert safe_file_name("...") == "file"
