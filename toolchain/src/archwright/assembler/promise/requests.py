"""What the contract lets clients send: parameters and bodies, all of which have to be taken."""

from __future__ import annotations

from collections.abc import Iterator

from .difference import Side
from .interface import Described, Spot
from .media import covers, name_of
from .reporter import Reporter
from .schema import TooComplexError, atoms

_NOT_PARAMETERS = ("accept", "authorization", "content-type")
"""Headers that OpenAPI describes elsewhere."""
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def compare(contract: Described, ours: Described, reporter: Reporter) -> None:
    """Report what a client that keeps the contract may send and the service does not take."""
    _parameters(contract, ours, reporter)
    _body(contract, ours, reporter)


def _parameters(contract: Described, ours: Described, reporter: Reporter) -> None:
    matched = set()
    for key, spot in contract.parameters.items():
        place, name = key
        if place == "header" and name in _NOT_PARAMETERS:
            continue
        mine = _mine(contract, ours, key)
        name = spot.at("name").text or name
        taken = ours.parameters.get(mine)
        if taken is None:
            reporter.report(
                "contract/missing-parameter",
                spot,
                f"the {place} parameter `{name}` is not taken",
                hint=f"add an input that comes from the {place}, with `name: {name}` where its own name differs",
            )
            continue
        matched.add(mine)
        _parameter(spot, taken, f"the {place} parameter `{name}`", reporter)
    for key, spot in ours.parameters.items():
        if key not in matched and spot.at("required").flag:
            message = f"the {key[0]} parameter `{key[1]}` must be sent, and the contract does not know it"
            reporter.report("contract/other-parameter", contract.spot, message, expected="optional", found="required")


def _mine(contract: Described, ours: Described, key: tuple[str, str]) -> tuple[str, str]:
    """What a parameter is called here: those of the path have the same position, and their names mean nothing."""
    place, name = key
    if place != "path" or name not in contract.placeholders:
        return key
    position = contract.placeholders.index(name)
    return (place, ours.placeholders[position]) if position < len(ours.placeholders) else key


def _parameter(contract: Spot, ours: Spot, name: str, reporter: Reporter) -> None:
    if ours.at("required").flag and not contract.at("required").flag:
        reporter.report(
            "contract/other-parameter", contract, f"{name} must be sent", expected="optional", found="required"
        )
    if contract.has("content"):
        reporter.report("contract/other-parameter", contract.at("content"), f"{name} is not read as a document")
        return
    theirs, mine = contract.at("schema"), ours.at("schema")
    if _is_compound(theirs) and _style(contract) != _style(ours):
        reporter.report(
            "contract/other-parameter",
            contract,
            f"the values of {name} are separated otherwise",
            expected=_style(contract),
            found=_style(ours),
        )
    reporter.compare("contract/other-parameter", name, Side.REQUEST, theirs, mine, textual=True)


def _is_compound(schema: Spot) -> bool:
    try:
        return any(atom.type in ("array", "object") and not atom.untyped for atom in atoms((schema,)))
    except TooComplexError:
        return False


def _style(parameter: Spot) -> str:
    style = parameter.at("style").text or _STYLES.get(parameter.at("in").text or "", "simple")
    explode = parameter.at("explode").flag
    return f"`{style}`, explode `{str(style == 'form' if explode is None else explode).lower()}`"


def _body(contract: Described, ours: Described, reporter: Reporter) -> None:
    wanted, mine = contract.body, ours.body
    if not wanted.is_mapping:
        if mine.at("required").flag:
            message = "a body must be sent, and the contract does not know one"
            reporter.report("contract/other-body", contract.spot, message, expected="no body", found="a required body")
        return
    if not mine.is_mapping:
        reporter.report("contract/missing-body", wanted, "no body is taken", hint="add what it takes under `input`")
        return
    if wanted.at("required").flag is False and mine.at("required").flag:
        reporter.report(
            "contract/other-body", wanted, "a body must be sent", expected="an optional body", found="a required one"
        )
    for media, described in wanted.at("content").members():
        taken = next(_matching(media, mine), None)
        if taken is None:
            reporter.report(
                "contract/media-type",
                described,
                f"a body of the type `{media}` is not taken",
                expected=f"`{media}`",
                found=", ".join(f"`{name}`" for name, _ in mine.at("content").members()) or None,
            )
        elif described.has("schema"):
            theirs, served = described.at("schema"), taken.at("schema")
            textual = name_of(media) in _FORMS
            reporter.compare("contract/request-schema", "the body", Side.REQUEST, theirs, served, textual=textual)


def _matching(media: str, body: Spot) -> Iterator[Spot]:
    return (described for name, described in body.at("content").members() if covers(name, media))
