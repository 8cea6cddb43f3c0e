"""Streaming ``multipart/form-data`` (RFC 7578): values in memory, files spooled, everything bounded."""

from __future__ import annotations

import re
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from ..errors import Refusal
from ..operations.call import HEAD
from ..operations.media import safe_file_name, sniff
from .forms import Form, FormLimits, Upload
from .request import Request

# RFC 2046 5.1.1
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_MAX_PART_HEADERS = 16
_MAX_PART_HEADER_BYTES = 4096


async def read_multipart(request: Request, limits: FormLimits) -> Form:
    """Read a multipart body as it arrives.

    Raises:
        Refusal: it is malformed or beyond its limits.
    """
    collector = _Collector(limits)
    try:
        parser = MultipartParser(
            _boundary(request),
            {
                "on_part_begin": collector.begin,
                "on_header_field": collector.header_name,
                "on_header_value": collector.header_value,
                "on_header_end": collector.header_end,
                "on_headers_finished": collector.headers_end,
                "on_part_data": collector.data,
                "on_part_end": collector.end,
                "on_end": collector.finish,
            },
            max_header_count=_MAX_PART_HEADERS,
            max_header_size=_MAX_PART_HEADER_BYTES,
        )
        async for chunk in request.chunks():
            parser.write(chunk)
        parser.finalize()
        if not collector.finished:
            raise _malformed()
    except FormParserError:
        collector.close()
        raise _malformed() from None
    except BaseException:
        collector.close()
        raise
    return collector.form


def _boundary(request: Request) -> bytes:
    _, options = parse_options_header(request.headers.get(b"content-type", b""))
    boundary = options.get(b"boundary", b"")
    if not _BOUNDARY.fullmatch(boundary):
        raise Refusal("malformed", "The multipart body names no valid boundary.")
    return boundary


class _Collector:
    """Builds the form from the parser's callbacks."""

    def __init__(self, limits: FormLimits) -> None:
        self.form = Form()
        self.finished = False
        self._limits = limits
        self._parts = 0
        self._reset()

    def _reset(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._name = ""
        self._file_name: str | None = None
        self._claimed = ""
        self._size = 0
        self._value = bytearray()
        self._file: BinaryIO | None = None

    def begin(self) -> None:
        self._parts += 1
        if self._parts > self._limits.parts:
            raise Refusal("too-large", f"A form may have at most {self._limits.parts} parts.")
        self._reset()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def header_end(self) -> None:
        name = self._header_name.lower()
        if name in self._headers:
            raise _malformed()
        self._headers[name] = self._header_value
        self._header_name = self._header_value = b""

    def headers_end(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in options:
            raise _malformed()
        encoding = self._headers.get(b"content-transfer-encoding", b"8bit").strip().lower()
        if encoding not in (b"7bit", b"8bit", b"binary"):
            raise Refusal("unsupported-media", "Parts of a form come as they are, without a transfer encoding.")
        name = options[b"name"]
        if len(name) > self._limits.name:
            raise Refusal("too-large", f"A field's name may have at most {self._limits.name} bytes.")
        self._name = _text(name)
        self._claimed = self._headers.get(b"content-type", b"").decode("latin-1")
        self._file_name = _file_name(options)
        if self._file_name is not None:
            # Closed with the form, or by close() when the form comes to nothing.
            self._file = cast(BinaryIO, SpooledTemporaryFile(max_size=self._limits.memory))  # noqa: SIM115

    def data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is None:
            if self._size > self._limits.value:
                raise Refusal("too-large", f"A value may have at most {self._limits.value} bytes.")
            self._value += data[start:end]
            return
        most = self._limits.files.get(self._name, self._limits.file)
        if self._size > most:
            raise Refusal("too-large", f"A file may have at most {most} bytes.")
        self._file.write(data[start:end])

    def end(self) -> None:
        if self._file is None:
            self.form.values.setdefault(self._name, []).append(_text(bytes(self._value)))
        elif self._size == 0 and not self._file_name:
            # A file field that was left empty: browsers send an empty part with an empty name.
            self._file.close()
        else:
            self._file.seek(0)
            media = sniff(self._file.read(HEAD), self._claimed)
            self._file.seek(0)
            upload = Upload(safe_file_name(self._file_name or ""), media, self._size, self._file)
            self.form.files.setdefault(self._name, []).append(upload)
        self._file = None

    def finish(self) -> None:
        self.finished = True

    def close(self) -> None:
        self.form.close()
        if self._file is not None:
            self._file.close()


def _file_name(options: dict[bytes, bytes]) -> str | None:
    # RFC 7578 4.2 forbids ``filename*`` here; a sender that has nothing else is understood all the same.
    if b"filename" in options:
        return _text(options[b"filename"])
    if b"filename*" in options:
        return unquote(_text(options[b"filename*"]).rpartition("'")[2], errors="replace")
    return None


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("malformed", "A form is not valid UTF-8.") from None
    if "\x00" in text:
        raise Refusal("malformed", "A form holds a NUL character.")
    return text


def _malformed() -> Refusal:
    return Refusal("malformed", "The body is not a well-formed multipart form.")
