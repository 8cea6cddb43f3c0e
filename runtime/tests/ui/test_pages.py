"""Pages on a real engine and real databases, used as a browser without scripts uses them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from archwright_runtime.errors import PlanError
from archwright_runtime.http.csrf import FormTokens
from archwright_runtime.http.security import Security
from archwright_runtime.persistence.database import Database
from archwright_runtime.plan import Access, Assign, Input, Operation, Page, Part, Returns, Step, Trigger
from archwright_runtime.ui import trees
from archwright_runtime.ui.pages import Pages

from .people import PASSWORD
from .plans import CALLER, ENTITIES, HELPDESK, OPERATIONS, PAGES, given, literal
from .reading import elements, text_of, words
from .service import BOB, Desk, replica, running, ticket

HOSTILE = "\"'><script>alert(1)</script> \u202e {{ 7*7 }} " + "W" * 60


# -- signing in and out --------------------------------------------------------------------------------------


async def test_strangers_are_sent_to_sign_in(desk: Desk) -> None:
    """Who opens a page without a session signs in and arrives where they wanted to go."""
    visitor = desk.visitor()

    await visitor.open("/tickets/" + ticket(0) + "?a=b")
    asked = visitor.path
    await visitor.send(visitor.form("Sign in"), email="ada@desk.test", password=PASSWORD)

    assert asked == f"/sign-in?next=%2Ftickets%2F{ticket(0)}%3Fa%3Db"
    assert visitor.path == f"/tickets/{ticket(0)}?a=b"
    assert "Ada Lovelace" in visitor.page


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
async def test_signing_in_leads_nowhere_else(desk: Desk, target: str) -> None:
    """An address of another site is never where one arrives after signing in."""
    visitor = desk.visitor()

    await visitor.open(f"/sign-in?next={target}")
    await visitor.send(visitor.form("Sign in"), email="ada@desk.test", password=PASSWORD)

    assert visitor.path == "/"


async def test_a_wrong_password_is_told_without_saying_more(desk: Desk) -> None:
    """The sign-in form comes again with the address in it, without the password, and with one message."""
    visitor = desk.visitor()

    await visitor.open("/sign-in")
    await visitor.send(visitor.form("Sign in"), email="ada@desk.test", password="wrong")

    assert visitor.status == 422
    assert "The e-mail address or the password is wrong." in visitor.page
    assert visitor.form("Sign in").values["email"] == "ada@desk.test"
    assert visitor.form("Sign in").values["password"] == ""


async def test_fields_for_signing_in_are_known_to_password_managers(desk: Desk) -> None:
    """The address and the password say what they are, and the password is not shown."""
    visitor = desk.visitor()

    await visitor.open("/sign-in")

    inputs = {a["name"]: a for n, a in elements(visitor.page) if n == "input" and a.get("type") != "hidden"}
    assert inputs["email"]["autocomplete"] == "username"
    assert (inputs["password"]["type"], inputs["password"]["autocomplete"]) == ("password", "current-password")


async def test_signing_out_ends_at_the_sign_in_page(desk: Desk) -> None:
    """After signing out the session is gone and pages ask to sign in again."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.send(visitor.form("Sign out"))
    arrived = visitor.path
    await visitor.open("/overview")

    assert arrived == "/sign-in"
    assert visitor.path.startswith("/sign-in?next=")


async def test_the_sign_in_page_lets_nobody_sign_in_twice(desk: Desk) -> None:
    """Who is signed in already goes on to the start."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open("/sign-in")

    assert visitor.path == "/"


# -- what one sees -------------------------------------------------------------------------------------------


async def test_a_table_shows_rows_for_people(desk: Desk) -> None:
    """References show titles, money its currency, states their names."""
    visitor = await desk.visitor().sign_in("ada")

    shown = words(text_of(visitor.page, "table"))
    assert "€1,234.50" in shown
    assert "Bob Martin" in shown
    assert BOB not in shown


async def test_rows_and_columns_follow_permissions(desk: Desk) -> None:
    """A person without the right sees neither the rows of others nor a column that they may not read."""
    visitor = await desk.visitor().sign_in("bob")

    assert "Printer on the third floor" not in visitor.page
    assert "VPN drops" not in text_of(visitor.page, "table") or "Cost" not in text_of(visitor.page, "table")
    assert "Overview" not in visitor.page
    assert not visitor.has("Delete")


async def test_an_empty_table_says_what_to_do(desk: Desk) -> None:
    """Nothing to show is told in the words of the assembly."""
    visitor = await desk.visitor().sign_in("eve")

    assert "Nobody has reported anything." in visitor.page


async def test_a_record_has_its_name_as_heading(desk: Desk) -> None:
    """A record's page is called like the record, and leads back to its list."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open(f"/tickets/{ticket(1)}")

    assert words(text_of(visitor.page, "h1")) == "VPN drops every ten minutes"
    assert ("a", {"class": "back", "href": "/"}) in elements(visitor.page)
    assert "1 h 30 min" in visitor.page
    assert "<strong>burns</strong>" in visitor.page


