"""Telemetry as the deployment wants it."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import SettingError
from ..plan import Plan
from ..secrets.source import Secrets
from ..telemetry.log import Log, Writer
from ..telemetry.telemetry import Telemetry
from ..telemetry.trace import Exporter, Tracer
from .settings import Deployment


def telemetry(deployment: Deployment, plan: Plan, secrets: Secrets) -> Telemetry:
    """Log, metrics and traces of one process.

    Raises:
        SettingError: traces are to go where nothing can go.
    """
    writer = Writer() if deployment.log else Writer(write=_nowhere)
    exporter = _exporter(deployment.traces, plan.name)
    return Telemetry(
        Log(writer, development=deployment.development),
        Tracer(exporter, deployment.trace_ratio),
        secrets.key("callers-in-logs"),
    )


def _exporter(target: str, service: str) -> Exporter | None:
    if target == "off":
        return None
    from ..telemetry.exporters.otlp import OtlpExporter, to_collector, to_file

    if target.startswith(("http://", "https://")):
        return OtlpExporter(service, to_collector(target))
    path = Path(target.removeprefix("file://"))
    if not os.access(path.parent, os.W_OK):
        raise SettingError(f"ARCHWRIGHT_TRACES names a file that cannot be written: {path}")
    return OtlpExporter(service, to_file(path))


def _nowhere(descriptor: int, data: bytes) -> int:
    return len(data)
