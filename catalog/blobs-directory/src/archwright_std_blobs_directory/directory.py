"""Bytes in files of a directory, under random ids.

Its rules:

* A name is an id of letters and digits or it is refused; no path ever comes from outside.
* Everything is reached from the open directory without following a link.
* A file has its final name only once all its bytes are on disk, and so has the name.
* Nobody but the service's own user reads it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator

_ID = re.compile(r"[A-Za-z0-9]{16,64}", re.ASCII)
_SHARD = re.compile(r"[A-Za-z0-9]{2}", re.ASCII)
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PARTIAL = ".part"


class Directory:
    """A directory that is held open.

    Raises:
        OSError: it cannot be made or opened, or is a link.
        ValueError: the path is not absolute.
    """

    def __init__(self, path: str) -> None:
        if not os.path.isabs(path):
            raise ValueError("the path is not absolute")
        if not os.path.lexists(path):
            os.makedirs(path, mode=0o700)
        self._root = os.open(path, _DIRECTORY)

    def begin(self, id: str) -> int:
        """A new file that nobody sees yet, open for writing."""
        shard = self._shard(id, make=True)
        try:
            return os.open(id + _PARTIAL, _NEW, 0o600, dir_fd=shard)
        finally:
            os.close(shard)

    def finish(self, id: str, file: int) -> None:
        """Give a file that is fully written its name, so that both survive a crash."""
        os.fsync(file)
        shard = self._shard(id)
        try:
            # A link refuses where the name exists, unlike a rename.
            os.link(id + _PARTIAL, id, src_dir_fd=shard, dst_dir_fd=shard, follow_symlinks=False)
            os.unlink(id + _PARTIAL, dir_fd=shard)
            os.fsync(shard)
        finally:
            os.close(shard)

    def abandon(self, id: str) -> None:
        """Forget a file that was begun."""
        self._unlink(id, id + _PARTIAL)

    def open(self, id: str) -> int:
        """A file, open for reading.

        Raises:
            FileNotFoundError: there is none.
        """
        shard = self._shard(id)
        try:
            file = os.open(id, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=shard)
        finally:
            os.close(shard)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise FileNotFoundError(id)
        return file

    def remove(self, id: str) -> None:
        """Let a file go; one that is not there is fine."""
        self._unlink(id, id)

    def shards(self) -> list[str]:
        """The parts into which files are divided."""
        return sorted(name for name in os.listdir(self._root) if _SHARD.fullmatch(name))

    def older(self, shard: str, than: float) -> list[str]:
        """The ids in one part that were written before a time; what was begun then and never finished is removed."""
        folder = os.open(shard, _DIRECTORY, dir_fd=self._root)
        try:
            old = list(_older(folder, than))
            for name in old:
                if name.endswith(_PARTIAL):
                    os.unlink(name, dir_fd=folder)
        finally:
            os.close(folder)
        return [name for name in old if _ID.fullmatch(name)]

    def _unlink(self, id: str, name: str) -> None:
        try:
            shard = self._shard(id)
        except FileNotFoundError:
            return
        try:
            os.unlink(name, dir_fd=shard)
        except FileNotFoundError:
            pass
        finally:
            os.close(shard)

    def _shard(self, id: str, *, make: bool = False) -> int:
        """The open part of the directory that an id belongs to."""
        if not _ID.fullmatch(id):
            raise ValueError("this is no id of a file")
        if make:
            try:
                os.mkdir(id[:2], mode=0o700, dir_fd=self._root)
                os.fsync(self._root)
            except FileExistsError:
                pass
        return os.open(id[:2], _DIRECTORY, dir_fd=self._root)


def _older(folder: int, than: float) -> Iterator[str]:
    for name in os.listdir(folder):
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(found.st_mode) and found.st_mtime < than:
            yield name
