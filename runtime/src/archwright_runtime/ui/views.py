"""What the templates are given: plain values, already decided, formatted and translated into words.

A template only lays out; it never asks who the caller is or what a value means.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select, a group of radio buttons or of checkboxes."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """One field of a form.

    Attributes:
        widget: input, textarea, select, radios, checkbox, checks or file.
        kind: the ``type`` of an input.
        attributes: further attributes by name, already fit for HTML.
        unit: shown beside the field (a currency).
        note: what is stored now, for files.
        narrow: may share a line with its neighbour.
        starred: marked as required, which tells nothing where every field is.
    """

    name: str
    id: str
    label: str
    widget: str = "input"
    kind: str = "text"
    value: str = ""
    checked: bool = False
    required: bool = False
    help: str | None = None
    error: str | None = None
    options: tuple[Option, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    unit: str | None = None
    note: str | None = None
    narrow: bool = False
    starred: bool = False

    @property
    def described_by(self) -> str:
        """The elements that explain the field, for ``aria-describedby``."""
        parts = [self.id + "-help"] * bool(self.help) + [self.id + "-error"] * bool(self.error)
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that a form carries unseen."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of a form's error summary; ``target`` is the field's element, where there is one."""

    message: str
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile."""

    label: str
    stored: str
    yours: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form that posts to its page's own address; ``folded`` where it opens when it is wanted."""

    id: str
    title: str | None
    action: str
    controls: tuple[Control, ...]
    hidden: tuple[Hidden, ...]
    submit: str
    multipart: bool = False
    danger: bool = False
    cancel: str | None = None
    intro: str | None = None
    problems: tuple[Problem, ...] = ()
    conflict: tuple[Difference, ...] = ()
    stale: bool = False
    links: tuple[Link, ...] = ()
    folded: bool = False
    kind: str = "form"

    @property
    def marked(self) -> bool:
        """Whether an explanation of the asterisk is needed."""
        return any(control.starred for control in self.controls)


@dataclass(frozen=True, slots=True)
class Button:
    """Runs an operation for one row; ``value`` says which part, action and row.

    Attributes:
        asks: there is a question to be answered with yes or no first.
    """

    label: str
    value: str
    danger: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table; ``sort`` is where its heading leads, ``order`` its ``aria-sort``."""

    label: str
    style: str = ""
    sort: str | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table: the first cell names it."""

    cells: tuple[str, ...]
    link: str | None = None
    buttons: tuple[Button, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """Search and filters above a table; they work by a plain GET form."""

    action: str
    search: Control | None
    filters: tuple[Control, ...]
    sort: Control | None
    hidden: tuple[Hidden, ...]
    active: int = 0
    clear: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Ways to the neighbouring pages of a table."""

    previous: str | None
    next: str | None
    summary: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of an entity or view."""

    id: str
    title: str | None
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    empty: str
    action: str = ""
    hidden: tuple[Hidden, ...] = ()
    tools: Tools | None = None
    pager: Pager | None = None
    actions: bool = False
    create: Link | None = None
    kind: str = "data-table"


@dataclass(frozen=True, slots=True)
class Entry:
    """One labelled value of a record."""

    label: str
    value: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """One record with its actions and the rows that belong to it."""

    id: str
    title: str | None
    entries: tuple[Entry, ...]
    buttons: tuple[Button, ...] = ()
    action: str = ""
    hidden: tuple[Hidden, ...] = ()
    related: tuple[Table, ...] = ()
    links: tuple[Link, ...] = ()
    kind: str = "detail"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts."""

    label: str
    value: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures side by side."""

    id: str
    title: str | None
    figures: tuple[Figure, ...]
    kind: str = "stat"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ``share`` in hundredths of the longest, negative values marked."""

    label: str
    value: str
    share: str
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, which are a table as well."""

    id: str
    title: str | None
    label: str
    measure: str
    bars: tuple[Bar, ...]
    empty: str
    kind: str = "bar-chart"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph or more."""

    id: str
    title: str | None
    body: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Links:
    """A list of places to go."""

    id: str
    title: str | None
    links: tuple[Link, ...]
    kind: str = "links"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that could not be shown."""

    id: str
    title: str | None
    message: str
    kind: str = "trouble"


PartView = Form | Table | Detail | Stats | Chart | Text | Links | Trouble


@dataclass(frozen=True, slots=True)
class Flash:
    """What just happened; ``tone`` is good or bad."""

    message: str
    tone: str = "good"


@dataclass(frozen=True, slots=True)
class Shell:
    """What surrounds every page for one caller."""

    token: str = ""
    here: str = "/"
    scheme: str = "auto"
    navigation: tuple[Link, ...] = ()
    account: tuple[Link, ...] = ()
    user: str | None = None
    sign_in: str | None = None
    sign_out: bool = False
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class PageView:
    """A whole page; ``side`` are forms that stand beside the rest where there is room."""

    title: str
    layout: str
    parts: tuple[PartView, ...]
    side: tuple[PartView, ...] = ()
    back: Link | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error page."""

    status: int
    title: str
    detail: str
    home: Link | None = None
    reference: str | None = None
