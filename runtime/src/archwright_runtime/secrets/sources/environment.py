"""Secrets from the environment: ``smtp-password`` is ``ARCHWRIGHT_SECRET_SMTP_PASSWORD``."""

from __future__ import annotations

from collections.abc import Mapping

from ..source import Secret

PREFIX = "ARCHWRIGHT_SECRET_"


class Environment:
    """Reads variables of one prefix; an empty variable counts as missing."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._values = {name: Secret(value) for name, value in variables.items() if name.startswith(PREFIX) and value}

    def get(self, name: str) -> Secret | None:
        """The secret, or None where the variable is not set."""
        return self._values.get(variable(name))

    def hint(self, name: str) -> str:
        """The variable's name."""
        return f"the variable {variable(name)}"


def variable(name: str) -> str:
    """The variable that holds a secret."""
    return PREFIX + name.upper().replace("-", "_").replace(".", "_")
