"""Programs that components may use and that need not be there."""

from __future__ import annotations

import os
import shutil

import pytest

_PACKAGES = {"ffmpeg": "ffmpeg", "ffprobe": "ffmpeg", "pdftotext": "poppler-utils"}


def needs(*programs: str) -> None:
    """Skip where one is missing; in CI fail, since a test that silently does not run proves nothing."""
    for program in programs:
        if shutil.which(program) is None:
            hint = f"{program} is not installed; on Debian: apt-get install {_PACKAGES.get(program, program)}"
            if os.environ.get("CI") == "true":
                pytest.fail(hint)
            pytest.skip(hint)
