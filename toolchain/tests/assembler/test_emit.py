"""A whole emission: complete, consistent, and the same bytes wherever it is made."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.assembler.emit import Emission
from archwright.assembler.lock import read
from archwright.assembler.plan import Plan, canonical, to_data
from toolchain.tests import plans
from toolchain.tests.assembler import emissions
from toolchain.tests.assembler.emissions import INPUTS, emitted

EXPECTED = {
    "Containerfile",
    "archwright.lock.json",
    "database/grants.sql",
    "database/roles.sql",
    "decision.json",
    "decision.md",
    "digests.json",
    "kubernetes/config.yaml",
    "kubernetes/deployment.yaml",
    "kubernetes/disruption-budget.yaml",
    "kubernetes/kustomization.yaml",
    "kubernetes/migration.yaml",
    "kubernetes/network-policy.yaml",
    "kubernetes/service-account.yaml",
    "kubernetes/service.yaml",
    "migrations/0001-create.postgresql.sql",
    "migrations/0001-create.sqlite.sql",
    "openapi.json",
    "plan.json",
    "provenance.json",
    "requirements.txt",
    "sbom.cdx.json",
    "summary.html",
}
PLACES = [
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8"},
]
PROGRAM = """
import hashlib, sys
from toolchain.tests.assembler.emissions import helpdesk, leave_requests
for emission in (helpdesk(), leave_requests()):
    for path, content in emission.files.items():
        print(path, hashlib.sha256(content).hexdigest())
"""


def digests(emission: Emission) -> list[str]:
    """A line for each file."""
    return [f"{path} {hashlib.sha256(content).hexdigest()}" for path, content in emission.files.items()]


def test_everything_is_emitted() -> None:
    """An emission has every file that deployment, review and audit need."""
    assert set(emissions.leave_requests().files) == EXPECTED


@pytest.mark.parametrize("place", PLACES, ids=["C", "far away"])
def test_another_process_gives_the_same_bytes(place: dict[str, str]) -> None:
    """Neither hashing, nor the zone, nor the language of the machine changes a byte."""
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"], **place}

    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == digests(emissions.helpdesk()) + digests(emissions.leave_requests())


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_names_changes_nothing_but_columns(random: Any) -> None:
    """Operations, pages, roles and components may come in any order: the plan is the same bytes."""
    plan = plans.helpdesk()

    def shuffled(found: dict[str, Any]) -> dict[str, Any]:
        keys = list(found)
        random.shuffle(keys)
        return {key: found[key] for key in keys}

    other = replace(plan, operations=shuffled(plan.operations), roles=shuffled(plan.roles), pages=shuffled(plan.pages))

    first, second = emissions.helpdesk(), emitted(other)
    for path in ("plan.json", "openapi.json", "decision.json", "decision.md", "migrations/0001-create.sqlite.sql"):
        assert first.files[path] == second.files[path]


@pytest.mark.parametrize("plan", [plans.leave_requests(), plans.helpdesk()], ids=["leave-requests", "helpdesk"])
def test_a_second_build_changes_nothing(plan: Plan) -> None:
    """Building again from one's own lock gives the same files and no migration."""
    first = emitted(plan)

    second = emitted(plan, replace(INPUTS, previous=first.lock, migrations=first.files))

    assert second.changes == ()
    assert second.files == first.files


def test_the_lock_names_every_file() -> None:
    """The lock holds the digest of every file but itself and the list that includes it."""
    emission = emissions.leave_requests()
    lock, _ = read(emission.files["archwright.lock.json"])

    assert lock is not None
    assert lock == emission.lock
    expected = {path: f"sha256:{hashlib.sha256(content).hexdigest()}" for path, content in emission.files.items()}
    del expected["archwright.lock.json"], expected["digests.json"]
    assert lock.files == expected


def test_the_digests_include_the_lock() -> None:
    """``digests.json`` names every file but itself."""
    files = emissions.leave_requests().files

    found = json.loads(files["digests.json"])

    assert found == {
        path: f"sha256:{hashlib.sha256(content).hexdigest()}"
        for path, content in files.items()
        if path != "digests.json"
    }


def test_the_plan_is_canonical() -> None:
    """The plan is sorted, compact JSON without anything that holds its default."""
    emission = emissions.leave_requests()

    assert emission.files["plan.json"] == canonical(to_data(plans.leave_requests()))
    assert canonical(json.loads(emission.files["plan.json"])) == emission.files["plan.json"]


def test_no_file_names_a_place_of_the_machine() -> None:
    """Nothing that is emitted says where it was made."""
    for path, content in emissions.helpdesk().files.items():
        for word in (b"/home/", b"/root", b"/work", os.getcwd().encode()):
            assert word not in content, path
