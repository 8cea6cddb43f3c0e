"""Who has to show what: the alternatives of a contract against those of the service."""

from __future__ import annotations

from typing import NamedTuple

from .interface import Described, Spot
from .reporter import Reporter


class Scheme(NamedTuple):
    """How a caller shows who it is, whatever the document calls it; names of headers are in small letters."""

    kind: str
    place: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} `{self.name}`" if self.kind == "http" else f"`{self.name}` in the {self.place}"


def compare(contract: Described, ours: Described, reporter: Reporter) -> None:
    """Report where somebody who keeps the contract is turned away, and where nothing is asked though it should be."""
    wanted, mine = _alternatives(contract), _alternatives(ours)
    spot = contract.security if contract.security.value is not None else contract.spot
    for alternative in wanted:
        if not any(one <= alternative for one in mine):
            reporter.report(
                "contract/security",
                spot,
                "anybody may call it, and the service asks who it is"
                if not alternative
                else "what shows who calls is not taken",
                expected=_named(alternative),
                found=" or ".join(sorted(_named(one) for one in mine)),
                hint="open it with `access: [anyone]`" if not alternative else "configure the component for sign-in",
            )
    if frozenset() not in wanted and frozenset() in mine:
        reporter.report(
            "contract/security",
            spot,
            "the contract asks who calls, and the service lets anybody call",
            expected=" or ".join(sorted(_named(one) for one in wanted)),
            found="nothing",
            hint="name the roles under `access`",
        )


def _named(alternative: frozenset[Scheme]) -> str:
    return " and ".join(sorted(map(str, alternative))) or "nothing"


def _alternatives(operation: Described) -> set[frozenset[Scheme]]:
    """Sets of schemes, each of which is enough."""
    schemes = operation.spot.document.root.at("components", "securitySchemes")
    found = set()
    for requirement in operation.security.items():
        found.add(frozenset(_scheme(schemes.at(name).followed(), name) for name, _ in requirement.members()))
    return found or {frozenset()}


def _scheme(spot: Spot, name: str) -> Scheme:
    kind = (spot.at("type").text or "").lower()
    match kind:
        case "apikey":
            place, header = (spot.at("in").text or "").lower(), spot.at("name").text or ""
            return Scheme("apiKey", place, header.lower() if place == "header" else header)
        case "http":
            return Scheme("http", "header", (spot.at("scheme").text or "").lower())
        case "oauth2" | "openidconnect":
            # Its tokens are carried as RFC 6750 says; where they come from is no part of an operation.
            return Scheme("http", "header", "bearer")
        case _:
            return Scheme(kind or "unknown", "", name)
