"""Files kept in a directory, in a service as people use it."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.errors import PlanError
from archwright_std_blobs_directory.directory import Directory
from testing_support.assembled import Assembled, assemble, started

ASSEMBLY = """
assembly: album
version: 1.0.0
owner: tests
settings: {files: {type: text, default: /data/files}}
components:
  blobs: {use: std/blobs-directory@^1, config: {directory: "${settings.files}"}}
entities:
  Photo:
    fields:
      title: {type: text(20), required: true, unique: true}
      file: {file: {max: 2MB}, required: true}
    permissions:
      anyone: {read: true}
      Add: {create: true}
      Remove: {delete: true, read: true}
operations:
  Add:
    trigger: {http: POST /api/photos}
    access: [anyone]
    public: Anybody may add.
    input: {title: text(20)!, file: {file: {max: 2MB}, required: true}}
    steps: [{create: Photo, set: {title: "${input.title}", file: "${input.file}"}, as: photo}]
    returns: {status: 201, body: "${photo}"}
  Remove:
    trigger: {http: "DELETE /api/photos/{id}"}
    access: [anyone]
    public: Anybody may remove.
    steps: [{delete: Photo, where: "this.id == input.id"}]
  Show:
    trigger: {http: "GET /api/photos/{id}/file"}
    access: [anyone]
    steps: [{get: Photo, where: "this.id == input.id", as: photo}]
    returns: {file: "${photo.file}"}
"""
CONTENT = bytes(range(256)) * 4_000


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service."""
    return assemble(ASSEMBLY, tmp_path_factory.mktemp("album"))


async def _add(service: Assembled, title: str, content: bytes = CONTENT) -> Any:
    files = {"file": ("../../etc/passwd", content, "application/octet-stream")}
    return await service.visitor().upload("/api/photos", files, {"title": title})


def _kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def _sweep(service: Assembled, job: str, *days: int) -> None:
    jobs, now = service.application.engine.background.jobs, datetime.now(UTC)
    await jobs.enter(now)
    for day in days:
        await jobs.round(now + timedelta(days=day))
    assert job


async def test_bytes_lie_in_the_directory_and_nowhere_else(dist: Path, database: str, tmp_path: Path) -> None:
    """A file is named by its id, readable by its owner only, and comes back whole and in parts."""
    folder = tmp_path / "files"
    async with started(dist, database, settings={"FILES": str(folder)}) as service:
        photo = (await _add(service, "a")).json()
        whole = await service.visitor().get(f"/api/photos/{photo['id']}/file")
        part = await service.visitor().get(f"/api/photos/{photo['id']}/file", {"range": "bytes=262140-262147"})
        stored = await service.application.engine.database.fetch("SELECT content FROM archwright_blob")

    assert [path.name for path in _kept(folder)] == [photo["file"]["id"]]
    assert stat.S_IMODE(_kept(folder)[0].stat().st_mode) == 0o600
    assert bytes(stored[0][0]) == b""
    assert (whole.body == CONTENT, part.status, part.body) == (True, 206, CONTENT[262140:262148])
    assert photo["file"]["name"] == "passwd"


async def test_a_refused_operation_leaves_nothing(dist: Path, database: str, tmp_path: Path) -> None:
    """What was written before the transaction goes with it."""
    folder = tmp_path / "files"
    async with started(dist, database, settings={"FILES": str(folder)}) as service:
        first = await _add(service, "a")
        second = await _add(service, "a")

    assert (first.status, second.status) == (201, 409)
    assert len(_kept(folder)) == 1


async def test_a_file_goes_after_its_last_row(dist: Path, database: str, tmp_path: Path) -> None:
    """A sweep marks what no row refers to, a later one removes row and bytes; other files stay."""
    folder = tmp_path / "files"
    async with started(dist, database, settings={"FILES": str(folder)}) as service:
        gone, kept = (await _add(service, "a")).json(), (await _add(service, "b")).json()
        await service.visitor().delete(f"/api/photos/{gone['id']}")
        await _sweep(service, "sweeps:files", 1, 2)

    assert [path.name for path in _kept(folder)] == [kept["file"]["id"]]


