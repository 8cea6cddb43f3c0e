"""Templates, given plain views."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from archwright_runtime.plan import Plan, Theme
from archwright_runtime.ui.markup import Markup
from archwright_runtime.ui.renderer import Renderer
from archwright_runtime.ui.views import (
    Bar,
    Button,
    Chart,
    Control,
    Detail,
    Difference,
    Entry,
    Failure,
    Figure,
    Flash,
    Form,
    Heading,
    Hidden,
    Link,
    Links,
    Option,
    Pager,
    PageView,
    PartView,
    Problem,
    Row,
    Shell,
    Stats,
    Table,
    Text,
    Tools,
    Trouble,
)

from .reading import elements, text_of

HOSTILE = "\"'><script>alert(1)</script>&{{ 7*7 }}{% raw %}\u202eevil" + "W" * 300
SHELL = Shell(
    token="token-1",
    here="/leave?q=a&b=c",
    navigation=(Link("My leave", "/leave", True), Link("Decide", "/decide")),
    account=(Link("Your account", "/account"),),
    user="Ada Lovelace",
    sign_in="/sign-in",
    sign_out=True,
    flash=Flash("Leave request created."),
)
CONTROLS = (
    Control("subject", "p-subject", "Subject", required=True, starred=True, error="This is required.", help="Short."),
    Control("body", "p-body", "Body", widget="textarea", value="\nfirst line"),
    Control(
        "kind", "p-kind", "Kind", widget="radios", required=True, options=(Option("a", "A", True), Option("b", "B"))
    ),
    Control("tags", "p-tags", "Tags", widget="checks", options=(Option("x", "X", True), Option("y", "Y"))),
    Control("who", "p-who", "Who", widget="select", options=(Option("", "—"), Option("1", "Ada", True))),
    Control("on", "p-on", "Billable", widget="checkbox", checked=True),
    Control("price", "p-price", "Price", value="1.00", unit="EUR", attributes=(("inputmode", "decimal"),)),
    Control("document", "p-document", "Document", widget="file", note="Now: a.pdf"),
)
FORM = Form(
    "part-1",
    "Report",
    "/tickets",
    CONTROLS,
    (Hidden("_token", "token-1"),),
    "Send",
    multipart=True,
    problems=(Problem("Subject is required.", "p-subject"), Problem("Try again later.")),
)
TABLE = Table(
    "part-2",
    "Tickets",
    (Heading("Subject", sort="/?sort=subject", order="ascending"), Heading("Cost", "number")),
    (
        Row(("Printer", "€1.00"), "/tickets/1", (Button("Delete", "1.0.1", True, True),), "Printer"),
        Row((Markup("<b>safe</b>"), "€2.00")),
    ),
    "Nothing here.",
    action="/",
    hidden=(Hidden("_token", "token-1"),),
    tools=Tools("/", Control("q", "part-2-q", "Search", kind="search"), (CONTROLS[4],), None, (), 1, "/"),
    pager=Pager("/?p=1", "/?p=3", "Page 2"),
    actions=True,
    create=Link("New ticket", "/new"),
)
PARTS: tuple[PartView, ...] = (
    FORM,
    TABLE,
    Detail("part-3", "Ticket", (Entry("Subject", "Printer"),), (Button("Solve", "2.0.1"),), related=(TABLE,)),
    Stats("part-4", "Totals", (Figure("Tickets", "1,234", "/tickets"),)),
    Chart("part-5", "By status", "Status", "Tickets", (Bar("Open", "3", "100"), Bar("Solved", "1", "33.33")), ""),
    Text("part-6", "About", Markup("<p>Hello</p>")),
    Links("part-7", "Go on", (Link("All", "/tickets"),)),
    Trouble("part-8", "Broken", "This cannot be shown."),
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """The templates of a service."""
    return Renderer(Plan(format=1, requires=(), name="leave", version="1", owner="hr", theme=Theme(name="Acme Leave")))


def page(*parts: PartView, layout: str = "app-shell") -> PageView:
    """A page with parts."""
    return PageView("My leave", layout, parts)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.kind)
def test_every_part_is_well_formed(renderer: Renderer, part: PartView) -> None:
    """Each kind of part renders to balanced HTML without a script, a style or an event handler of its own."""
    html = renderer.page(page(part), SHELL)

    found = elements(html)
    assert [attributes for name, attributes in found if name == "script"] == [
        {"src": renderer.site.script, "defer": ""}
    ]
    assert not [name for name, attributes in found if name == "style" or "style" in attributes]
    assert not [key for _, attributes in found for key in attributes if key.startswith("on")]
    assert html.count("<section") == html.count("</section>")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.kind)
def test_ids_are_unique(renderer: Renderer, part: PartView) -> None:
    """No two elements of a page share an id."""
    ids = [a["id"] for _, a in elements(renderer.page(page(part), SHELL)) if "id" in a]

    if part.kind != "detail":
        assert sorted(set(ids)) == sorted(ids)


def test_hostile_text_stays_text(renderer: Renderer) -> None:
    """Scripts, quotes and template code in any value are shown, never run."""
    heading = Heading(HOSTILE, sort=HOSTILE, order="none")
    table = replace(TABLE, title=HOSTILE, headings=(heading, heading), rows=(Row((HOSTILE, HOSTILE), HOSTILE),))
    control = replace(CONTROLS[0], label=HOSTILE, value=HOSTILE, error=HOSTILE, help=HOSTILE)
    form = replace(FORM, controls=(control,), problems=(Problem(HOSTILE, HOSTILE),), intro=HOSTILE)
    shell = replace(SHELL, user=HOSTILE, flash=Flash(HOSTILE), here=HOSTILE)

    html = renderer.page(replace(page(table, form), title=HOSTILE), shell)

    assert "<script>alert" not in html
    assert "{{ 7*7 }}" in html
    assert len([name for name, _ in elements(html) if name == "script"]) == 1


def test_every_field_has_a_label(renderer: Renderer) -> None:
    """Each control is named by a label, a legend or the label around it."""
    found = elements(renderer.page(page(FORM), SHELL))

    labelled = {attributes["for"] for name, attributes in found if name == "label" and "for" in attributes}
    for control in CONTROLS:
        assert control.id in labelled or control.widget in ("radios", "checks")


def test_errors_are_linked_to_their_fields(renderer: Renderer) -> None:
    """The summary links to the field, and the field names its help and its error."""
    found = elements(renderer.page(page(FORM), SHELL, failed=True))

    subject = next(attributes for _, attributes in found if attributes.get("id") == "p-subject")
    assert ("a", {"href": "#p-subject"}) in found
    assert subject["aria-invalid"] == "true"
    assert subject["aria-describedby"] == "p-subject-help p-subject-error"


def test_a_failed_page_says_so_in_its_title(renderer: Renderer) -> None:
    """After an error the window's title begins with it, which is what a screen reader says first."""
    assert "<title>Error: My leave · Acme Leave</title>" in renderer.page(page(FORM), SHELL, failed=True)


