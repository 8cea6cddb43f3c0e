"""The manifest and the package say the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from archwright.language.component import Component, configured, read_component
from archwright.language.configuration import with_defaults
from archwright.language.reader import read
from archwright_std_accounts.policy import Policy

MANIFEST = Path(__file__).parent.parent / "component.yaml"

_CONFIGURATIONS = [
    {},
    {"session": "bearer", "register": "open"},
    {"session": "both", "register": "open", "reset": "mail", "setup": "code"},
    {"api": False},
    {"pages": False, "directory": "administrators"},
    {"path": "/auth", "cookie": "sid"},
]


def _under(config: dict[str, Any]) -> Component:
    root: Any = read(MANIFEST.read_bytes(), str(MANIFEST)).root
    schema = yaml.safe_load(MANIFEST.read_bytes())["config"]
    document, findings = configured(root, str(MANIFEST), with_defaults(schema, config))
    assert not findings
    assert document is not None
    return document.model


def test_the_manifest_has_no_findings() -> None:
    """The manifest is read without a finding."""
    assert read_component(MANIFEST.read_bytes(), str(MANIFEST)).findings == ()


@pytest.mark.parametrize("config", _CONFIGURATIONS)
def test_every_configuration_gives_a_manifest(config: dict[str, Any]) -> None:
    """Whatever is configured, what remains is a valid manifest."""
    assert _under(config).component == "std/accounts"


def test_each_capability_is_implemented(service: Any) -> None:
    """The manifest promises exactly the capabilities that the package provides."""
    promised = {name.partition(".")[2] for name in _under({}).provides.capabilities}

    assert set(service.implementation.capabilities) == promised


def test_the_defaults_are_those_of_the_package() -> None:
    """A configuration that says nothing means the same to the manifest and to the package."""
    schema = yaml.safe_load(MANIFEST.read_bytes())["config"]

    assert Policy.read(with_defaults(schema)) == Policy()


def test_a_closed_service_has_no_operation_to_register() -> None:
    """Unless registration is open there is neither the operation nor the page."""
    closed = _under({"register": "closed"})

    assert ("Register" in closed.operations, "/register" in closed.pages) == (False, False)


def test_the_path_and_the_cookie_are_configured() -> None:
    """Operations live where the configuration says and set the cookie that it names."""
    sign_in = _under({"path": "/auth", "cookie": "sid"}).operations["SignIn"]

    assert sign_in.trigger is not None
    assert sign_in.returns is not None
    assert (sign_in.trigger.path, list(sign_in.returns.cookies)) == ("/auth/sign-in", ["sid"])


def test_nobody_reads_a_password() -> None:
    """No permission names the hash of a password or the digest of a token."""
    entities = _under({}).entities.values()
    grants = [
        grant
        for entity in entities
        for permission in entity.permissions.values()
        for grant in (permission.read, permission.create, permission.update)
        if grant is not None
    ]

    assert not [grant for grant in grants if grant.fields is None or {"password", "digest"} & set(grant.fields)]


def test_times_are_written_as_people_say_them() -> None:
    """Lengths of time have a number and a unit."""
    assert Policy.read({"idle": "90m"}).idle == timedelta(minutes=90)
