"""Bodies that HTML forms send: urlencoded and multipart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from ..errors import Refusal
from .request import Request, parse_pairs

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class FormLimits:
    """Bounds of one form; the body's own limit holds as well.

    Attributes:
        parts: values and files together.
        name: bytes of a field's name.
        value: bytes of a value that is not a file.
        file: bytes of one file.
        files: the same for single fields, by name.
        memory: bytes of a file that are kept in memory before it goes to disk.
    """

    parts: int = 200
    name: int = 200
    value: int = 1_048_576
    file: int = 1_073_741_824
    files: Mapping[str, int] = field(default_factory=dict)
    memory: int = 1_048_576


DEFAULT_LIMITS = FormLimits()


@dataclass
class Upload:
    """A file that came with a form.

    Attributes:
        name: as the client called it, without any path.
        media: what its first bytes say it is, else what the client claimed.
        size: in bytes.
        file: open for reading, at its start.
    """

    name: str
    media: str
    size: int
    file: BinaryIO = field(repr=False)


@dataclass
class Form:
    """What a form sent: values and files by field name, in their order."""

    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[Upload]] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """The last value of a field."""
        values = self.values.get(name)
        return values[-1] if values else None

    def file(self, name: str) -> Upload | None:
        """The last file of a field."""
        files = self.files.get(name)
        return files[-1] if files else None

    def close(self) -> None:
        """Delete the spooled files."""
        for files in self.files.values():
            for upload in files:
                upload.file.close()


async def read_form(request: Request, limits: FormLimits | None = None) -> Form:
    """Read the body as a form.

    Raises:
        Refusal: another media type, a malformed form, or one beyond its limits.
    """
    limits = limits or DEFAULT_LIMITS
    media = request.media
    if media == URLENCODED:
        _refuse_charset(request)
        return Form(parse_pairs(await request.body(), limits.parts))
    if media == MULTIPART:
        from .multipart import read_multipart

        return await read_multipart(request, limits)
    raise Refusal("unsupported-media", f"A form is {URLENCODED} or {MULTIPART}.")


def _refuse_charset(request: Request) -> None:
    _, _, parameters = (request.header(b"content-type") or "").partition(";")
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
        raise Refusal("unsupported-media", "Text is taken as UTF-8 only.")
