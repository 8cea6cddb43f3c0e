"""Which operation of an assembly fulfils which operation of its contract, and what it inherits from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ...diagnostics import Collector, Related, did_you_mean
from ...diagnostics.diagnostic import Diagnostic, Severity
from ...language.assembly import Assembly
from ...language.document import Document
from ...language.operations import Operation
from .inheritance import inherited
from .interface import Described, shape
from .names import plain
from .promise import Promise


@dataclass(frozen=True)
class Bound:
    """An assembly that has inherited what its contract says.

    Attributes:
        document: the assembly with routes, inputs and statuses of the contract where it states none.
        names: the operation of the assembly by the route of the contract's, for those that are bound by name.
        contradicted: operations whose own trigger is another one.
    """

    document: Document[Assembly]
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    contradicted: frozenset[str] = frozenset()


def bind(document: Document[Assembly], promise: Promise | None, findings: Collector) -> Bound:
    """Bind operations by name and let them inherit."""
    written = document.model.operations
    if promise is None:
        _without(document, findings)
        return Bound(document)
    names: dict[tuple[str, str], str] = {}
    made: dict[str, Operation] = dict(written)
    contradicted = set()
    for name, described in _pairs(document, promise, findings):
        if described.route in names:
            _twice(name, names[described.route], described, document, promise, findings)
            continue
        names[described.route] = name
        if _contradicts(name, written[name], described, document, promise, findings):
            contradicted.add(name)
        else:
            made[name] = inherited(written[name], described, document.model)
    model = document.model.model_copy(update={"operations": made})
    return Bound(replace(document, model=model), names, frozenset(contradicted))


def _without(document: Document[Assembly], findings: Collector) -> None:
    """Without a contract nothing can be bound to it; a contract that cannot be read has its own findings."""
    if document.model.contract is not None:
        return
    for name, operation in document.model.operations.items():
        if operation.contract is not None:
            findings.error(
                "contract/unknown-operation",
                document.locate(("operations", name, "contract"), key=True),
                "the assembly has no contract",
                expected="`contract: openapi.yaml` at the top",
            )


def _pairs(document: Document[Assembly], promise: Promise, findings: Collector) -> Iterator[tuple[str, Described]]:
    """Operations with what they are bound to: the one they name, else the one of the same name."""
    described = promise.interface.operations
    by_id = {one.id: one for one in described if one.id is not None}
    by_plain: dict[str, list[Described]] = {}
    for one in described:
        by_plain.setdefault(plain(one.id or ""), []).append(one)
    operations = document.model.operations
    mine = [plain(name) for name in operations]
    for name, operation in operations.items():
        if operation.contract is not None:
            named = by_id.get(operation.contract) or _by_route(operation.contract, described)
            if named is not None:
                yield name, named
            else:
                findings.error(
                    "contract/unknown-operation",
                    document.locate(("operations", name, "contract")),
                    f"the contract has no operation `{operation.contract[:80]}`",
                    expected="an `operationId`, or a method and a path of the contract",
                    hint=did_you_mean(operation.contract, by_id),
                )
        elif name in by_id:
            yield name, by_id[name]
        else:
            alike = by_plain.get(plain(name), [])
            if len(alike) == 1 and mine.count(plain(name)) == 1 and alike[0].id not in operations:
                yield name, alike[0]


def _by_route(text: str, described: tuple[Described, ...]) -> Described | None:
    method, _, path = text.partition(" ")
    wanted = shape(path.strip())
    return next(
        (one for one in described if one.method == method and wanted in (shape(one.written), shape(one.path))), None
    )


def _twice(
    name: str, other: str, described: Described, document: Document[Assembly], promise: Promise, findings: Collector
) -> None:
    findings.add(
        Diagnostic(
            "contract/bound-twice",
            Severity.ERROR,
            document.locate(("operations", name), key=True),
            f"`{name}` and `{other}` are both bound to `{described.title}`",
            expected="one operation for each of the contract",
            hint="say which one it is with `contract:` and rename the other",
            path=(Related(promise.locate(described.spot.pointer), "the operation of the contract"),),
        )
    )


def _contradicts(
    name: str,
    operation: Operation,
    described: Described,
    document: Document[Assembly],
    promise: Promise,
    findings: Collector,
) -> bool:
    trigger = operation.trigger
    if trigger is None or (trigger.method, shape(trigger.path or "")) == described.route:
        return False
    findings.add(
        Diagnostic(
            "contract/other-route",
            Severity.ERROR,
            document.locate(("operations", name, "trigger")),
            f"`{name}` is triggered otherwise than the contract says",
            expected=f"`{described.title}`",
            found=f"`{trigger.http or trigger.kind}`",
            hint="leave `trigger` out: it comes from the contract; or name another operation with `contract:`",
            path=(Related(promise.locate(described.spot.pointer), "the operation of the contract"),),
        )
    )
    return True