async def test_a_record_of_others_does_not_exist(desk: Desk) -> None:
    """An invisible record and a missing one look the same."""
    visitor = await desk.visitor().sign_in("eve")

    await visitor.open(f"/tickets/{ticket(1)}")
    invisible = (visitor.status, words(text_of(visitor.page, "main")))
    await visitor.open("/tickets/" + "Z" * 22)

    assert invisible == (visitor.status, words(text_of(visitor.page, "main")))
    assert visitor.status == 404


async def test_figures_and_charts_count(desk: Desk) -> None:
    """Stat and bar chart show what the view counts."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open("/overview")

    assert "Tickets in all 12" in words(visitor.page)
    assert sorted(words(text_of(visitor.page, "tbody")).split()) == ["4", "4", "4", "In", "Open", "Solved", "progress"]
    assert "Counted <strong>now</strong>." in visitor.page


async def test_links_are_shown_to_those_who_may_follow_them(desk: Desk) -> None:
    """A link to a page that a person may not open is not there."""
    visitor = desk.visitor()

    await visitor.open("/sign-in")

    assert "For agents" not in visitor.page


async def test_a_page_without_access_is_refused_in_the_design(desk: Desk) -> None:
    """Who may not open a page is told so on a page; nothing of it is shown."""
    visitor = await desk.visitor().sign_in("bob")

    await visitor.open("/overview")

    assert visitor.status == 403
    assert "You may not open this" in visitor.page
    assert "Tickets by status" not in visitor.page


async def test_programs_get_problems_instead_of_pages(desk: Desk) -> None:
    """A client that does not ask for HTML gets problem details."""
    visitor = desk.visitor()

    answer = await visitor.open("/nowhere", accept="application/json")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 404


async def test_browsers_get_pages_for_unknown_addresses(desk: Desk) -> None:
    """An unknown address is answered in the design, with a way on."""
    visitor = desk.visitor()

    await visitor.open("/nowhere")

    assert visitor.status == 404
    assert words(text_of(visitor.page, "h1")) == "This page does not exist"


async def test_the_start_leads_to_a_page_that_one_may_open(database: Database) -> None:
    """Who may not open the start page goes to the first page of the navigation that they may open."""
    closed = replace(PAGES["/"], access=(Access(role="customer"),))
    plan = replace(HELPDESK, pages={**PAGES, "/": closed})
    async with running(database, plan=plan) as desk:
        visitor = await desk.visitor().sign_in("ada")

        assert visitor.path == "/overview"


# -- forms ---------------------------------------------------------------------------------------------------


async def test_a_form_creates_a_row_and_says_so_once(desk: Desk) -> None:
    """After sending a form one is back on the page, which says what was done, and only once."""
    visitor = await desk.visitor().sign_in("bob")

    await visitor.send(visitor.form("Send"), subject="The lift is stuck", description="Between *two* floors")
    said = "Ticket created." in visitor.page
    await visitor.open("/")

    assert (said, "Ticket created." in visitor.page) == (True, False)
    assert "The lift is stuck" in visitor.page
    assert await desk.value("SELECT count(*) FROM ticket WHERE subject = 'The lift is stuck'") == 1


async def test_a_refused_form_keeps_what_was_typed(desk: Desk) -> None:
    """What is missing is told at the field and above the form; what was typed stays."""
    visitor = await desk.visitor().sign_in("bob")

    await visitor.send(visitor.form("Send"), subject="", description="Still here", priority="urgent")

    assert visitor.status == 422
    assert visitor.form("Send").values["description"] == "Still here"
    assert visitor.form("Send").values["priority"] == "urgent"
    assert "Subject is required." in words(visitor.page)
    assert await desk.value("SELECT count(*) FROM ticket") == 12


async def test_sending_a_form_twice_does_it_once(desk: Desk) -> None:
    """The same form sent again, by a double click or a reload, makes no second row."""
    visitor = await desk.visitor().sign_in("bob")
    form = visitor.form("Send")

    await visitor.send(form, subject="Only once")
    await visitor.send(form, subject="Only once")

    assert visitor.status == 200
    assert await desk.value("SELECT count(*) FROM ticket WHERE subject = 'Only once'") == 1


async def test_a_form_of_somebody_else_is_refused(desk: Desk) -> None:
    """A form without the session's own token changes nothing."""
    visitor = await desk.visitor().sign_in("bob")
    other = await desk.visitor().sign_in("ada")
    form = other.form("Send")

    await visitor.send(form, subject="Forged")

    assert visitor.status == 403
    assert await desk.value("SELECT count(*) FROM ticket WHERE subject = 'Forged'") == 0


