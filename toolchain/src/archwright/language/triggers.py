"""Triggers: what starts an operation."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from pydantic import Field as Key

from .choices import one_of
from .model import Problem, Sugared
from .words import (
    ROUTE,
    Count,
    EntityReference,
    Expression,
    FieldName,
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
    fields: tuple[FieldName, ...] = Key((), description="update: only where one of these fields has got another value.")
    where: Expression | None = Key(None, description="Only rows for which this holds; knows `old`.")
    within: Literal["transaction"] | None = Key(
        None, description="Run in the transaction of the change, which a failure takes back; else after its commit."
    )

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if isinstance(data, dict) and "fields" in data and data.get("when") != "update":
            problems.append(
                Problem(
                    name="conflicting-keys",
                    message="`fields` has a meaning beside `when: update` only",
                    at=("fields",),
                    key=True,
                    hint="add `when: update`, or remove `fields`",
                )
            )
        return {"entity": data} if isinstance(data, str) else data


class Queue(Sugared):
    """A message to an operation as a trigger."""

    NOUN: ClassVar[str] = "queue"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The name of the queue."},)

    name: KebabName = Key(description="The queue; operations may share one, and its numbers are shown together.")
    attempts: Count | None = Key(None, le=50, description="How often a message is tried before it is dead; 12.")
    wait: Period | None = Key(None, description="Before the second attempt, doubled each time up to an hour; `2s`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"name": data} if isinstance(data, str) else data


SignatureScheme = Literal["sha256", "stamped", "standard"]
SIGNATURE_HEADERS: dict[SignatureScheme, str] = {
    "sha256": "X-Signature-256",
    "stamped": "X-Signature",
    "standard": "webhook-signature",
}
"""The header that holds the signature where none is named."""


class Webhook(Sugared):
    """A signed call of another service as a trigger."""

    NOUN: ClassVar[str] = "webhook"

    path: UrlPath = Key(description="Where the other service calls.")
    secret: KebabName = Key(description="The name of the secret that signs the calls; never its value.")
    scheme: SignatureScheme = Key(
        "sha256",
        description="What is signed by HMAC-SHA256: the body (`sha256=...`), time and body (`t=...,v1=...`), or as "
        "Standard Webhooks say.",
    )
    header: str | None = Key(None, pattern=r"^[A-Za-z0-9-]{1,60}$", description="The header that holds the signature.")
    tolerance: Period | None = Key(None, description="How old a call with a time in it may be; `5m`.")


_TRIGGERS = ("http", "schedule", "changed", "queue", "webhook")


class Trigger(Sugared):
    """What starts an operation."""

    NOUN: ClassVar[str] = "trigger"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "pattern": f"^{ROUTE}$"},)

    http: Route | None = Key(
        None, description="A request: a method and a path, such as `POST /api/tickets/{id}/close`."
    )
    schedule: Schedule | None = Key(None, description="The clock.")
    changed: Changed | None = Key(None, description="A change of a row.")
    queue: Queue | None = Key(None, description="A message that a step `send` wrote down.")
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
