"""Files that components are given and make, in services assembled around a component that does no more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archwright.bootstrap import build
from archwright.registry.stores.directory import index
from testing_support.assembled import started

MANIFEST = """
component: test/stamp
version: 1.0.0
owner: tests
summary: Puts a line before a file.
use_when: Tests.
implementation: {module: archwright_test_stamp}
provides:
  capabilities:
    stamp.stamp:
      summary: A file with a line before it.
      input: {file: {file: {max: 1KB}, required: true}, line: text(100)!}
      output: {file: {file: {max: 200}, required: true}, size: int!}
      effects: [files]
    stamp.picture:
      summary: A file as an image, whatever it is.
      input: {file: {file: {max: 1KB}, required: true}}
      output: {image: {image: {max: 1KB}, required: true}}
      effects: [files]
    stamp.steal:
      summary: Reads what it was not given.
      input: {id: text(30)!}
      output: {size: int!}
claims: [stateless, telemetry, no-direct-data-access]
"""
MODULE = """
from archwright_runtime.component import Implementation


def create(host):
    async def stamp(context, input):
        content = await context.read(input["file"])
        name, content = "../" + input["file"]["name"], input["line"].encode() + content
        made = await context.store(content, name=name, media="text/plain")
        return {"file": made, "size": len(await context.read(made))}

    async def picture(context, input):
        content = await context.read(input["file"])
        return {"image": await context.store(content, name="a.png", media="image/png")}

    async def steal(context, input):
        file = {"id": input["id"], "name": "x", "media": "text/plain", "size": 1}
        return {"size": len(await context.read(file))}

    return Implementation(capabilities={"stamp": stamp, "picture": picture, "steal": steal})
"""
ASSEMBLY = """
assembly: stamped
version: 1.0.0
owner: tests
components:
  stamp: {use: test/stamp@^1}
entities:
  Paper:
    fields:
      title: text(100)!
      original: {file: {max: 1KB}, required: true}
      stamped: {file: {max: 150}, required: true}
      picture: image(1KB)
    permissions:
      anyone: {read: true}
      Stamp: {create: true}
      Show: {create: true}
operations:
  Stamp:
    trigger: {http: POST /api/papers}
    access: [anyone]
    public: Anybody may have a paper stamped.
    input: {title: text(100)!, original: {file: {max: 1KB}, required: true}}
    steps:
      - {call: stamp.stamp, file: "${input.original}", line: "${input.title}", as: made}
      - create: Paper
        set: {title: "${input.title}", original: "${input.original}", stamped: "${made.file}"}
        as: paper
    returns: {status: 201, body: "${paper}"}
  Show:
    trigger: {http: POST /api/pictures}
    access: [anyone]
    public: Anybody may keep a picture.
    input: {original: {file: {max: 1KB}, required: true}}
    steps:
      - {call: stamp.picture, file: "${input.original}", as: made}
      - create: Paper
        set: {title: "p", original: "${made.image}", stamped: "${made.image}", picture: "${made.image}"}
        as: paper
    returns: {status: 201, body: "${paper}"}
  Download:
    trigger: {http: "GET /api/papers/{id}/stamped"}
    access: [anyone]
    steps: [{get: Paper, where: "this.id == input.id", as: paper}]
    returns: {file: "${paper.stamped}"}
  Steal:
    trigger: {http: "GET /api/stolen/{file}"}
    access: [anyone]
    input: {file: text(30)!}
    steps: [{call: stamp.steal, id: "${input.file}", as: stolen}]
    returns: {body: {size: "${stolen.size}"}}
"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The service around the component."""
    root = tmp_path_factory.mktemp("files")
    component = root / "catalog" / "stamp"
    package = component / "src" / "archwright_test_stamp"
    package.mkdir(parents=True)
    (component / "component.yaml").write_text(MANIFEST)
    (package / "__init__.py").write_text(MODULE)
    (root / "catalog" / "index.json").write_bytes(index(root / "catalog"))
    (root / "assembly.yaml").write_text(ASSEMBLY)
    outcome = build(root, catalog=root / "catalog")
    assert outcome.output is not None, [str(one) for one in outcome.findings]
    sys.path.insert(0, str(component / "src"))
    yield outcome.output
    sys.path.remove(str(component / "src"))


async def test_a_component_reads_a_file_and_stores_another(dist: Path, database: str) -> None:
    """What a capability makes of an upload is kept in a row, under a safe name, and downloaded."""
    async with started(dist, database) as service:
        visitor = service.visitor()

        made = await visitor.upload("/api/papers", {"original": ("a.txt", b"body", "text/plain")}, {"title": "Head "})
        shown = await visitor.get(f"/api/papers/{made.json()['id']}/stamped")

    assert made.status == 201, made.body
    assert made.json()["stamped"] | {"id": ""} == {"id": "", "name": "a.txt", "media": "text/plain", "size": 9}
    assert shown.body == b"Head body"


async def test_a_file_that_a_component_made_is_held_against_the_field(dist: Path, database: str) -> None:
    """A stored file that is larger than the field takes is refused, and nothing stays behind."""
    async with started(dist, database) as service:
        files = {"original": ("a.txt", b"x" * 170, "text/plain")}

        refused = await service.visitor().upload("/api/papers", files, {"title": "T"})
        left = await service.application.engine.database.fetch("SELECT count(*) FROM archwright_blob")

    assert (refused.status, refused.problems) == (422, {"": "too-large"})
    assert left[0][0] == 0


async def test_bytes_decide_what_a_made_image_is(dist: Path, database: str) -> None:
    """A component that calls any bytes an image is stopped; a real one is kept."""
    async with started(dist, database) as service:
        visitor = service.visitor()

        good = await visitor.upload("/api/pictures", {"original": ("a.png", PNG, "image/png")})
        bad = await visitor.upload("/api/pictures", {"original": ("a.png", b"<html>", "text/plain")})

    assert (good.status, good.json()["picture"]["media"]) == (201, "image/png")
    assert bad.status == 500


async def test_a_component_reads_only_what_it_was_given(dist: Path, database: str) -> None:
    """Knowing the id of a file does not give its bytes."""
    async with started(dist, database) as service:
        visitor = service.visitor()
        made = await visitor.upload("/api/papers", {"original": ("a.txt", b"body", "text/plain")}, {"title": "T"})

        stolen = await visitor.get(f"/api/stolen/{made.json()['original']['id']}")

    assert stolen.status == 500
