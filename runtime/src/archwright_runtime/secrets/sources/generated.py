"""Secrets made up for development, kept in a private file beside the embedded database."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from ...errors import SettingError
from ..source import Secret


class Generated:
    """Makes up whatever is asked for, once, and remembers it in a file that only its owner reads.

    For development only: a service that runs for others is told its secrets.
    Without a file they last as long as the process, which is right for a database in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._values = {} if path is None else _read(path)

    def get(self, name: str) -> Secret | None:
        """The remembered secret, made up now if it is new."""
        if name not in self._values:
            self._values[name] = secrets.token_urlsafe(32)
            if self._path is not None:
                _write(self._path, self._values)
        return Secret(self._values[name])

    def hint(self, name: str) -> str:
        """The file's path."""
        return f"an entry in {self._path}"


def _write(path: Path, values: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    # Private from the first byte on: created so, not narrowed afterwards, and never through somebody else's link.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=1, sort_keys=True)
    temporary.replace(path)


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingError(f"the file of generated secrets cannot be read: {error.strerror}") from None
    if path.stat().st_mode & 0o077:
        raise SettingError(f"the file of generated secrets {path} is readable by others; run `chmod 600` on it")
    try:
        values = json.loads(text)
    except ValueError:
        raise SettingError(f"the file of generated secrets {path} is not JSON") from None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise SettingError(f"the file of generated secrets {path} is not an object of texts")
    return values
