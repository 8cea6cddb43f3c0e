"""The component's configuration as one value; the defaults are those that the manifest states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archwright_runtime.component import Host
from archwright_runtime.errors import SettingError


@dataclass(frozen=True)
class Settings:
    """Where mail is handed over, and in whose name."""

    sender: str
    host: str
    sender_name: str = ""
    reply_to: str = ""
    port: int = 587
    security: str = "starttls"
    login: str = ""
    timeout: int = 20
    templates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, host: Host) -> Settings:
        """The settings that a service states.

        Raises:
            SettingError: the server is missing, or its port is no number.
        """
        known = {name: host.config[name] for name in cls.__dataclass_fields__ if host.config.get(name) is not None}
        for name in ("sender", "host"):
            if not known.get(name):
                raise SettingError(f"mail: `{name}` must be given")
        password = host.secret("smtp-password") if host.config.get("authentication") == "password" else None
        return cls(**{**known, "port": _port(known.get("port", cls.port)), "password": password})


def _port(given: Any) -> int:
    try:
        port = int(given)
    except (TypeError, ValueError):
        raise SettingError("mail: `port` must be a number") from None
    if not 0 < port < 65536:
        raise SettingError("mail: `port` must be between 1 and 65535")
    return port