async def test_a_form_from_another_site_is_refused(desk: Desk) -> None:
    """A browser that says that another site made it send a form is not listened to."""
    visitor = await desk.visitor().sign_in("bob")
    form = visitor.form("Send")

    answer = await visitor._client.post(
        "/", data={**form.values, "subject": "x"}, headers={"sec-fetch-site": "cross-site"}
    )

    assert answer.status_code == 403


async def test_a_form_that_one_may_not_send_is_neither_shown_nor_taken(desk: Desk) -> None:
    """Hiding is not protecting: what is hidden is refused as well."""
    visitor = await desk.visitor().sign_in("bob")
    token = visitor.form("Send").values["_token"]

    await visitor.post("/", _token=token, _do=f"1.0.{ticket(1)}", _confirmed="yes")

    assert visitor.status == 403
    assert await desk.value("SELECT count(*) FROM ticket") == 12


@pytest.mark.parametrize("sent", [{}, {"_part": "99"}, {"_part": "x"}, {"_do": "1.7.x"}, {"_do": "1"}, {"_part": "1"}])
async def test_forms_that_the_page_does_not_have_are_refused(desk: Desk, sent: dict[str, str]) -> None:
    """A part, button or row that the page does not have is not found, and nothing breaks."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.post("/", _token=visitor.form("Send").values["_token"], **sent)

    assert visitor.status == 404


async def test_a_form_gives_the_record_of_its_page(desk: Desk) -> None:
    """A reply belongs to the ticket on whose page it was written."""
    visitor = await desk.visitor().sign_in("bob")
    await visitor.open(f"/tickets/{ticket(1)}")

    await visitor.send(visitor.form("Reply"), body="It works again.\r\nThank you!")

    assert "Your reply was added." in visitor.page
    assert visitor.path == f"/tickets/{ticket(1)}"
    assert await desk.value(f"SELECT body FROM comment WHERE ticket = '{ticket(1)}'") == "It works again.\nThank you!"


async def test_hostile_words_stay_words(desk: Desk) -> None:
    """A name full of markup and templates is shown as it was typed, in lists, on its page and in questions."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.send(visitor.form("Send"), subject=HOSTILE[:120], description=HOSTILE)
    pages = [visitor.page]
    await visitor.send(visitor.form("Delete"), "Delete")
    pages.append(visitor.page)
    await visitor.open(next(a["href"] for n, a in elements(pages[0]) if n == "a" and a.get("class") == "row-link"))
    pages.append(visitor.page)

    for page in pages:
        assert "<script>alert" not in page
        assert len([name for name, _ in elements(page) if name == "script"]) == 1
        assert "{{ 7*7 }}" in page


# -- tables --------------------------------------------------------------------------------------------------


