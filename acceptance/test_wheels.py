"""What is published: wheels, installed beside nothing of this repository."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from acceptance.services import ROOT, SECRETS
from acceptance.test_up import Up
from testing_support.ports import free_port

_MEMBERS = ("runtime", "toolchain", "catalog/accounts", "catalog/mail", "catalog/content")


@dataclass(frozen=True)
class Installed:
    """An environment that has the wheels, and no way to the repository."""

    folder: Path
    wheels: tuple[Path, ...]

    @property
    def programs(self) -> Path:
        """Where its commands are."""
        return self.folder / "bin"

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its commands to the end."""
        line = [str(self.programs / command[0]), *command[1:]]
        return subprocess.run(line, cwd=cwd, env=_bare(), capture_output=True, text=True, timeout=120, check=False)


def _bare() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **SECRETS}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheels of every distribution in an environment whose other packages are the present one's."""
    folder = tmp_path_factory.mktemp("wheels")
    made = folder / "dist"
    for member in _MEMBERS:
        line = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
        _pip([*line, "--wheel-dir", str(made), str(ROOT / member)])
    wheels = tuple(sorted(made.glob("*.whl")))
    target = folder / "environment"
    venv.create(target, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(target), "platbase": str(target)}))
    line = [sys.executable, "-m", "pip", "--python", str(target / "bin" / "python"), "install", "-q"]
    _pip([*line, "--no-deps", "--no-index", *map(str, wheels)])
    # Only the folder is added: the .pth files in it, by which the repository is importable, are not read.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(target, wheels)


def _pip(line: list[str]) -> None:
    done = subprocess.run([*line, "--disable-pip-version-check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_wheels_hold_what_they_need_and_nothing_else(installed: Installed) -> None:
    """Five wheels; the toolchain's holds the catalogue, none holds tests or caches."""
    names = {wheel.name.split("-")[0]: zipfile.ZipFile(wheel).namelist() for wheel in installed.wheels}

    assert len(names) == len(_MEMBERS)
    assert "archwright/catalog/index.json" in names["archwright"]
    assert "archwright/catalog/accounts/component.yaml" in names["archwright"]
    assert "archwright_runtime/ui/templates/page.html" in names["archwright_runtime"]
    assert "archwright_runtime/py.typed" in names["archwright_runtime"]
    for files in names.values():
        assert not [file for file in files if "__pycache__" in file or "/tests/" in file]


def test_both_packages_come_from_the_wheels(installed: Installed, tmp_path: Path) -> None:
    """Neither package is the repository's, and the runtime runs without the toolchain being imported."""
    script = (
        "import sys, archwright_runtime.application.application as one; "
        "assert 'archwright' not in sys.modules; import archwright; print(one.__file__, archwright.__file__)"
    )
    done = installed.run("python", "-c", script, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert all(path.startswith(str(installed.folder)) for path in done.stdout.split()), done.stdout


def test_a_new_service_is_made_built_and_served(installed: Installed, tmp_path: Path) -> None:
    """Outside of the repository: new, check, build, verify, and the runtime serves what was built."""
    for command in (
        ["archwright", "new", "tasks"],
        ["archwright", "check", "tasks"],
        ["archwright", "build", "tasks"],
        ["archwright", "verify", "tasks"],
        ["archwright-runtime", "verify", "tasks/dist"],
        ["archwright-runtime", "migrate", "tasks/dist", "--database", "sqlite:///tasks.sqlite"],
    ):
        done = installed.run(*command, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_a_new_service_is_up(installed: Installed, tmp_path: Path) -> None:
    """`archwright up` from the wheel runs the new service, which then answers and registers people."""
    assert installed.run("archwright", "new", "tasks", cwd=tmp_path).returncode == 0
    up = Up(tmp_path / "tasks", free_port(), "--no-reload", program=installed.programs / "archwright", env=_bare())
    try:
        up.wait_for("API description")
        person = {"email": "ada@acme.test", "name": "Ada", "password": "a-quite-long-password"}
        with httpx.Client(base_url=up.address, headers={"Origin": up.address}, timeout=30) as client:
            assert client.post("/api/accounts/register", json=person).status_code == 201
            assert client.post("/api/tasks", json={"title": "Read on"}).status_code == 201
            assert [task["title"] for task in client.get("/api/tasks").json()["items"]] == ["Read on"]
    finally:
        up.close()
