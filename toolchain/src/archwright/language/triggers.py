"""Triggers: what starts an operation."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from pydantic import Field as Key

from .choices import one_of
from .model import Problem, Sugared
from .words import (
    ROUTE,
    EntityReference,
    Expression,
    KebabName,
    Period,
    Route,
    UrlPath,
    bad,
)

_CRON_PART = re.compile(
    r"(?:\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/[0-9]{1,2})?(?:,(?:[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/[0-9]{1,2})?)*"
)
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class Schedule(Sugared):
    """When an operation runs by itself."""

    NOUN: ClassVar[str] = "schedule"

    every: Period | None = Key(None, description="The time between two runs, such as `1h`.")
    cron: str | None = Key(None, description="Five parts in UTC: minute, hour, day, month, weekday; `30 3 * * 1`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if isinstance(data, dict):
            if one_of(data, ("every", "cron"), "schedule", problems) is None:
                return {}
            if isinstance(data.get("cron"), str) and not _is_cron(data["cron"]):
                problems.append(
                    bad("a cron schedule of five numeric parts, such as `30 3 * * 1`", data["cron"]).below("cron")
                )
        return data


def _is_cron(text: str) -> bool:
    parts = text.split()
    return len(parts) == 5 and all(
        _CRON_PART.fullmatch(part) and all(low <= int(number) <= high for number in re.findall(r"(?<!/)\b\d+", part))
        for part, (low, high) in zip(parts, _CRON_RANGES, strict=True)
    )


class Changed(Sugared):
    """A change of a row as a trigger."""

    NOUN: ClassVar[str] = "trigger"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The entity, for any change."},)

    entity: EntityReference = Key(description="Whose rows are watched.")
    when: Literal["create", "update", "delete", "any"] = Key("any", description="Which change.")
    where: Expression | None = Key(None, description="Only rows for which this holds; knows `old`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"entity": data} if isinstance(data, str) else data


class Webhook(Sugared):
    """A signed call of another service as a trigger."""

    NOUN: ClassVar[str] = "webhook"

    path: UrlPath = Key(description="Where the other service calls.")
    secret: KebabName = Key(description="The name of the secret that signs the calls; never its value.")
    header: str = Key(
        "X-Signature-256", pattern=r"^[A-Za-z0-9-]{1,60}$", description="The header that holds the signature."
    )


_TRIGGERS = ("http", "schedule", "changed", "queue", "webhook")


class Trigger(Sugared):
    """What starts an operation."""

    NOUN: ClassVar[str] = "trigger"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "pattern": f"^{ROUTE}$"},)

    http: Route | None = Key(
        None, description="A request: a method and a path, such as `POST /api/tickets/{id}/close`."
    )
    schedule: Schedule | None = Key(None, description="The clock.")
    changed: Changed | None = Key(None, description="A change of a row, after it is committed.")
    queue: KebabName | None = Key(None, description="A message in this queue.")
    webhook: Webhook | None = Key(None, description="A signed call of another service.")

    @property
    def kind(self) -> str:
        """Which of the keys is given."""
        return next(kind for kind in _TRIGGERS if getattr(self, kind) is not None)

    @property
    def method(self) -> str | None:
        """The HTTP method."""
        return self.http.split()[0] if self.http else ("POST" if self.webhook else None)

    @property
    def path(self) -> str | None:
        """The path of the route."""
        return self.http.split()[1] if self.http else (self.webhook.path if self.webhook else None)

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if isinstance(data, str):
            return {"http": data}
        if isinstance(data, dict) and one_of(data, _TRIGGERS, "trigger", problems) is None:
            return {}
        return data