async def test_filters_search_and_order_work_by_address(desk: Desk) -> None:
    """The form above a table narrows and sorts it, and says what is chosen."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.send(visitor.form("Apply"), status="solved", q="laptop")
    shown = words(text_of(visitor.page, "tbody"))

    assert "New laptop for Grace" in shown
    assert "VPN" not in shown
    assert visitor.form("Apply").values["status"] == "solved"
    assert "Clear" in visitor.page


async def test_filters_that_leave_nothing_say_so(desk: Desk) -> None:
    """An empty result of filters is told apart from an empty table, and the filters stay reachable."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open("/?q=unicorn")

    assert "Nothing matches." in visitor.page
    assert visitor.has("Apply")


async def test_dates_filter_a_range(desk: Desk) -> None:
    """From and to narrow by date, both included."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open("/?due.gte=2026-04-02&due.lte=2026-04-04")

    assert words(text_of(visitor.page, "tbody")).count("Apr 2026") == 2


async def test_a_filter_that_makes_no_sense_is_told(desk: Desk) -> None:
    """A value that no filter takes is told at its field, and the rest of the page works."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open("/?due.gte=yesterday")

    assert visitor.status == 200
    assert "Enter a date" in visitor.page


async def test_one_can_walk_through_pages_and_back(desk: Desk) -> None:
    """Next and previous lead through all rows and back to the first page."""
    visitor = await desk.visitor().sign_in("ada")
    seen = []

    for _ in range(3):
        seen.append(words(text_of(visitor.page, "tbody")))
        following = [a["href"] for _, a in elements(visitor.page) if a.get("rel") == "next"]
        if following:
            await visitor.open(following[0])
    last = words(visitor.page)
    for _ in range(2):
        await visitor.open(next(a["href"] for _, a in elements(visitor.page) if a.get("rel") == "prev"))

    assert len({*seen}) == 3
    assert "Page 3" in last
    assert words(text_of(visitor.page, "tbody")) == seen[0]


async def test_a_cursor_that_is_none_shows_the_first_page(desk: Desk) -> None:
    """An old or foreign cursor in the address is no error for a person."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open("/?cursor=nonsense")

    assert visitor.status == 200
    assert "Coffee machine" in visitor.page


async def test_headings_sort_both_ways(desk: Desk) -> None:
    """A heading sorts, and turns the order around when it is followed again."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open("/?sort=subject")
    upwards = text_of(visitor.page, "tbody").index("Cannot open")
    heading = next(a for n, a in elements(visitor.page) if n == "a" and "sort=-subject" in a.get("href", ""))
    await visitor.open(heading["href"].partition("#")[0])

    assert upwards >= 0
    assert words(text_of(visitor.page, "tbody")).startswith("VPN drops")


# -- buttons -------------------------------------------------------------------------------------------------


async def test_what_cannot_be_taken_back_is_asked_about(desk: Desk) -> None:
    """A dangerous button asks first, on a page of its own where there is no script."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.send(visitor.form("Delete"), "Delete")
    asked, before = words(text_of(visitor.page, "h1")), await desk.value("SELECT count(*) FROM ticket")
    await visitor.send(visitor.form("Delete"), "Delete")

    assert asked.startswith("Delete “")
    assert (before, await desk.value("SELECT count(*) FROM ticket")) == (12, 11)
    assert "Ticket deleted." in visitor.page


async def test_buttons_are_shown_where_they_make_sense(desk: Desk) -> None:
    """A button with a condition stands only beside rows that meet it."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open("/?status=solved")
    solved = visitor.has("Delete")
    await visitor.open("/?status=open")

    assert (solved, visitor.has("Delete")) == (False, True)


async def test_a_button_asks_for_what_it_needs(desk: Desk) -> None:
    """A button with fields asks for them, refuses an empty answer, and then runs."""
    visitor = await desk.visitor().sign_in("ada")
    await visitor.open(f"/tickets/{ticket(1)}")

    await visitor.send(visitor.form("Solve"), "Solve")
    asked = visitor.status
    await visitor.send(visitor.form("Solve"), "Solve", answer="")
    refused = visitor.status
    await visitor.send(visitor.form("Solve"), "Solve", answer="Turned it off and on")

    assert (asked, refused, visitor.status) == (200, 422, 200)
    assert "Turned it off and on" in visitor.page
    assert not visitor.has("Solve")


