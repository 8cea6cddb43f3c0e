"""What is emitted for those who deploy: image, manifests, database roles, bill of materials, provenance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.assembler.blocks import to_yaml
from archwright.assembler.plan import Setting, Type
from archwright.assembler.wheels import read_wheels
from archwright_runtime.persistence.system import tables
from testing_support.postgres import Cluster
from toolchain.tests import plans
from toolchain.tests.assembler.emissions import INPUTS, WHEELS, emitted, helpdesk, leave_requests, text
from toolchain.tests.assembler.migration.databases import statements

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=40), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=40), PLAIN))
def test_yaml_reads_back(data: dict[str, Any]) -> None:
    """What is written as YAML is what an ordinary reader gets."""
    assert yaml.safe_load(to_yaml(data)) == data


def manifest(name: str) -> dict[str, Any]:
    """One object of the cluster."""
    made: dict[str, Any] = yaml.safe_load(text(leave_requests(), f"kubernetes/{name}.yaml"))
    return made


def pods() -> Iterator[dict[str, Any]]:
    """The specification of each kind of pod."""
    for name in ("deployment", "migration"):
        yield manifest(name)["spec"]["template"]["spec"]


def test_pods_have_no_rights() -> None:
    """No pod runs as root, writes its file system, gains rights or reaches the cluster."""
    for pod in pods():
        [container] = pod["containers"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= set(container["resources"]["limits"])


def test_secrets_are_named_and_never_written() -> None:
    """Secrets are mounted by name; the database's address comes from one; migrations use another account."""
    serving, migrating = pods()

    [volume] = [volume["secret"] for volume in serving["volumes"] if volume["name"] == "secrets"]
    addresses = [pod["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"]["name"] for pod in (serving, migrating)]

    assert [item["key"] for item in volume["items"]] == ["service-key", "accounts.session-key"]
    assert addresses == ["leave-requests-database", "leave-requests-database-owner"]

    written = "".join(text(leave_requests(), path) for path in leave_requests().files if path.startswith("kubernetes/"))
    assert "kind: Secret" not in written
    assert "password" not in written


def test_replicas_are_probed() -> None:
    """The cluster asks whether a replica lives and whether it is ready."""
    [container] = manifest("deployment")["spec"]["template"]["spec"]["containers"]

    paths = {name: container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}

    assert paths == {"startupProbe": "/health/live", "livenessProbe": "/health/live", "readinessProbe": "/health/ready"}


def test_only_declared_egress_is_open() -> None:
    """Beside names and the database, only what a component declares can be reached."""
    egress = manifest("network-policy")["spec"]["egress"]

    ports = sorted({port["port"] for rule in egress for port in rule["ports"]})

    assert ports == [25, 53, 465, 587, 5432]
    assert "Egress" in manifest("network-policy")["spec"]["policyTypes"]


def test_settings_with_defaults_are_configured_and_others_asked_for() -> None:
    """A setting without a default must come from the one who deploys; it is never left empty."""
    plan = plans.leave_requests()
    wanted = {
        **plan.settings,
        "region": Setting(type=plans.TEXT, required=True),
        "days": Setting(type=Type(kind="list", item=plans.TEXT), default=["mon", "tue"]),
        "strict": Setting(type=Type(kind="bool"), default=True),
    }
    emission = emitted(replace(plan, settings=wanted))

    config = yaml.safe_load(text(emission, "kubernetes/config.yaml"))["data"]
    deployment = yaml.safe_load(text(emission, "kubernetes/deployment.yaml"))
    environment = deployment["spec"]["template"]["spec"]["containers"][0]["env"]

    given = {key: value for key, value in config.items() if "SETTING" in key}
    assert given == {
        "ARCHWRIGHT_SETTING_DAYS": "mon,tue",
        "ARCHWRIGHT_SETTING_SMTP_HOST": "localhost",
        "ARCHWRIGHT_SETTING_STRICT": "true",
    }
    assert environment[1] == {
        "name": "ARCHWRIGHT_SETTING_REGION",
        "valueFrom": {"configMapKeyRef": {"name": "leave-requests-settings", "key": "region"}},
    }


def test_names_fit_into_the_cluster() -> None:
    """However long a service's name is, every object's name is a DNS label."""
    emission = emitted(replace(plans.leave_requests(), name="a-" * 60 + "b"))

    for path in emission.files:
        if path.startswith("kubernetes/") and "kustomization" not in path:
            name = yaml.safe_load(text(emission, path))["metadata"]["name"]
            assert len(name) <= 63
            assert name[-1].isalnum()


def test_a_new_migration_is_a_new_job() -> None:
    """A job cannot be changed, so other migrations are a job of another name."""
    first = leave_requests()
    plan = plans.leave_requests()
    status = replace(plan.entities["LeaveRequest"], indexes=())
    second = emitted(
        replace(plan, entities={**plan.entities, "LeaveRequest": status}),
        replace(INPUTS, previous=first.lock, migrations=first.files),
    )

    names = {yaml.safe_load(text(each, "kubernetes/migration.yaml"))["metadata"]["name"] for each in (first, second)}

    assert len(names) == 2


