"""Every emitter, in the order in which they run; a later one sees what the earlier ones made."""

from __future__ import annotations

from ..emitter import Emitter
from . import openapi, plan

EMITTERS: tuple[Emitter, ...] = (plan.emit, openapi.emit)
