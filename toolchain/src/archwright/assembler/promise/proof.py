"""Does a service serve what its contract promises? What it serves is what its own OpenAPI document says."""

from __future__ import annotations

from collections.abc import Mapping

from ...diagnostics import Collector, Location, Severity, did_you_mean
from ..contract.document import document
from ..plan import Plan
from ..resolve import Resolution
from . import answers, requests, security
from .account import Account, Kept
from .binding import Bound
from .interface import Described, Interface
from .promise import Promise
from .reporter import Memory, Reporter

_UNSERVED = ("OPTIONS", "TRACE")


def fulfilment(promise: Promise, bound: Bound, resolution: Resolution) -> Account:
    """How what an assembly gives stands to its contract."""
    return prove(promise, bound, resolution.plan, _places(resolution))


def _places(resolution: Resolution) -> dict[str, Location]:
    """Where each operation is written: itself, or the exposure that it comes from."""
    found: dict[str, Location] = {}
    for source in resolution.sources:
        for name in source.model.operations:
            found[source.name(name)] = source.locate("operations", name, key=True)
        for name, view in source.model.views.items():
            if view.expose is not None:
                found[f"{source.name(name)}.list"] = source.locate("views", name, "expose", key=True)
    for name, entity in resolution.world.entities.items():
        exposed = next(((place, part.expose) for place, part in entity.parts if part.expose is not None), None)
        if exposed is not None:
            place, expose = exposed
            found |= {f"{name}.{action}": (place / "expose").key for action in expose.operations}
    return found


def prove(promise: Promise, bound: Bound, plan: Plan | None, places: Mapping[str, Location]) -> Account:
    """Compare each operation of the contract with the one that is bound to it.

    Args:
        promise: the contract.
        bound: which operations are bound by name.
        plan: what is served; without it only what is bound by name is known.
        places: where each served operation is written.
    """
    served = Interface(document(plan)).operations if plan is not None else ()
    by_name = {one.id: one for one in served}
    by_route = {one.route: one for one in served}
    kept = []
    memory: Memory = {}
    for described in promise.interface.operations:
        name = bound.names.get(described.route)
        ours = by_name.get(name) if name is not None else by_route.get(described.route)
        if described.method == "HEAD":
            ours = by_route.get(("GET", described.route[1]))
        known = name or (ours.id if ours is not None else None)
        findings = Collector()
        reporter = Reporter(findings, promise.locate, described, places.get(known or ""), memory)
        if ours is not None and described.method != "HEAD":
            _compare(described, ours, reporter)
        elif ours is None and (known is None or plan is not None):
            _missing(described, [*by_name, *bound.names.values()], reporter)
        kept.append(
            Kept(
                title=described.title,
                id=described.id,
                operation=known,
                compared=ours is not None,
                findings=findings.findings(),
            )
        )
    promised = {one.operation for one in kept}
    beyond = tuple(sorted(one.id for one in served if one.id is not None and one.id not in promised))
    return Account(name=promise.name, digest=promise.digest, kept=tuple(kept), beyond=beyond)


def _compare(described: Described, ours: Described, reporter: Reporter) -> None:
    requests.compare(described, ours, reporter)
    answers.compare(described, ours, reporter)
    security.compare(described, ours, reporter)
    if described.spot.at("callbacks").value:
        reporter.report(
            "contract/unproven",
            described.spot.at("callbacks"),
            "calls back to the client are not compared",
            severity=Severity.WARNING,
        )


def _missing(described: Described, known: list[str | None], reporter: Reporter) -> None:
    name = described.id
    if described.method in _UNSERVED:
        reporter.report(
            "contract/missing-operation",
            described.spot,
            f"no operation answers the method {described.method}",
            hint="take it out of the contract: the runtime answers it by itself or never",
        )
        return
    reporter.report(
        "contract/missing-operation",
        described.spot,
        f"no operation serves it{f'; its `operationId` is `{name[:60]}`' if name else ''}",
        expected="an operation of that name, or one with this method and path",
        hint=did_you_mean(name, [one for one in known if one]) if name else None,
    )
