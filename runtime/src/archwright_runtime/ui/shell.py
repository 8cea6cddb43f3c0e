"""What surrounds the parts of every page: navigation, the person's name, what just happened."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Refusal
from ..plan import Access, Plan
from .references import References
from .views import Flash, Link, Shell
from .visit import Visit

SCHEMES = ("light", "dark", "auto")
_PUBLIC = "anyone"


@dataclass(frozen=True)
class _Entry:
    label: str
    template: str
    access: tuple[Access, ...]


class Shells:
    """Makes the surroundings of a page for one person."""

    def __init__(self, plan: Plan) -> None:
        identity = plan.identity
        listed = sorted(plan.pages.items(), key=lambda entry: (entry[1].order, entry[0]))
        fixed = {template: page for template, page in listed if "{" not in template}
        self._navigation = [
            _Entry(page.navigation, template, page.access) for template, page in fixed.items() if page.navigation
        ]
        self._own = [
            _Entry(page.title, template, page.access)
            for template, page in fixed.items()
            if identity is not None
            and page.component == identity.component
            and not page.navigation
            and not any(rule.role == _PUBLIC for rule in page.access)
        ]
        self.sign_in = identity.sign_in if identity else None
        sign_out = f"{identity.component}.SignOut" if identity else ""
        self.sign_out = sign_out if sign_out in plan.operations else None
        known = identity is not None and identity.entity in plan.entities
        self._people = References(plan, identity.entity) if identity is not None and known else None

    async def shell(self, visit: Visit, scheme: str, flash: Flash | None) -> Shell:
        """The surroundings of the page that is visited."""
        known = visit.caller.id is not None
        return Shell(
            token=visit.token,
            here=visit.here,
            scheme=scheme if scheme in SCHEMES else "auto",
            navigation=tuple([_link(entry, visit) for entry in self._navigation if await visit.may(entry.access)]),
            account=tuple([_link(entry, visit) for entry in self._own if known and await visit.may(entry.access)]),
            user=await self._name(visit),
            sign_in=self.sign_in,
            sign_out=known and self.sign_out is not None,
            flash=flash,
        )

    async def first(self, visit: Visit) -> str | None:
        """The first page of the navigation that a person may open."""
        for entry in self._navigation:
            if entry.template != "/" and await visit.may(entry.access):
                return entry.template
        return None

    async def _name(self, visit: Visit) -> str | None:
        if visit.caller.id is None:
            return None
        try:
            name = await self._people.title(visit, visit.caller.id) if self._people else None
        except Refusal:
            name = None
        return name or "Your account"


def _link(entry: _Entry, visit: Visit) -> Link:
    here = visit.address == entry.template
    within = entry.template != "/" and visit.address.startswith(entry.template + "/")
    return Link(entry.label, entry.template, here or within)
