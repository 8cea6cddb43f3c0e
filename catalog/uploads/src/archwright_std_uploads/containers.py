"""Office documents and archives: told apart by what is inside, without unpacking it."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from archwright_runtime.errors import Refusal

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
MEDIA = {
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": f"{_OPEN}text",
    "ods": f"{_OPEN}spreadsheet",
    "odp": f"{_OPEN}presentation",
}
_FOLDERS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_MACROS = ("vbaproject.bin", "vbadata.xml", "basic/script-lc.xml", "scripts/")
_MOST = 10_000


def check(content: bytes, extension: str, *, strict: bool) -> None:
    """Let a container pass.

    Raises:
        Refusal: it is broken, not what its ending says, or holds macros.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = [info.filename for info in archive.infolist()]
            kind = _kind(archive) if extension in ("odt", "ods", "odp") else ""
    except (BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Refusal("unwanted-file", "The file is a broken archive.") from None
    if len(names) > _MOST:
        raise Refusal("too-complex", "The archive has too many entries.")
    if extension in _FOLDERS:
        right = "[Content_Types].xml" in names and any(name.startswith(_FOLDERS[extension]) for name in names)
    else:
        right = extension == "zip" or kind == MEDIA[extension]
    if not right:
        raise Refusal("unwanted-file", f"The file is not what `.{extension}` says.")
    if strict and extension != "zip" and any(macro in name.lower() for name in names for macro in _MACROS):
        raise Refusal("unwanted-file", "The document holds macros.")


def _kind(archive: ZipFile) -> str:
    """What an open document says that it is (ODF 1.3 part 2, 3.3)."""
    if "mimetype" not in archive.namelist():
        return ""
    with archive.open("mimetype") as file:
        return file.read(100).decode("ascii", "replace").strip()
