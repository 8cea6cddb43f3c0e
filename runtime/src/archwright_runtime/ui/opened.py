"""One page of the plan, compiled: what it shows to a person and what it does with what is sent."""

from __future__ import annotations

from dataclasses import replace

from ..errors import Refusal
from ..http.forms import Form as SentForm
from ..plan import Page, Plan
from . import keys
from .actions import pressed
from .answers import Again, Answer
from .columns import row_address
from .kinds import compile_part
from .part import Part
from .place import Place, page_of
from .views import Form, Link, PageView, PartView, Table, Text
from .visit import Visit

_LAYOUTS = ("app-shell", "plain")
_SIDE_FIELDS = 8
"""A form with more fields than this needs the whole width."""
_SIDE_COLUMNS = 5
"""A table with more columns than this leaves no room beside it."""
_NOTHING = "There is nothing here for you yet."


class OpenedPage:
    """A page with its parts.

    Args:
        template: its address in the plan.
    """

    def __init__(self, plan: Plan, template: str) -> None:
        page = plan.pages[template]
        places = [Place(plan, template, page, index, _lone(page, index)) for index in range(len(page.parts))]
        if page.layout not in _LAYOUTS:
            raise places[0].error(f"has the layout {page.layout}; there are {', '.join(_LAYOUTS)}")
        self.template = template
        self.page = page
        self.parts: tuple[Part, ...] = tuple(compile_part(place) for place in places)
        self.operations = [plan.operations[name] for part in self.parts for name in part.operations]
        self._back = _back(plan, template, page)

    @property
    def body_limit(self) -> int:
        """Bytes that a form of this page may have: what its operations take, and the form around it."""
        return max((operation.body_limit for operation in self.operations), default=0) + 65_536

    @property
    def rate(self) -> int | None:
        """Requests per minute: as few as its strictest operation takes."""
        return min((operation.rate for operation in self.operations if operation.rate), default=None)

    def row(self, parameters: dict[str, str]) -> str | None:
        """The id in the address."""
        return next(iter(parameters.values()), None)

    async def show(self, visit: Visit, again: Again | None = None, at: int | None = None) -> PageView:
        """The page; with the answer of one part in its place."""
        if again is not None and again.alone:
            back = Link(self.page.title, visit.here)
            return PageView(again.title or self.page.title, self.page.layout, (again.view,), back=back)
        views: list[PartView] = []
        for index, part in enumerate(self.parts):
            view = again.view if again is not None and index == at else await part.view(visit)
            if view is not None:
                views.append(view)
        if not views:
            views.append(Text("nothing", None, _NOTHING))
        side = _side(views) if self.page.layout == "app-shell" else 0
        if side and any(isinstance(view, Table) and len(view.headings) > _SIDE_COLUMNS for view in views):
            # Beside a wide table there is no room, and before it a form would push it off the screen.
            views[:side] = [replace(view, folded=True) for view in views[:side] if isinstance(view, Form)]
            side = 0
        return PageView(
            title=visit.heading or self.page.title,
            layout=self.page.layout,
            parts=tuple(views[side:]),
            side=tuple(views[:side]),
            back=self._back_from(visit),
        )

    def _back_from(self, visit: Visit) -> Link | None:
        if self._back is None:
            return None
        label = (visit.name if "{" in self._back.href else None) or self._back.label
        return Link(label, row_address(self._back.href, visit.row or ""))

    async def take(self, visit: Visit, form: SentForm) -> tuple[Answer, int]:
        """What comes of a form, and which part it belongs to.

        Raises:
            Refusal: it belongs to none, or the person may not.
        """
        index = pressed(form)[0] if form.value(keys.DO) is not None else _part(form)
        if index >= len(self.parts):
            raise Refusal("not-found")
        return await self.parts[index].submit(visit, form), index

    def notices(self) -> dict[str, str]:
        """What is said after something was done here, by its key."""
        return {key: words for part in self.parts for key, words in part.notices().items()}


def _part(form: SentForm) -> int:
    value = form.value(keys.PART) or ""
    if not (value.isascii() and value.isdigit() and len(value) < 4):
        raise Refusal("not-found")
    return int(value)


def _lone(page: Page, index: int) -> bool:
    kind = page.parts[index].kind
    return sum(part.kind == kind for part in page.parts) == 1


def _side(views: list[PartView]) -> int:
    """How many parts at the start are forms that leave room for what follows beside them."""
    leading = 0
    for view in views:
        if not isinstance(view, Form) or len(view.controls) > _SIDE_FIELDS or view.stale:
            break
        leading += 1
    return leading if 0 < leading < len(views) else 0


def _back(plan: Plan, template: str, page: Page) -> Link | None:
    """The page with the table that leads here."""
    if page.entity is None or "{" not in template:
        return None
    above = template.rpartition("/")[0]
    if above in plan.pages and "{" in above:
        return Link(plan.pages[above].title, above)
    for address, other in sorted(plan.pages.items()):
        if "{" in address:
            continue
        for part in other.parts:
            linked = part.link == template
            implied = part.link is None and part.select is not None and part.select.entity == page.entity
            if part.kind == "data-table" and (linked or (implied and page_of(plan, page.entity) == template)):
                return Link(other.title, address)
    return None