def test_the_image_runs_without_rights_and_holds_no_secret() -> None:
    """The image runs as nobody, installs nothing that is not pinned, and is given secrets only when it runs."""
    recipe = text(leave_requests(), "Containerfile")

    assert "USER 65532:65532" in recipe
    assert "--require-hashes" in recipe
    assert recipe.count("--no-index") == 2
    assert "SECRET" not in recipe
    assert "archwright-runtime==0.1.0 archwright-std-accounts==1.0.0" in recipe


def test_every_requirement_is_pinned_by_hash() -> None:
    """Each distribution from elsewhere has one exact version and its hashes."""
    found = read_wheels(text(leave_requests(), "requirements.txt"))

    assert [(wheel.name, wheel.version, wheel.hashes) for wheel in found] == [
        (wheel.name, wheel.version, wheel.hashes) for wheel in WHEELS
    ]
    assert all(wheel.hashes for wheel in found)


def test_the_runtime_stays_small() -> None:
    """A deployed service carries at most twenty distributions, the runtime and its accounts included."""
    assert len(WHEELS) + 2 <= 20


def test_the_bill_of_materials_is_whole() -> None:
    """Every wheel and component is listed once, and every dependency leads to something that is listed."""
    bill = json.loads(text(leave_requests(), "sbom.cdx.json"))

    references = [part["bom-ref"] for part in bill["components"]]
    service = bill["metadata"]["component"]["bom-ref"]
    named = {wheel.name for wheel in WHEELS} | {"archwright-runtime", "accounts"}
    assert {part["name"] for part in bill["components"]} == named
    assert len(references) == len(set(references))
    assert {each["ref"] for each in bill["dependencies"]} == {*references, service}
    assert all(target in references for each in bill["dependencies"] for target in each["dependsOn"])
    assert "timestamp" not in json.dumps(bill)


def test_other_contents_are_another_bill() -> None:
    """The serial number follows from what is described."""
    serials = {json.loads(text(each, "sbom.cdx.json"))["serialNumber"] for each in (leave_requests(), helpdesk())}

    assert len(serials) == 2


def test_provenance_names_what_was_made_from_what() -> None:
    """The statement's subjects are the emitted files, its dependencies the documents and components."""
    emission = leave_requests()

    statement = json.loads(text(emission, "provenance.json"))

    subjects = {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}
    others = {"archwright.lock.json", "digests.json", "provenance.json"}
    assert subjects == {
        path: hashlib.sha256(content).hexdigest() for path, content in emission.files.items() if path not in others
    }
    sources = [each["name"] for each in statement["predicate"]["buildDefinition"]["resolvedDependencies"]]
    assert sources == ["assembly.yaml", "std/accounts@1.0.0"]


@pytest.mark.postgresql
def test_the_service_can_change_rows_and_nothing_else(postgres_cluster: Cluster, postgres_database: str) -> None:
    """With the emitted roles the service reads and writes its rows, and can neither change tables nor the audit."""
    emission = helpdesk()
    _run(postgres_database, text(emission, "database/roles.sql"))
    owner, app = (postgres_database.replace("postgres@", f"helpdesk_{role}@") for role in ("owner", "app"))
    _run(owner, tables("postgresql"))
    _run(owner, "\n".join(f"{each};" for each in statements(text(emission, "migrations/0001-create.postgresql.sql"))))
    _run(owner, text(emission, "database/grants.sql"))

    _run(app, "INSERT INTO tag VALUES ('t', 'a', now(), now(), 1); UPDATE tag SET name = 'b'; DELETE FROM tag")
    columns = "at, request, operation, entity, subject, action, fields"
    _run(app, f"INSERT INTO archwright_audit ({columns}) VALUES (now(), '', '', '', '', '', '')")
    for forbidden in (
        "CREATE TABLE other (id int)",
        "DROP TABLE tag",
        "ALTER TABLE tag ADD COLUMN x int",
        "TRUNCATE tag",
        "UPDATE archwright_audit SET caller = 'x'",
        "DELETE FROM archwright_audit",
        "DELETE FROM archwright_migration",
        "CREATE ROLE other",
        "SET ROLE helpdesk_owner",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _run(app, forbidden)
    _drop_roles(postgres_cluster, postgres_database)


@pytest.mark.postgresql
def test_roles_and_grants_can_be_repeated(postgres_cluster: Cluster, postgres_database: str) -> None:
    """Running the files again changes nothing and fails nowhere."""
    emission = helpdesk()
    owner = postgres_database.replace("postgres@", "helpdesk_owner@")
    _run(postgres_database, text(emission, "database/roles.sql"))
    _run(owner, tables("postgresql"))
    _run(owner, "\n".join(f"{each};" for each in statements(text(emission, "migrations/0001-create.postgresql.sql"))))

    for _ in range(2):
        _run(postgres_database, text(emission, "database/roles.sql"))
        _run(owner, text(emission, "database/grants.sql"))

    _drop_roles(postgres_cluster, postgres_database)


def _run(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(text.encode())


def _drop_roles(cluster: Cluster, url: str) -> None:
    """Roles belong to the cluster, which other tests use too."""
    cluster.drop(url)
    _run(cluster.url(), "DROP ROLE helpdesk_app; DROP ROLE helpdesk_owner")
