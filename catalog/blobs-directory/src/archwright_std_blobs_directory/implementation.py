"""Joins the parts into what the runtime loads."""

from __future__ import annotations

from archwright_runtime.component import Host, Implementation
from archwright_runtime.errors import SettingError

from .directory import Directory
from .store import Store


def create(host: Host) -> Implementation:
    """The store as it is configured in one service."""
    try:
        directory = Directory(str(host.config["directory"]))
    except (OSError, ValueError) as error:
        raise SettingError(f"the directory of files cannot be used: {error}") from None
    return Implementation(blobs=Store(host, directory))
