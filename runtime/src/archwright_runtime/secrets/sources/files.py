"""Secrets from a directory with one file each, as Kubernetes and Docker mount them."""

from __future__ import annotations

from pathlib import Path

from ...errors import SettingError
from ..source import Secret

_MOST_BYTES = 65_536


class Files:
    """Reads ``<directory>/<name>``; one line end at the close of a file is not part of the secret."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, name: str) -> Secret | None:
        """The secret, or None where there is no such file.

        Raises:
            SettingError: the file cannot be read as text, or is too large to be a secret.
        """
        if "/" in name or "\\" in name or name.startswith("."):
            return None
        try:
            with (self._directory / name).open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SettingError(f"the secret `{name}` cannot be read from its file: {error.strerror}") from None
        return _secret(name, data)

    def hint(self, name: str) -> str:
        """The file's path."""
        return f"the file {self._directory / name}"


def _secret(name: str, data: bytes) -> Secret | None:
    if len(data) > _MOST_BYTES:
        raise SettingError(f"the secret `{name}` has more than {_MOST_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingError(f"the secret `{name}` is not UTF-8 text") from None
    text = text.removesuffix("\n").removesuffix("\r")
    return Secret(text) if text else None
