"""A throwaway PostgreSQL: a cluster of its own in a temporary directory, gone when closed.

Its rules:

* Nothing of the machine's own PostgreSQL is touched; only its programs are used.
* It listens on loopback alone and is reached without a password, since it lives for one test run.
* Durability is off, since nobody outlives the run who could miss the data.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .ports import free_port

_UNDURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "log_min_messages": "fatal",
}


class PostgresMissingError(RuntimeError):
    """PostgreSQL's programs are not installed on this machine."""


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL of one's own."""

    port: int
    directory: Path
    programs: Path

    def url(self, database: str = "postgres") -> str:
        """The address of a database in this cluster."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, name: str | None = None, template: str = "template1") -> str:
        """Make a database and return its address."""
        database = name or f"test_{uuid.uuid4().hex}"
        self._run("createdb", "--template", template, database)
        return self.url(database)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run("dropdb", "--force", "--if-exists", url.rsplit("/", 1)[1])

    def _run(self, program: str, *arguments: str) -> None:
        place = ("--host", "127.0.0.1", "--port", str(self.port), "--username", "postgres")
        _execute([str(self.programs / program), *place, *arguments])


def find_programs() -> Path:
    """The directory that holds ``initdb`` and ``postgres``, the newest version first.

    Raises:
        PostgresMissingError: PostgreSQL is not installed.
    """
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0])
    )
    if installed:
        return installed[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise PostgresMissingError("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    return Path(on_path).resolve().parent


@contextmanager
def throwaway_cluster(settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Run a cluster for as long as the block lasts."""
    programs = find_programs()
    directory = Path(tempfile.mkdtemp(prefix="archwright-postgres-"))
    owner = _owner()
    if owner is not None:
        os.chown(directory, owner.pw_uid, owner.pw_gid)
    data = directory / "data"
    try:
        _initialise(programs, data)
        port = _start(programs, data, {**_UNDURABLE, **(settings or {})})
        try:
            yield Cluster(port, directory, programs)
        finally:
            _execute([str(programs / "pg_ctl"), "stop", "-D", str(data), "-m", "immediate", "-w"], as_owner=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _initialise(programs: Path, data: Path) -> None:
    options = ("--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
    _execute([str(programs / "initdb"), "-D", str(data), *options], as_owner=True)


def _start(programs: Path, data: Path, settings: Mapping[str, str]) -> int:
    """Start the server on a free port, trying again when another process took the port first."""
    attempts = 5
    for attempt in range(attempts):
        port = free_port()
        options = {**settings, "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        flags = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in options.items())
        log = str(data.parent / "log")
        try:
            command = [str(programs / "pg_ctl"), "start", "-D", str(data), "-l", log, "-w", "-t", "60", "-o", flags]
            _execute(command, as_owner=True)
        except RuntimeError:
            if attempt == attempts - 1:
                raise
        else:
            return port
    raise AssertionError("the loop returns or raises")


def _owner() -> pwd.struct_passwd | None:
    """The account that must own the cluster: PostgreSQL refuses to run as root."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _execute(command: list[str], *, as_owner: bool = False) -> None:
    owner = _owner() if as_owner else None
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        check=False,
        text=True,
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()}")
