"""What can go wrong while a service starts or runs.

::

    ServiceError
    ├── StartError            the service must not start
    │   ├── PlanError         the plan is not readable, or needs a newer runtime
    │   ├── IntegrityError    a digest does not match what was locked
    │   └── SettingError      a setting or a secret is missing or has the wrong type
    ├── DatabaseError         the database could not be reached or refused a statement
    └── Refusal               an answer to the caller: not an accident, never logged as one
"""

from __future__ import annotations

from dataclasses import dataclass, field


class ServiceError(Exception):
    """Root of everything that the runtime raises on purpose."""


class StartError(ServiceError):
    """The service must not start."""


class PlanError(StartError):
    """The plan cannot be read or needs a newer runtime."""


class IntegrityError(StartError):
    """Bytes differ from the ones that were locked."""


class SettingError(StartError):
    """A setting or a secret is missing or has the wrong type."""


class DatabaseError(ServiceError):
    """The database could not be reached, or refused a statement."""


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one value that a caller sent.

    Attributes:
        pointer: where, as a JSON pointer into the body (``/ends``) or ``?name`` for a parameter.
        code: a stable word, e.g. ``required``, ``unknown``, ``too-long``, ``type``, ``format``, ``range``, ``unique``.
        message: one sentence for people.
    """

    pointer: str
    code: str
    message: str


@dataclass
class Refusal(ServiceError):
    """The request is answered with a failure; raising one rolls the transaction back.

    Attributes:
        kind: ``unauthenticated`` ``forbidden`` ``not-found`` ``invalid`` ``conflict`` ``stale`` ``too-large``
            ``unsupported-media`` ``too-many`` ``busy`` ``timeout``, or a failure that the operation declares.
        detail: one sentence for people; never holds data the caller may not see.
        problems: what is wrong with single values, for ``invalid``.
        retry_after: seconds, for ``too-many`` and ``busy``.
        keep: what was written before is committed all the same (a counted failed sign-in).
    """

    kind: str
    detail: str | None = None
    problems: tuple[FieldProblem, ...] = ()
    retry_after: int | None = None
    keep: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail or self.kind
