"""The program as a whole: help, version, mistakes in its arguments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archwright.entrypoints.cli.main import COMMANDS
from toolchain.tests.cli.program import archwright


def test_version(tmp_path: Path) -> None:
    """The version is printed."""
    done = archwright("--version", cwd=tmp_path)

    assert (done.code, done.out, done.err) == (0, "archwright 0.1.0\n", "")


def test_help(tmp_path: Path) -> None:
    """The help names every command and the exit codes."""
    done = archwright("--help", cwd=tmp_path)

    assert done.code == 0 and "Exit codes: 0 fine, 1 findings, 2 could not run." in done.out
    assert all(f"    {name} " in done.out for name in COMMANDS)


def test_nothing(tmp_path: Path) -> None:
    """Without a command the help is shown, and nothing has run."""
    done = archwright(cwd=tmp_path)

    assert done.code == 2 and done.out.startswith("usage: archwright")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command: str, tmp_path: Path) -> None:
    """Every command explains itself with an example."""
    done = archwright(command, "--help", cwd=tmp_path)

    assert done.code == 0 and "Examples: archwright" in done.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("chek",), "invalid choice: 'chek'"),
        (("check", "--format", "xml"), "`xml` is none of text, json, sarif, markdown"),
        (("check", "--sarif"), "unrecognized arguments: --sarif"),
        (("check", "a", "b"), "unrecognized arguments: b"),
        (("new",), "the following arguments are required: NAME"),
        (("schema", "plan"), "invalid choice: 'plan'"),
        (("up", "--port", "70000"), "`70000` is not a port from 1 to 65535"),
    ],
)
def test_mistaken_arguments(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    """A mistake in the arguments is told on stderr, and nothing runs."""
    done = archwright(*arguments, cwd=tmp_path)

    assert (done.code, done.out) == (2, "") and says in done.err


def test_reader_that_leaves(tmp_path: Path) -> None:
    """Whoever reads only the first line gets it, and nobody sees an error."""
    command = f"{sys.executable} -m archwright explain --list | head -n 1"

    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=tmp_path, check=False)

    assert done.stdout.startswith("architecture/") and done.stderr == ""


def test_narrow_terminal(mistaken: Path) -> None:
    """A finding is printed where the terminal knows ASCII only."""
    text = (mistaken / "assembly.yaml").read_text()
    (mistaken / "assembly.yaml").write_text(text.replace("txt(200)!", "té(200)!"), encoding="utf-8")

    done = archwright("check", cwd=mistaken, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")

    assert done.code == 1 and "t\\xe9" in done.out


def test_loads_nothing_heavy(tmp_path: Path) -> None:
    """Asking for the version or an explanation loads neither the language nor a parser."""
    code = (
        "import sys\nfrom archwright.entrypoints.cli.main import main\n"
        "try: main(['explain', 'yaml/tag'])\nexcept SystemExit: pass\n"
        "print(sorted({'pydantic', 'yaml', 'lark'} & sys.modules.keys()), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=dict(os.environ), check=True
    )

    assert done.stderr == "[]\n"
