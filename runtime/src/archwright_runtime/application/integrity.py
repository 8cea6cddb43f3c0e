"""What was built, exactly as it was locked: every digest is checked before anything is used."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ..errors import IntegrityError
from ..plan import Plan, decode

LOCK = "archwright.lock.json"
PLAN = "plan.json"
OPENAPI = "openapi.json"
MIGRATIONS = "migrations"
LOCK_FORMAT = 1

_MOST_BYTES = 64 * 1024 * 1024


class Lock(msgspec.Struct, frozen=True):
    """What the runtime reads of the lock; the rest of it speaks to the toolchain."""

    format: int
    files: dict[str, str]
    components: Any = None


@dataclass(frozen=True)
class Distribution:
    """A built service whose digests were checked.

    Attributes:
        directory: where it lies.
        plan: what to run.
        openapi: its description, byte for byte; empty where the service has none.
    """

    directory: Path
    plan: Plan
    openapi: bytes

    @property
    def migrations(self) -> Path:
        """The directory of migrations."""
        return self.directory / MIGRATIONS


def load(directory: Path) -> Distribution:
    """Read a built service, refusing one whose bytes are not the locked ones.

    Raises:
        IntegrityError: a file is missing, differs, or was never locked.
        PlanError: the plan needs a newer runtime.
    """
    lock = _read_lock(directory)
    contents = {name: _checked(directory, name, digest) for name, digest in sorted(lock.files.items()) if _ours(name)}
    if PLAN not in contents:
        raise IntegrityError(f"{LOCK} names no {PLAN}")
    _refuse_strays(directory, set(contents))
    return Distribution(directory, decode(contents[PLAN]), contents.get(OPENAPI, b""))


def digest(data: bytes) -> str:
    """A digest as the lock writes it."""
    return "sha256:" + sha256(data).hexdigest()


def _read_lock(directory: Path) -> Lock:
    data = _read(directory / LOCK)
    try:
        lock = msgspec.json.decode(data, type=Lock)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise IntegrityError(f"{LOCK} is not a lock: {error}") from None
    if lock.format != LOCK_FORMAT:
        raise IntegrityError(f"{LOCK} has format {lock.format}; this runtime reads format {LOCK_FORMAT}")
    return lock


def _ours(name: str) -> bool:
    return name in (PLAN, OPENAPI) or name.startswith(MIGRATIONS + "/")


def _checked(directory: Path, name: str, expected: str) -> bytes:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise IntegrityError(f"{LOCK} names a file outside of the service: {name}")
    data = _read(directory / path)
    found = digest(data)
    if not compare_digest(found.encode(), expected.encode()):
        raise IntegrityError(f"{name} differs from what was locked: expected {expected}, found {found}")
    return data


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise IntegrityError(f"{path.name} is missing in {path.parent}") from None
    except OSError as error:
        raise IntegrityError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise IntegrityError(f"{path.name} has more than {_MOST_BYTES} bytes")
    return data


def _refuse_strays(directory: Path, locked: set[str]) -> None:
    for path in sorted((directory / MIGRATIONS).glob("*.sql")):
        if f"{MIGRATIONS}/{path.name}" not in locked:
            raise IntegrityError(f"{MIGRATIONS}/{path.name} was never locked")
