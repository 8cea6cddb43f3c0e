"""Every example holds what its own OpenAPI document promises, whatever is asked of it.

``ARCHWRIGHT_FUZZ`` says how many requests each operation gets.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service

COUNT = int(os.environ.get("ARCHWRIGHT_FUZZ", "5"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Whoever ends the session, or changes the password of the person who asks, leaves nothing to ask with.
ENDING = ("/sign-out", "/sign-out-everywhere", "/password", "/email")
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# The operations of accounts are the same everywhere.
WITH_ACCOUNTS = "leave-requests"


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("dialect", DATABASES)
def test_every_operation_keeps_its_promise(example: str, dialect: str, mode: GenerationMode, running: Running) -> None:
    """No request, fitting or not, gets an answer that the document does not announce."""
    service = running(example, dialect, "fuzzed")
    cast = service.built.cast
    for person in cast:
        service.recognised(person)
    failures: list[str] = []
    for person in cast if mode is GenerationMode.POSITIVE else cast[:1]:
        headers = {**service.recognised(person), "Origin": service.address}
        failures += _fuzz(service, mode, headers, own=True)
    failures += _fuzz(service, mode, {"Origin": service.address}, own=False)
    assert not failures, "\n\n".join(failures)


def _fuzz(service: Service, mode: GenerationMode, headers: dict[str, str], *, own: bool) -> list[str]:
    schema = schemathesis.openapi.from_dict(_asked(service))
    schema.config.update(base_url=service.address)
    failures: list[str] = []
    session = requests.Session()
    for result in schema.get_all_operations():
        operation = result.ok()
        if own and operation.path.endswith(ENDING):
            continue

        @seed(20_260_101)
        @settings(
            max_examples=COUNT, deadline=None, database=None, derandomize=False,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE and own else CHECKS
            case.call_and_validate(headers=headers, checks=checks, session=session)

        try:
            ask()
        except Unsatisfiable:
            # Nothing that this operation takes can be wrong.
            continue
        except Exception as error:
            inner = [str(one) for one in getattr(error, "exceptions", ())]
            failures.append("\n".join([f"{operation.label}: {error}", *inner]))
    session.close()
    return failures


def _asked(service: Service) -> dict[str, Any]:
    """The document as one person meets it: the session is given, and is not to be made up."""
    document = service.built.openapi
    paths: dict[str, Any] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            shared = str(operation.get("operationId", "")).startswith("accounts.")
            if not shared or service.built.name == WITH_ACCOUNTS:
                kept = operation if not isinstance(operation, dict) else _without_security(operation)
                paths.setdefault(path, {})[method] = kept
    return {**document, "paths": paths, "security": []}


def _without_security(operation: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in operation.items() if key != "security"}
