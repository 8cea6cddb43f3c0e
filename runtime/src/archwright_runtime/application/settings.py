"""What a deployment decides, read once from the environment; a wrong value refuses to start and names its variable."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from ..errors import SettingError
from ..http.formats import Wrong
from ..http.limits import Limits
from ..http.security import Transport
from ..http.source import Network
from ..http.values import codec
from ..isolation.isolation import Requirement
from ..plan import Plan

PREFIX = "ARCHWRIGHT_"
SETTING = PREFIX + "SETTING_"
_T = TypeVar("_T")
_HOST = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,253}")


@dataclass(frozen=True)
class Deployment:
    """How one process is run.

    Attributes:
        database: address of the database.
        transport: what browsers use to reach the service; ``http`` only for development and inside of tests.
        origin: public origin, e.g. ``https://leave.example.org``; else taken from each request's ``Host``.
        proxies: networks whose ``X-Forwarded-For`` is believed.
        secrets: directory with one file per secret.
        metrics: ``off``, ``public`` (``/metrics`` on the service itself) or ``host:port`` of a listener of its own.
        traces: ``off``, a file or a collector's address.
        trace_ratio: share of traces that are sampled, of those that do not come sampled already.
        background: whether this process also delivers messages and effects and runs jobs.
        private: networks that components may reach although they are not public.
        isolation: ``require`` refuses to start where files of strangers cannot be read apart from everything else,
            ``available`` does what the machine offers.
        development: made-up secrets, messages of exceptions in the log.
    """

    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    transport: Transport = "https"
    origin: str | None = None
    proxies: tuple[Network, ...] = ()
    secrets: Path | None = None
    metrics: str = "off"
    traces: str = "off"
    trace_ratio: float = 0.01
    remember_tokens: int = 10_000
    connections: int = 10
    background: bool = True
    private: tuple[Network, ...] = ()
    isolation: Requirement = "require"
    development: bool = False
    log: bool = True
    limits: Limits = field(default_factory=Limits)


def read_deployment(variables: Mapping[str, str], **chosen: Any) -> Deployment:
    """The deployment that ``ARCHWRIGHT_*`` variables describe; ``chosen`` values (from the command line) go before.

    Raises:
        SettingError: a variable holds what it cannot hold, or is misspelt.
    """
    _refuse_unknown(variables)
    values: dict[str, Any] = {}
    for name, (target, read) in _VARIABLES.items():
        raw = variables.get(PREFIX + name, "")
        if raw:
            values[target] = _read(PREFIX + name, raw, read)
    values.update({name: value for name, value in chosen.items() if value is not None})
    limits = {target: values.pop(target) for target in _LIMITS if target in values}
    return Deployment(**values, limits=Limits(**limits))


def read_settings(plan: Plan, variables: Mapping[str, str]) -> dict[str, Any]:
    """The plan's settings as runtime values.

    Raises:
        SettingError: names every setting that is missing, unknown or of the wrong type.
    """
    problems: list[str] = []
    values: dict[str, Any] = {}
    known = {variable(name): name for name in plan.settings}
    problems += [
        f"{name} sets nothing: this service has no such setting"
        for name in sorted(variables)
        if name.startswith(SETTING) and name not in known
    ]
    for name, setting in plan.settings.items():
        reader = codec(setting.type)
        raw = variables.get(variable(name))
        try:
            if raw is not None:
                values[name] = reader.from_text(raw)
            elif setting.default is not None:
                values[name] = reader.from_json(setting.default)
            elif setting.required:
                problems.append(f"{variable(name)} is missing")
            else:
                values[name] = None
        except Wrong as wrong:
            problems.append(f"{variable(name)} is not a value of type {setting.type.kind}: {wrong.message}")
    if problems:
        raise SettingError("; ".join(problems))
    return values


def variable(setting: str) -> str:
    """The variable of a setting of the plan."""
    return SETTING + setting.upper().replace("-", "_").replace(".", "_")


def _read(name: str, raw: str, read: Callable[[str], _T]) -> _T:
    try:
        return read(raw)
    except ValueError as error:
        raise SettingError(f"{name} is not valid: {error}") from None


def _refuse_unknown(variables: Mapping[str, str]) -> None:
    # A misspelt variable would silently leave a default in force.
    known = {PREFIX + name for name in _VARIABLES}
    for name in sorted(variables):
        if name.startswith(PREFIX) and not name.startswith((SETTING, PREFIX + "SECRET_")) and name not in known:
            if name in _OF_THE_TOOLCHAIN:
                continue
            raise SettingError(f"{name} is not a variable of this service; it takes {', '.join(sorted(known))}")


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or len(raw) > 12 or not low <= int(raw) <= high:
            raise ValueError(f"expected a whole number from {low} to {high}, found {raw!r}")
        return int(raw)

    return read


def _share(raw: str) -> float:
    try:
        share = float(raw)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"expected a number from 0 to 1, found {raw!r}")
    return share


def _transport(raw: str) -> Transport:
    if raw not in ("http", "https"):
        raise ValueError(f"expected http or https, found {raw!r}")
    return cast(Transport, raw)


def _origin(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ValueError(f"expected an origin such as https://leave.example.org, found {raw!r}")
    return raw.rstrip("/")


def _proxies(raw: str) -> tuple[Network, ...]:
    return tuple(ip_network(entry.strip()) for entry in raw.split(",") if entry.strip())


def _metrics(raw: str) -> str:
    host, _, port = raw.rpartition(":")
    if raw not in ("off", "public") and not (_HOST.fullmatch(host) and port.isdigit() and int(port) < 65_536):
        raise ValueError(f"expected off, public or host:port, found {raw!r}")
    return raw


def _host(raw: str) -> str:
    if not _HOST.fullmatch(raw):
        raise ValueError(f"expected a host name or address, found {raw!r}")
    return raw


def _requirement(raw: str) -> Requirement:
    if raw not in ("require", "available"):
        raise ValueError(f"expected require or available, found {raw!r}")
    return cast(Requirement, raw)


def _flag(raw: str) -> bool:
    if raw not in ("on", "off"):
        raise ValueError(f"expected on or off, found {raw!r}")
    return raw == "on"


_VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "DATABASE": ("database", str),
    "HOST": ("host", _host),
    "PORT": ("port", _number(0, 65_535)),
    "TRANSPORT": ("transport", _transport),
    "ORIGIN": ("origin", _origin),
    "TRUSTED_PROXIES": ("proxies", _proxies),
    "SECRETS": ("secrets", Path),
    "METRICS": ("metrics", _metrics),
    "TRACES": ("traces", str),
    "TRACE_RATIO": ("trace_ratio", _share),
    "REMEMBER_TOKENS": ("remember_tokens", _number(0, 1_000_000)),
    "CONNECTIONS": ("connections", _number(1, 500)),
    "BACKGROUND": ("background", _flag),
    "EGRESS_PRIVATE": ("private", _proxies),
    "ISOLATION": ("isolation", _requirement),
    "LOG": ("log", _flag),
    "LIMIT_URL": ("url", _number(256, 65_536)),
    "LIMIT_HEADERS": ("headers", _number(10, 1_000)),
    "LIMIT_HEADER_BYTES": ("header_bytes", _number(1_024, 1_048_576)),
    "LIMIT_SECONDS": ("seconds", _number(1, 3_600)),
    "LIMIT_CONCURRENT": ("concurrent", _number(1, 100_000)),
    "LIMIT_DRAIN_SECONDS": ("drain_seconds", _number(0, 3_600)),
}
_LIMITS = ("url", "headers", "header_bytes", "seconds", "concurrent", "drain_seconds")
# Set in the environment of developers and of their tests, where services run too.
_OF_THE_TOOLCHAIN = frozenset({"ARCHWRIGHT_CATALOG", "ARCHWRIGHT_EXPRESSIONS", "ARCHWRIGHT_SEEDS"})
