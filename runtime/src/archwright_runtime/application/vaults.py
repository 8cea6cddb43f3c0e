"""Which sources of secrets a deployment has, and which secrets its plan needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from ..plan import Plan
from ..secrets.source import ROOT, Secrets, Source
from ..secrets.sources.environment import Environment
from ..secrets.sources.files import Files
from .settings import Deployment


def open_secrets(deployment: Deployment, variables: Mapping[str, str]) -> Secrets:
    """The sources in order: a mounted directory, the environment, and in development whatever has to be made up."""
    sources: list[Source] = []
    if deployment.secrets is not None:
        sources.append(Files(deployment.secrets))
    sources.append(Environment(variables))
    if deployment.development:
        from ..secrets.sources.generated import Generated

        sources.append(Generated(beside(deployment.database)))
    return Secrets(sources)


def required_secrets(plan: Plan) -> Iterator[str]:
    """Every secret that must be there before the service starts."""
    yield ROOT
    yield from sorted(
        {one.trigger.signature.secret for one in plan.operations.values() if one.trigger.signature is not None}
    )
    for name, component in plan.components.items():
        for secret in sorted(set(component.secrets) - set(component.optional_secrets)):
            yield f"{name}.{secret}"


def beside(database: str) -> Path | None:
    """The file of made-up secrets: beside the embedded database, in this directory for a server, none for memory."""
    scheme, _, rest = database.partition("://")
    if scheme != "sqlite":
        return Path(".archwright-secrets.json")
    path = unquote(rest.partition("?")[0])[1:]
    return None if path in ("", ":memory:") else Path(path + ".secrets.json")
