"""Importing is light: a command that reads no document loads no reader."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["archwright", "archwright.diagnostics", "archwright.errors", "archwright.reporting"]
)
def test_light(module: str) -> None:
    """Neither Pydantic nor YAML is loaded before a document is read."""
    code = f"import sys, {module}; print(sorted({{'pydantic', 'yaml', 'lark', 'typer'}} & sys.modules.keys()))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
