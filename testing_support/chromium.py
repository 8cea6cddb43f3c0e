"""Where the machine's Chromium is."""

from __future__ import annotations

import shutil
from pathlib import Path

LAUNCH_ARGUMENTS = ["--no-sandbox"]
"""Chromium refuses to run as root with its sandbox, and containers have no user namespaces for it."""


class ChromiumMissingError(RuntimeError):
    """No Chromium is installed on this machine."""


def find_chromium() -> Path:
    """The browser's executable.

    Raises:
        ChromiumMissingError: none is installed.
    """
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    raise ChromiumMissingError("Chromium is not installed; on Debian: apt-get install chromium")