async def test_somebody_may_be_quicker(desk: Desk) -> None:
    """A button whose row has changed meanwhile says why it did nothing."""
    visitor, other = await desk.visitor().sign_in("ada"), await desk.visitor().sign_in("ada")
    await visitor.open(f"/tickets/{ticket(1)}")
    await visitor.send(visitor.form("Solve"), "Solve")
    question = visitor.form("Solve")
    await other.open(f"/tickets/{ticket(1)}")
    await other.send(other.form("Solve"), "Solve")
    await other.send(other.form("Solve"), "Solve", answer="First")

    await visitor.send(question, "Solve", answer="Second")

    assert visitor.status == 409
    assert "Somebody has solved this already." in visitor.page


async def test_deleting_a_record_leaves_its_page(desk: Desk) -> None:
    """After deleting from its own page one is not left on a page that no longer exists."""
    visitor = await desk.visitor().sign_in("ada")
    await visitor.open(f"/tickets/{ticket(1)}")

    await visitor.send(visitor.form("Delete"), "Delete")
    await visitor.send(visitor.form("Delete"), "Delete")

    assert (visitor.status, visitor.path) == (200, "/")


# -- editing -------------------------------------------------------------------------------------------------


async def test_an_edit_form_holds_what_is_stored(desk: Desk) -> None:
    """Every field begins with the stored value, in the form in which people type it."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open(f"/tickets/{ticket(1)}/edit")

    values = visitor.form("Save").values
    assert (values["cost"], values["effort"], values["due"], values["status"]) == (
        "1234.50",
        "1 h 30 min",
        "2026-04-02",
        "in_progress",
    )


async def test_values_may_be_typed_as_people_type(desk: Desk) -> None:
    """Thousands, decimal commas and spoken durations are understood, and empty means none."""
    visitor = await desk.visitor().sign_in("ada")
    await visitor.open(f"/tickets/{ticket(1)}/edit")

    await visitor.send(visitor.form("Save"), cost="12,5", effort="2d 3h", due="", billable="true")

    assert visitor.path == f"/tickets/{ticket(1)}"
    shown = words(visitor.page)
    assert "Cost €12.50" in shown
    assert "Effort 2 d 3 h" in shown
    assert "Due —" in shown
    assert "Billable Yes" in shown


async def test_an_unchecked_box_means_no(desk: Desk) -> None:
    """A checkbox that does not come is false, not unchanged."""
    visitor = await desk.visitor().sign_in("ada")
    await visitor.open(f"/tickets/{ticket(1)}/edit")
    await visitor.send(visitor.form("Save"), billable="true")
    await visitor.open(f"/tickets/{ticket(1)}/edit")
    form = visitor.form("Save")

    await visitor.send(form, billable=None)

    assert "Billable No" in words(visitor.page)


async def test_two_people_editing_see_both_versions(desk: Desk) -> None:
    """Who saves later sees what is stored now beside their own, and decides."""
    visitor, other = await desk.visitor().sign_in("ada"), await desk.visitor().sign_in("ada")
    await visitor.open(f"/tickets/{ticket(1)}/edit")
    await other.open(f"/tickets/{ticket(1)}/edit")
    await other.send(other.form("Save"), subject="Theirs", priority="low")

    await visitor.send(visitor.form("Save"), subject="Mine")
    status, compared = visitor.status, words(text_of(visitor.page, "table"))
    await visitor.send(visitor.form("Save mine over it"))

    assert status == 412
    assert compared == "Field Stored now Yours Subject Theirs Mine Priority Low Urgent"
    assert words(text_of(visitor.page, "h1")) == "Mine"


# -- files ---------------------------------------------------------------------------------------------------


async def test_files_can_be_attached_and_fetched_by_those_who_see_them(desk: Desk) -> None:
    """A file goes up with a form, and comes down harmlessly to those who may read its row, and to nobody else."""
    visitor, stranger = await desk.visitor().sign_in("bob"), await desk.visitor().sign_in("eve")
    await visitor.open(f"/tickets/{ticket(1)}")

    await visitor.send(visitor.form("Attach"), document=("notes.txt", b"hello", "text/plain"))
    address = next(a["href"] for n, a in elements(visitor.page) if n == "a" and "_file=" in a["href"])
    file = await visitor.open(address)
    await stranger.open(address)

    assert (file.content, file.headers["content-type"]) == (b"hello", "text/plain")
    assert file.headers["content-disposition"] == 'attachment; filename="notes.txt"'
    assert stranger.status == 404


async def test_a_file_of_another_kind_is_refused(desk: Desk) -> None:
    """What a field does not take is told at the field."""
    visitor = await desk.visitor().sign_in("bob")
    await visitor.open(f"/tickets/{ticket(1)}")

    await visitor.send(visitor.form("Attach"), document=("a.png", b"\x89PNG\r\n\x1a\n", "image/png"))

    assert visitor.status == 422
    assert "Send one of: text/plain, application/pdf." in words(visitor.page)


@pytest.mark.parametrize("wanted", ["", "x", "0", "3.x.document", "3.x.id", "99.x.y", "-1.a.b", "0.x.y.z"])
async def test_files_that_are_not_there_are_not_found(desk: Desk, wanted: str) -> None:
    """Any other address of a file is a page that does not exist."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.open(f"/tickets/{ticket(1)}?_file={wanted}")

    assert visitor.status == 404


