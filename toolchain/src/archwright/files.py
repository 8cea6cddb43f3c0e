"""Reading and writing whole files and folders: nothing is ever half written."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .errors import InputError


def read_bytes(path: Path, most: int = -1) -> bytes:
    """A file's content.

    Args:
        most: read no more than so many bytes; everything where it is negative.

    Raises:
        InputError: it is not there or not readable.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise InputError(f"cannot read {path}: {_reason(error)}") from None


def read_tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path; empty where there is no such folder."""
    return {
        path.relative_to(folder).as_posix(): read_bytes(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def write_file(path: Path, content: bytes) -> None:
    """Write a file as a whole; a reader sees the old or the new content, never a part.

    Raises:
        InputError: the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except OSError:
            os.unlink(name)
            raise
    except OSError as error:
        raise InputError(f"cannot write {path}: {_reason(error)}") from None


def replace_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder hold exactly these files: written beside it, then swapped in.

    Raises:
        InputError: the place cannot be written, or the folder holds something that no build wrote.
    """
    _refuse_foreign(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        os.chmod(fresh, 0o755)
        try:
            for path, content in files.items():
                target = fresh / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            _swap(fresh, folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {_reason(error)}") from None


def _swap(fresh: Path, folder: Path) -> None:
    old = fresh.with_name(f"{fresh.name}.old")
    with contextlib.suppress(FileNotFoundError):
        os.rename(folder, old)
    os.rename(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / "plan.json").exists():
        raise InputError(f"{folder} is not empty and holds no build", hint="choose another folder with --output")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
