"""What the contract lets clients expect: statuses, media types, headers and bodies."""

from __future__ import annotations

from ...diagnostics import Severity
from .difference import Side
from .interface import Described, Spot
from .media import covers
from .reporter import Reporter

_ASKED_FOR = ("206", "304", "416")
"""Answers that only whoever sends certain headers gets."""


def compare(contract: Described, ours: Described, reporter: Reporter) -> None:
    """Report what the service answers otherwise than the contract says, or never."""
    promised, served = contract.responses, ours.responses
    for status, answer in served.items():
        described = promised.get(status) or promised.get(f"{status[:1]}XX") or promised.get("DEFAULT")
        if described is not None:
            _answer(status, described, answer, reporter)
        elif status[:1] in "23" and status not in _ASKED_FOR:
            reporter.report(
                "contract/other-status",
                contract.spot.at("responses"),
                f"the answer {status} is not in the contract",
                expected=", ".join(one for one in promised if one[:1] in "123") or None,
                found=status,
                hint="state it: `returns: {status: ...}`",
            )
    for status, described in promised.items():
        if status != "DEFAULT" and not any(one == status or f"{one[:1]}XX" == status for one in served):
            _missing(status, described, reporter)


def _missing(status: str, described: Spot, reporter: Reporter) -> None:
    """An answer that is promised and never given; a failure that never happens harms nobody."""
    succeeds = status[:1] in "123"
    reporter.report(
        "contract/missing-status",
        described,
        f"the answer {status} is never given",
        hint="state it: `returns: {status: ...}`" if succeeds else "declare it under `failures`, where it can happen",
        severity=Severity.ERROR if succeeds else Severity.WARNING,
    )


def _answer(status: str, contract: Spot, ours: Spot, reporter: Reporter) -> None:
    _headers(status, contract, ours, reporter)
    wanted, mine = contract.at("content"), ours.at("content")
    if not wanted.value:
        return  # An answer that is described without content leaves its body open.
    if not mine.value:
        reporter.report("contract/response-schema", wanted, f"the answer {status} has no body", expected="a body")
        return
    _bodies(status, wanted, mine, reporter)


def _bodies(status: str, wanted: Spot, mine: Spot, reporter: Reporter) -> None:
    """Each type of ours against the one of the contract that covers it."""
    promised, given = (", ".join(f"`{name}`" for name, _ in content.members()) for content in (wanted, mine))
    kept: set[str] = set()
    strange = False
    for media, answered in mine.members():
        name, described = next(((name, spot) for name, spot in wanted.members() if covers(name, media)), (None, None))
        if name is None or described is None:
            strange = True
            message = f"the answer {status} has the type `{media}`"
            reporter.report("contract/media-type", wanted, message, expected=promised, found=f"`{media}`")
            continue
        kept.add(name)
        if described.has("schema"):
            theirs, ours = described.at("schema"), answered.at("schema")
            reporter.compare("contract/response-schema", f"the answer {status}", Side.ANSWER, theirs, ours)
    for media, described in wanted.members():
        wide = any(covers(name, media) for name, _ in mine.members())
        if media not in kept and not wide and not (strange and not kept):
            message = f"the answer {status} is never of the type `{media}`"
            reporter.report("contract/media-type", described, message, expected=f"`{media}`", found=given)


def _headers(status: str, contract: Spot, ours: Spot, reporter: Reporter) -> None:
    mine = {name.lower(): spot.followed() for name, spot in ours.at("headers").members()}
    for name, written in contract.at("headers").members():
        spot = written.followed()
        if name.lower() == "content-type":
            continue
        given = mine.get(name.lower())
        required = bool(spot.at("required").flag)
        if given is None or (required and not given.at("required").flag):
            state = "is never sent" if given is None else "may be absent"
            severity = Severity.ERROR if required else Severity.WARNING
            message = f"the header `{name}` of the answer {status} {state}"
            reporter.report("contract/missing-header", written, message, severity=severity)
        elif spot.has("schema"):
            whole = f"the header `{name}` of the answer {status}"
            theirs = spot.at("schema")
            reporter.compare("contract/response-schema", whole, Side.ANSWER, theirs, given.at("schema"), textual=True)
