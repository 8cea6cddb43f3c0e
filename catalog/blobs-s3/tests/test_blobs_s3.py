"""Files kept in a bucket of a real S3 server, in a service as people use it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from archwright_std_blobs_s3.store import Store
from testing_support.assembled import Assembled, assemble, started
from testing_support.ports import free_port

ASSEMBLY = """
assembly: album
version: 1.0.0
owner: tests
settings: {store: {type: text, default: s3.example.org}}
components:
  blobs:
    use: std/blobs-s3@^1
    config: {host: "${settings.store}", bucket: album, prefix: photos/, security: none, timeout: 2}
entities:
  Photo:
    fields:
      title: {type: text(20), required: true, unique: true}
      file: {file: {max: 8MB}, required: true}
    permissions:
      anyone: {read: true}
      Add: {create: true}
      Remove: {delete: true, read: true}
operations:
  Add:
    trigger: {http: POST /api/photos}
    access: [anyone]
    public: Anybody may add.
    input: {title: text(20)!, file: {file: {max: 8MB}, required: true}}
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
SECRETS = {"BLOBS_ACCESS_KEY_ID": "only-in-tests", "BLOBS_SECRET_ACCESS_KEY": "a-secret-that-only-these-tests-use"}
SMALL, LARGE = bytes(range(256)) * 40, bytes(range(256)) * 25_000


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service."""
    return assemble(ASSEMBLY, tmp_path_factory.mktemp("album"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 server of these tests."""
    made = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    made.start()
    host, port = made.get_host_and_port()
    yield f"{host}:{port}"
    made.stop()


@pytest.fixture
def bucket(server: str) -> Iterator[S3Store]:
    """An empty bucket, as its owner sees it."""
    import boto3

    keys = {"aws_access_key_id": "owner", "aws_secret_access_key": "owner", "region_name": "us-east-1"}
    client: Any = boto3.resource("s3", endpoint_url=f"http://{server}", **keys)
    made = client.create_bucket(Bucket="album")
    yield S3Store(
        "album",
        endpoint=f"http://{server}",
        access_key_id="owner",
        secret_access_key="owner",
        region="us-east-1",
        client_options={"allow_http": True},
    )
    made.objects.all().delete()
    made.delete()


def _names(bucket: S3Store) -> list[str]:
    return sorted(one["path"] for page in bucket.list() for one in page)


async def _add(service: Assembled, title: str, content: bytes = SMALL) -> Any:
    files = {"file": ("../../etc/passwd", content, "application/octet-stream")}
    return await service.visitor().upload("/api/photos", files, {"title": title})


async def _sweep(service: Assembled, *days: int) -> None:
    jobs, now = service.application.engine.background.jobs, datetime.now(UTC)
    await jobs.enter(now)
    for day in days:
        await jobs.round(now + timedelta(days=day))


async def test_bytes_lie_in_the_bucket_and_nowhere_else(
    dist: Path, database: str, server: str, bucket: S3Store
) -> None:
    """An object is named by its id; small ones and those sent in parts come back whole and in ranges."""
    async with started(dist, database, settings={"STORE": server}, secrets=SECRETS) as service:
        photos = [(await _add(service, title, content)).json() for title, content in (("a", SMALL), ("b", LARGE))]
        shown = [await service.visitor().get(f"/api/photos/{photo['id']}/file") for photo in photos]
        tail = await service.visitor().get(f"/api/photos/{photos[1]['id']}/file", {"range": "bytes=6000000-6000009"})
        stored = await service.application.engine.database.fetch("SELECT content FROM archwright_blob")

    assert _names(bucket) == sorted(f"photos/{photo['file']['id']}" for photo in photos)
    assert [one.body for one in shown] == [SMALL, LARGE]
    assert (tail.status, tail.body) == (206, LARGE[6_000_000:6_000_010])
    assert {bytes(one[0]) for one in stored} == {b""}


async def test_what_no_row_needs_goes(dist: Path, database: str, server: str, bucket: S3Store) -> None:
    """A refused upload goes at once, a deleted file after two sweeps, an orphan a day later; the rest stays."""
    async with started(dist, database, settings={"STORE": server}, secrets=SECRETS) as service:
        gone, kept = (await _add(service, "a")).json(), (await _add(service, "b")).json()
        refused = await _add(service, "b")
        await bucket.put_async(f"photos/{'0' * 22}", b"left by a crash")
        await bucket.put_async("photos/notes.txt", b"not ours")
        before = len(_names(bucket))
        await service.visitor().delete(f"/api/photos/{gone['id']}")
        await _sweep(service, 2, 3)

    assert (refused.status, before) == (409, 4)
    assert _names(bucket) == sorted(["photos/notes.txt", f"photos/{kept['file']['id']}"])


async def test_a_store_that_does_not_answer_is_busy(dist: Path, tmp_path: Path) -> None:
    """Nobody waits for ever, nothing is stored, and no address is told."""
    nowhere = f"127.0.0.1:{free_port()}"
    async with started(
        dist, f"sqlite:///{tmp_path}/service.db", settings={"STORE": nowhere}, secrets=SECRETS
    ) as service:
        refused = await _add(service, "a")
        rows = await service.application.engine.database.fetch("SELECT count(*) FROM archwright_blob")

    assert (refused.status, rows[0][0]) == (503, 0)
    assert nowhere.encode() not in refused.body


@pytest.mark.parametrize("id", ["../other/object", "a" * 65, "short", "?" * 22, "é" * 22])
async def test_only_ids_are_names(bucket: S3Store, id: str) -> None:
    """Whatever asks for something else is refused before anything is sent."""
    with pytest.raises(ValueError, match="no id"):
        await Store(bucket, "photos/").delete([id])