# -- the frame -----------------------------------------------------------------------------------------------


async def test_the_scheme_is_remembered(desk: Desk) -> None:
    """A chosen appearance is kept in a cookie and drawn by the server; auto forgets it."""
    visitor = await desk.visitor().sign_in("ada")

    await visitor.send(visitor.form("Dark"), "Dark")
    dark, path = elements(visitor.page)[0][1].get("data-theme"), visitor.path
    await visitor.send(visitor.form("Auto"), "Auto")

    assert (dark, path) == ("dark", "/")
    assert "data-theme" not in elements(visitor.page)[0][1]


async def test_pages_are_kept_by_nobody_and_assets_for_ever(desk: Desk) -> None:
    """Pages may not be stored; style and script may be kept, since their addresses change with them."""
    visitor = desk.visitor()
    page = await visitor.open("/sign-in")
    style = next(a["href"] for n, a in elements(visitor.page) if n == "link" and a["rel"] == "stylesheet")

    asset = await visitor.open(style)

    assert page.headers["cache-control"] == "no-store"
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-encoding"] == "gzip"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


async def test_nothing_breaks_without_anything_logged(desk: Desk) -> None:
    """None of the usual ways through the pages leaves an accident in the log."""
    visitor = await desk.visitor().sign_in("ada")
    for path in ("/", "/overview", f"/tickets/{ticket(0)}", f"/tickets/{ticket(0)}/edit", "/?sort=-due&status=open"):
        await visitor.open(path)

    assert not [line for line in desk.log if b"accident" in line]


def test_a_part_of_an_unknown_kind_refuses_to_start() -> None:
    """A plan that asks for a part that this runtime does not draw is refused when the service starts."""
    page = replace(PAGES["/"], parts=(Part(kind="hologram"),))

    with pytest.raises(PlanError, match=r"page /, part 1 \(hologram\): is of a kind that this runtime does not draw"):
        _pages(replace(HELPDESK, pages={"/": page}))


def test_a_part_that_names_nothing_refuses_to_start() -> None:
    """A form without its operation and a table without rows are refused when the service starts."""
    for part in (Part(kind="form", operation="Nobody"), Part(kind="data-table"), Part(kind="text")):
        with pytest.raises(PlanError, match=r"page /, part 1"):
            _pages(replace(HELPDESK, pages={"/": replace(PAGES["/"], parts=(part,))}))


def _pages(plan: object) -> Pages:
    return Pages(plan, None, FormTokens(b"k" * 32), Security("http"))  # type: ignore[arg-type]


# -- what only some may give, and what only some may see --------------------------------------------------


