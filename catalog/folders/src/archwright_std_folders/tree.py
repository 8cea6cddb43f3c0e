"""One directory and what is below it, reached name by name from a directory that is held open.

Its rules:

* Every name is opened below the folder before it, never through a link, so a link made meanwhile leads nowhere.
* Only folders and regular files with a single name are seen; devices, pipes, links and files that somebody linked in
  from elsewhere are not there.
* A file is written under another name first: whoever reads sees the old one or the new one, whole.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from heapq import nsmallest
from typing import Any

from archwright_runtime.errors import Refusal

from .paths import is_name

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Opening a pipe would wait for its other end.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 1 << 20


class Tree:
    """A directory that is held open.

    Args:
        most: files and folders in one folder.

    Raises:
        OSError: it cannot be made or opened, or is a link.
        ValueError: the path is not absolute.
    """

    def __init__(self, path: str, most: int) -> None:
        if not os.path.isabs(path):
            raise ValueError("the path is not absolute")
        if not os.path.lexists(path):
            os.makedirs(path, mode=0o700)
        self._root = os.open(path, _DIRECTORY)
        self._most = most

    def list(self, folder: Sequence[str], after: str, limit: int) -> tuple[list[dict[str, Any]], bool]:
        """What is in a folder by name, from after a name on, and whether that is all."""
        with self._opened(folder) as opened, os.scandir(opened) as entries:
            names = (entry.name for entry in entries if entry.name > after and is_name(entry.name))
            # However much lies there, no more than a part is ever in memory.
            part = nsmallest(limit + 1, names)
            found = [one for name in part[:limit] if (one := _described(opened, name)) is not None]
        return found, len(part) <= limit

    def read(self, path: Sequence[str], largest: int) -> bytes:
        """The bytes of a file."""
        with self._opened(path[:-1]) as folder:
            file = os.open(path[-1], _FILE, dir_fd=folder)
            try:
                found = os.fstat(file)
                if not _is_file(found):
                    raise FileNotFoundError(errno.ENOENT, "no file")
                if found.st_size > largest:
                    raise Refusal("too-complex", f"The file has more than {largest} bytes.")
                return b"".join(_pieces(file, largest))
            finally:
                os.close(file)

    def write(self, path: Sequence[str], content: bytes, replace: bool) -> None:
        """A file with these bytes; the folders above it are made."""
        with self._opened(path[:-1], make=True) as folder:
            self._refuse_full(folder, path[-1])
            partial = f".{secrets.token_hex(12)}.part"
            file = os.open(partial, _NEW, 0o600, dir_fd=folder)
            try:
                try:
                    _write(file, content)
                finally:
                    os.close(file)
                _publish(folder, partial, path[-1], replace)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(partial, dir_fd=folder)
            os.fsync(folder)

    def move(self, path: Sequence[str], to: Sequence[str]) -> None:
        """Another name for a file or folder."""
        with self._opened(path[:-1]) as old:
            found = os.stat(path[-1], dir_fd=old, follow_symlinks=False)
            if not (_is_file(found) or stat.S_ISDIR(found.st_mode)):
                raise FileNotFoundError(errno.ENOENT, "no file")
            with self._opened(to[:-1], make=True) as new:
                self._refuse_full(new, to[-1])
                if _exists(new, to[-1]):
                    raise FileExistsError(errno.EEXIST, "there already")
                os.rename(path[-1], to[-1], src_dir_fd=old, dst_dir_fd=new)
                os.fsync(new)
            os.fsync(old)

    def delete(self, path: Sequence[str]) -> None:
        """A file or an empty folder goes."""
        with self._opened(path[:-1]) as folder:
            found = os.stat(path[-1], dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                os.rmdir(path[-1], dir_fd=folder)
            elif _is_file(found):
                os.unlink(path[-1], dir_fd=folder)
            else:
                raise FileNotFoundError(errno.ENOENT, "no file")
            os.fsync(folder)

    @contextmanager
    def _opened(self, folder: Sequence[str], *, make: bool = False) -> Iterator[int]:
        """A folder, opened name by name."""
        opened = os.dup(self._root)
        try:
            for name in folder:
                if make and not _exists(opened, name):
                    self._refuse_full(opened, name)
                    with suppress(FileExistsError):
                        os.mkdir(name, mode=0o700, dir_fd=opened)
                below = os.open(name, _DIRECTORY, dir_fd=opened)
                os.close(opened)
                opened = below
            yield opened
        finally:
            os.close(opened)

    def _refuse_full(self, folder: int, name: str) -> None:
        with os.scandir(folder) as entries:
            full = sum(1 for _, _ in zip(entries, range(self._most), strict=False)) >= self._most
        if full and not _exists(folder, name):
            raise Refusal("folder-full", f"A folder may hold at most {self._most} entries.")


def _is_file(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _described(folder: int, name: str) -> dict[str, Any] | None:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not (_is_file(found) or stat.S_ISDIR(found.st_mode)):
        return None
    kind = "folder" if stat.S_ISDIR(found.st_mode) else "file"
    changed = datetime.fromtimestamp(int(found.st_mtime), UTC).isoformat()
    return {"name": name, "kind": kind, "size": 0 if kind == "folder" else found.st_size, "changed": changed}


def _pieces(file: int, largest: int) -> Iterator[bytes]:
    """What is there, however much the file grows meanwhile."""
    left = largest
    while left > 0 and (piece := os.read(file, min(_PIECE, left))):
        left -= len(piece)
        yield piece


def _write(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
    os.fsync(file)


def _publish(folder: int, partial: str, name: str, replace: bool) -> None:
    if not replace:
        # A link refuses where the name exists, unlike a rename.
        os.link(partial, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        return
    if _exists(folder, name) and not _is_file(os.stat(name, dir_fd=folder, follow_symlinks=False)):
        raise FileExistsError(errno.EEXIST, "no file")
    os.rename(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