def test_the_first_line_break_of_a_text_is_kept(renderer: Renderer) -> None:
    """A text that begins with a line break keeps it, though HTML drops the first one."""
    assert ">\n\nfirst line</textarea>" in renderer.page(page(FORM), SHELL)


def test_files_make_a_form_multipart(renderer: Renderer) -> None:
    """A form with a file field is sent in parts; others are not."""
    forms = [a for n, a in elements(renderer.page(page(FORM), SHELL)) if n == "form" and a.get("action") == "/tickets"]

    assert [form["enctype"] for form in forms] == ["multipart/form-data"]


def test_a_table_on_a_narrow_screen_still_reads_as_a_table(renderer: Renderer) -> None:
    """Roles are written out, since CSS that turns rows into cards would take them away."""
    found = elements(renderer.page(page(TABLE), SHELL))
    roles = {attributes["role"] for name, attributes in found if name in ("table", "tr", "th", "td", "thead", "tbody")}

    assert roles == {"table", "rowgroup", "row", "columnheader", "rowheader", "cell"}


def test_sorting_is_told_to_everybody(renderer: Renderer) -> None:
    """The sorted heading carries ``aria-sort`` and a link that turns the order around."""
    heading = next(a for n, a in elements(renderer.page(page(TABLE), SHELL)) if n == "th" and "aria-sort" in a)

    assert heading["aria-sort"] == "ascending"