async def test_fields_are_asked_of_those_who_may_give_them(database: Database) -> None:
    """A form asks a person only for fields that one of their grants lets them give."""
    names = ("subject", "priority", "cost")
    create = replace(
        OPERATIONS["Ticket.create"],
        input=(
            *OPERATIONS["Ticket.create"].input,
            Input(name="cost", type=ENTITIES["Ticket"].fields["cost"].type, nullable=True),
        ),
    )
    form = replace(PAGES["/"].parts[0], fields=names)
    page = replace(PAGES["/"], parts=(form, *PAGES["/"].parts[1:]))
    plan = replace(HELPDESK, pages={**PAGES, "/": page}, operations={**OPERATIONS, "Ticket.create": create})
    async with running(database, plan=plan) as desk:
        agent, customer = await desk.visitor().sign_in("ada"), await desk.visitor().sign_in("bob")

        assert "cost" in agent.form("Send").values
        assert "cost" not in customer.form("Send").values


async def test_an_answer_that_holds_an_address_is_shown(database: Database) -> None:
    """A link that an operation makes is shown to the person who asked for it, once."""
    link = {"op": "literal", "type": "url", "value": "https://desk.test/welcome/abc"}
    invite = Operation(
        trigger=Trigger(kind="http", method="POST", path="/api/invitations"),
        access=(Access(role="agent"),),
        returns=Returns(status=201, body={"op": "record", "type": "record", "fields": {"link": link}}),
    )
    page = Page(
        title="People",
        access=(Access(role="agent"),),
        parts=(Part(kind="form", operation="Invite", config={"submit": "Make a link", "message": "Pass this on."}),),
    )
    plan = replace(HELPDESK, pages={**PAGES, "/people": page}, operations={**OPERATIONS, "Invite": invite})
    async with running(database, plan=plan) as desk:
        visitor = await desk.visitor().sign_in("ada")
        await visitor.open("/people")

        await visitor.send(visitor.form("Make a link"))

        assert visitor.status == 200
        assert "Pass this on." in visitor.page
        assert ("a", "https://desk.test/welcome/abc") in [(n, a.get("href")) for n, a in elements(visitor.page)]


async def test_pages_of_a_table_go_on_in_another_process(desk: Desk) -> None:
    """A link to the next page works at every replica, whatever it has answered before."""
    visitor = await desk.visitor().sign_in("ada")
    following = next(a["href"] for _, a in elements(visitor.page) if a.get("rel") == "next")
    other = await replica(desk)
    second = await other.visitor().sign_in("ada")
    await second.open("/overview")

    await second.open(following)
    await visitor.open(following)

    assert words(text_of(second.page, "tbody")) == words(text_of(visitor.page, "tbody"))
    await other.engine.stop()


async def test_an_accident_is_told_in_the_design(desk: Desk) -> None:
    """When something breaks, a person reads so on a page, with a reference, and nothing of the inside."""
    visitor = await desk.visitor().sign_in("ada")
    await desk.database.write("DROP TABLE comment")

    await visitor.open(f"/tickets/{ticket(0)}")

    assert visitor.status in (500, 503)
    assert "Reference:" in visitor.page
    assert "comment" not in visitor.page


def _own_name(where: dict[str, Any]) -> Operation:
    name = Input(name="name", type=ENTITIES["accounts.User"].fields["name"].type, required=True)
    step = Step(
        kind="update", entity="accounts.User", where=where, set=(Assign(field="name", value=given("name", "text")),)
    )
    return Operation(
        trigger=Trigger(kind="http", method="POST", path="/api/me"),
        access=(Access(role="signed-in"),),
        input=(name,),
        steps=(step,),
        returns=Returns(status=204),
    )


@pytest.mark.parametrize(("other", "shown"), [(CALLER, "Bob Martin"), (literal(BOB, "text"), "")])
async def test_only_a_form_about_oneself_begins_with_ones_own_values(
    database: Database, other: dict[str, Any], shown: str
) -> None:
    """A form that writes the row of who uses it holds their values; any other form about people begins empty."""
    own = {
        "op": "compare",
        "type": "bool",
        "operator": "==",
        "left": trees.field(HELPDESK, "accounts.User", "id"),
        "right": other,
    }
    page = Page(title="Me", access=(Access(role="signed-in"),), parts=(Part(kind="form", operation="Rename"),))
    plan = replace(HELPDESK, pages={**PAGES, "/me": page}, operations={**OPERATIONS, "Rename": _own_name(own)})
    async with running(database, plan=plan) as desk:
        visitor = await desk.visitor().sign_in("bob")

        await visitor.open("/me")

        assert visitor.form("Rename").values["name"] == shown
