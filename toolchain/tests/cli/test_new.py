"""`archwright new`: a first assembly that runs at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchain.tests.cli.program import archwright, tree


def test_new(tmp_path: Path) -> None:
    """A new service stands in a folder of its name, and has no finding."""
    done = archwright("new", "tasks", cwd=tmp_path)

    checked = archwright("check", "tasks", cwd=tmp_path)
    assert (done.code, done.out, checked.code) == (0, "", 0)
    assert done.err.splitlines()[-1] == "next: archwright up tasks --demo"
    assert "tasks/assembly.yaml" in tree(tmp_path)


def test_into_a_folder(tmp_path: Path) -> None:
    """Another folder is used where one is named."""
    done = archwright("new", "holiday-planner", "--folder", "services/planner", cwd=tmp_path)

    assert done.code == 0 and (tmp_path / "services/planner/assembly.yaml").is_file()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Where a file of the new service exists already, nothing is written at all."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks/assembly.yaml").write_text("mine")

    done = archwright("new", "tasks", cwd=tmp_path)

    assert done.code == 2 and done.err.startswith("error: tasks/assembly.yaml exists already")
    assert tree(tmp_path) == {"tasks/assembly.yaml": b"mine"}


@pytest.mark.parametrize("name", ["Tasks", "1tasks", "two words", "../tasks", "a" * 61, "täsks", "-x", ""])
def test_names(name: str, tmp_path: Path) -> None:
    """What is no name of a service is refused, and nothing is written."""
    done = archwright("new", name, cwd=tmp_path) if name[:1] != "-" else archwright("new", "--", name, cwd=tmp_path)

    assert done.code == 2 and done.out == "" and tree(tmp_path) == {}


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A folder that cannot be made is told in one line."""
    (tmp_path / "file").write_text("")

    done = archwright("new", "tasks", "--folder", "file", cwd=tmp_path)

    assert done.code == 2 and done.err.startswith("error: cannot write file/assembly.yaml: ")