async def test_bytes_without_a_row_are_swept(dist: Path, database: str, tmp_path: Path) -> None:
    """What a crash left behind goes after a day, finished or not; what is younger may belong to a transaction."""
    folder = tmp_path / "files"
    async with started(dist, database, settings={"FILES": str(folder)}) as service:
        kept = (await _add(service, "a")).json()["file"]["id"]
        (folder / "Zz").mkdir()
        for name, days in ((f"Zz{'0' * 20}", 3), (f"Zz{'1' * 20}.part", 3), (f"Zz{'2' * 20}", 0)):
            (folder / "Zz" / name).write_bytes(b"left")
            moment = (datetime.now(UTC) - timedelta(days=days)).timestamp() + 90_000 * (days == 0)
            os.utime(folder / "Zz" / name, (moment, moment))
        await _sweep(service, "sweeps:store", 1)

    assert {path.name for path in _kept(folder)} == {kept, f"Zz{'2' * 20}"}


async def test_a_link_is_never_followed(dist: Path, database: str, tmp_path: Path) -> None:
    """A link in the place of a file or a part of the directory gives nothing, whatever it points to."""
    folder, secret = tmp_path / "files", tmp_path / "secret"
    secret.write_bytes(CONTENT)
    async with started(dist, database, settings={"FILES": str(folder)}) as service:
        photo = (await _add(service, "a")).json()
        path = _kept(folder)[0]
        path.unlink()
        path.symlink_to(secret)
        shown = await service.visitor().get(f"/api/photos/{photo['id']}/file")

    assert shown.status == 503
    assert CONTENT not in shown.body


async def test_a_store_that_is_gone_stops_the_start(dist: Path, tmp_path: Path) -> None:
    """A database that knows files of a store does not run without it."""
    database = f"sqlite:///{tmp_path}/service.db"
    async with started(dist, database, settings={"FILES": str(tmp_path / "files")}) as service:
        await _add(service, "a")
    plain = ASSEMBLY.replace('{use: std/blobs-directory@^1, config: {directory: "${settings.files}"}}', "")
    plain = plain.replace("components:\n  blobs: \n", "")
    without = assemble(plain, tmp_path / "without")

    with pytest.raises(PlanError, match="std/blobs-directory"):
        async with started(without, database):
            pass


@pytest.mark.parametrize(
    "id", ["../../etc/passwd", "ab/../../../../../../x", "a" * 65, "short", "ab\x00" + "c" * 20, "é" * 22]
)
def test_only_ids_are_names(tmp_path: Path, id: str) -> None:
    """Whatever asks for something else is refused before the disk is touched."""
    directory = Directory(str(tmp_path / "files"))

    with pytest.raises(ValueError, match="no id"):
        directory.open(id)


def test_a_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """The directory itself is what was configured, not what a link makes of it."""
    (tmp_path / "real").mkdir()
    (tmp_path / "files").symlink_to(tmp_path / "real")

    with pytest.raises(OSError, match="files"):
        Directory(str(tmp_path / "files"))


def test_an_id_is_never_written_twice(tmp_path: Path) -> None:
    """What is there stays as it was."""
    directory = Directory(str(tmp_path / "files"))
    for content in (b"one", b"two"):
        file = directory.begin("A" * 22)
        os.write(file, content)
        try:
            directory.finish("A" * 22, file)
        except FileExistsError:
            directory.abandon("A" * 22)
        os.close(file)

    file = directory.open("A" * 22)
    assert os.read(file, 10) == b"one"
    os.close(file)


def test_a_deployment_shares_the_directory(dist: Path) -> None:
    """Every replica mounts one claim where the setting says by default."""
    (claim,) = (dist / "kubernetes").glob("volume-*.yaml")
    deployment = (dist / "kubernetes" / "deployment.yaml").read_text()

    assert "ReadWriteMany" in claim.read_text()
    assert "/data/files" in deployment
    assert "claimName: album-blobs-files" in deployment
