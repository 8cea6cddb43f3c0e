"""`archwright new --contract`: a first assembly that says what is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archwright.assembler.contract.document import document
from archwright.assembler.plan import canonical
from archwright.bootstrap import check, drafted
from archwright.language.assembly import read_assembly
from toolchain.tests.assemblies import CORPUS, ROOT
from toolchain.tests.cli.program import archwright, tree

_BLOG = CORPUS / "contract/fulfilled/inherited.openapi.yaml"
_OF_THE_DOCUMENT = ("assembly", "expression", "yaml")


def test_a_blog(tmp_path: Path) -> None:
    """Entities, views and steps are derived where the contract is plain; the contract stands beside them."""
    done = archwright("new", "blog", "--contract", str(_BLOG), cwd=tmp_path)

    document, findings = read_assembly((tmp_path / "blog/assembly.yaml").read_bytes())
    assert (done.code, done.out, findings) == (0, "", ())
    assert done.err.splitlines()[-1] == "next: archwright check blog --left"
    assert document is not None and set(document.model.entities) == {"Post"}
    assert {name: [step.kind for step in one.steps] for name, one in document.model.operations.items()} == {
        "ListPosts": ["list"],
        "CreatePost": ["create", "get"],
    }
    assert tree(tmp_path)["blog/openapi.yaml"] == _BLOG.read_bytes()


def test_nothing_is_allowed(tmp_path: Path) -> None:
    """A draft gives nobody any right, and asks who has which."""
    archwright("new", "blog", "--contract", str(_BLOG), cwd=tmp_path)

    document, _ = read_assembly((tmp_path / "blog/assembly.yaml").read_bytes())
    questions = (tmp_path / "blog/questions.md").read_text("utf-8")
    assert document is not None and not any(one.access for one in document.model.operations.values())
    assert not any(entity.permissions for entity in document.model.entities.values())
    assert "- [ ] Who may run `CreatePost` (POST /v1/posts)?\n" in questions


def test_what_is_left(tmp_path: Path) -> None:
    """Checking a draft lists each operation of the contract with what is missing, and ends with 1."""
    archwright("new", "blog", "--contract", str(_BLOG), cwd=tmp_path)

    left = archwright("check", "blog", "--left", "--catalog", str(ROOT / "catalog"), cwd=tmp_path)

    lines = left.out.splitlines()
    assert (left.code, lines[0]) == (1, "# 0 of 2 done")
    assert "- [ ] `GET /v1/posts` listPosts" in lines and "## Besides" in lines


def test_nothing_left() -> None:
    """Where everything is served each operation is ticked off, and checking ends with 0."""
    case = CORPUS / "contract/fulfilled/inherited.assembly.yaml"

    left = archwright("check", str(case), "--left", "--catalog", str(ROOT / "catalog"), cwd=ROOT)

    assert left.code == 0
    assert left.out == "# 2 of 2 done\n\n- [x] `GET /v1/posts` listPosts\n- [x] `POST /v1/posts` createPost\n"


def test_no_contract(tmp_path: Path) -> None:
    """Asking for what is left without a contract cannot be done."""
    archwright("new", "tasks", cwd=tmp_path)

    done = archwright("check", "tasks", "--left", "--catalog", str(ROOT / "catalog"), cwd=tmp_path)

    assert (done.code, done.out) == (2, "") and done.err.startswith("error: there is no contract\n")


def test_a_broken_contract(tmp_path: Path) -> None:
    """A document that is no contract gives its findings, and nothing is written."""
    (tmp_path / "old.yaml").write_text("swagger: '2.0'\npaths: {}\n")

    done = archwright("new", "blog", "--contract", "old.yaml", cwd=tmp_path)

    assert done.code == 1 and done.out.startswith("error[contract/not-openapi]")
    assert list(tree(tmp_path)) == ["old.yaml"]


@pytest.mark.parametrize("example", ["helpdesk", "inventory", "leave-requests", "room-booking"])
def test_of_a_whole_service(example: str, tmp_path: Path) -> None:
    """A draft of any contract is a document whose names all mean something; only rights and proof are left."""
    plan = check(ROOT / "examples" / example, catalog=ROOT / "catalog").plan
    assert plan is not None
    contract = tmp_path / "contract.json"
    contract.write_bytes(canonical(document(plan)))

    for path, content in drafted(contract, "again").files.items():
        (tmp_path / path).write_bytes(content)

    checked = check(tmp_path, catalog=ROOT / "catalog")
    assert [finding for finding in checked.findings if finding.area in _OF_THE_DOCUMENT] == []
    assert checked.contract is not None and all(one.operation for one in checked.contract.kept)
    assert json.loads(contract.read_bytes())["paths"].keys() == {one.title.split()[1] for one in checked.contract.kept}