def test_buttons_name_their_row(renderer: Renderer) -> None:
    """A screen reader hears which row a button is about."""
    assert 'Delete<span class="visually-hidden"> Printer</span>' in renderer.page(page(TABLE), SHELL)


def test_charts_are_tables(renderer: Renderer) -> None:
    """Labels and numbers of a chart stand in a table; the bars are hidden from screen readers."""
    html = renderer.page(page(PARTS[4]), SHELL)

    assert re.sub(r"\s+", " ", text_of(html, "table")).strip() == "Status Tickets Open 3 Solved 1"
    assert [a["aria-hidden"] for n, a in elements(html) if n == "svg" and a.get("class") == "bar"] == ["true", "true"]


def test_the_current_page_is_marked(renderer: Renderer) -> None:
    """The navigation says where one is, in its wide and in its narrow form."""
    current = [a["href"] for n, a in elements(renderer.page(page(), SHELL)) if a.get("aria-current") == "page"]

    assert current == ["/leave", "/leave"]


def test_the_first_link_skips_to_the_content(renderer: Renderer) -> None:
    """Keyboards reach the content at once."""
    links = [a["href"] for n, a in elements(renderer.page(page(), SHELL)) if n == "a"]

    assert links[0] == "#main"


def test_a_chosen_scheme_is_in_the_page(renderer: Renderer) -> None:
    """The scheme comes from the server, so that no page flashes in the wrong one."""
    dark = elements(renderer.page(page(), replace(SHELL, scheme="dark")))[0]
    auto = elements(renderer.page(page(), SHELL))[0]

    assert (dark[1].get("data-theme"), auto[1].get("data-theme")) == ("dark", None)


def test_a_conflict_shows_both_versions(renderer: Renderer) -> None:
    """Who saves over somebody else sees what is stored and what they typed."""
    stale = replace(FORM, problems=(), stale=True, conflict=(Difference("Subject", "Theirs", "Mine"),), cancel="/back")

    html = renderer.page(page(stale), SHELL)

    assert "Somebody else saved this meanwhile" in html
    assert re.sub(r"\s+", " ", text_of(html, "table")).strip() == "Field Stored now Yours Subject Theirs Mine"
    assert "Keep what is stored" in html


def test_failures_look_like_the_product(renderer: Renderer) -> None:
    """An error page has the same frame, says what happened and leads on."""
    html = renderer.failure(
        Failure(404, "This page does not exist", "It is gone.", Link("Go to the start", "/")), SHELL
    )

    assert "This page does not exist" in html
    assert "/decide" in [attributes.get("href") for _, attributes in elements(html)]


def test_a_plain_page_has_no_navigation(renderer: Renderer) -> None:
    """Signing in needs no menu; who is signed in keeps theirs on every page."""
    stranger = renderer.page(page(FORM, layout="plain"), replace(SHELL, user=None))
    known = renderer.page(page(FORM, layout="plain"), SHELL)

    assert ("<nav" in stranger, "<nav" in known) == (False, True)


def test_assets_change_their_address_with_their_bytes() -> None:
    """Another brand gives the style another address, so that browsers may keep it for ever."""
    one, other = (
        Renderer(Plan(format=1, requires=(), name="a", version="1", owner="o", theme=Theme(brand=brand)))
        for brand in ("#0b5fff", "#ff7a00")
    )

    assert one.site.style != other.site.style
    assert one.site.script == other.site.script


def test_a_page_is_light(renderer: Renderer) -> None:
    """A page with 25 rows, its style and its script together stay below 60 kB without compression."""
    rows = tuple(replace(TABLE.rows[0], name=f"Row {number}") for number in range(25))
    html = renderer.page(page(replace(TABLE, rows=rows)), SHELL)

    assets = renderer.assets
    assert len(html.encode()) + sum(len(assets.content(path)) for path in assets.paths) < 60_000
