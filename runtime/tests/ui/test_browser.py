"""Pages in a real Chromium: for everybody, on every screen, with the keyboard alone, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from .browser import chromium_browser, serving, sign_in
from .people import PASSWORD
from .service import ticket

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
LARGEST_ZOOM = {"width": 320, "height": 256}
"""WCAG 2.2, 1.4.10: what is left of a desktop at 400 %."""
PATHS = (
    "/",
    "/?status=solved",
    "/?q=unicorn",
    f"/tickets/{ticket(0)}",
    f"/tickets/{ticket(1)}/edit",
    "/overview",
    "/nowhere",
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One browser for all tests."""
    with chromium_browser(chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """One helpdesk for all tests that only look."""
    with serving() as opened:
        yield opened


@pytest.fixture
def own_address() -> Iterator[str]:
    """A helpdesk for one test that changes something."""
    with serving() as opened:
        yield opened


def context(browser: Browser, **more: Any) -> BrowserContext:
    """Somebody's browser, on a desktop unless said otherwise."""
    return browser.new_context(**{"viewport": DESKTOP, **more})


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and common sense."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def follow(page: Page, selector: str) -> None:
    """Click what leads to another page, and wait until it is there."""
    with page.expect_navigation():
        page.click(selector)


def overflow(page: Page) -> int:
    """By how much the page is wider than the screen."""
    width: int = page.locator("html").evaluate("root => root.scrollWidth - root.clientWidth")
    return width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_are_accessible(browser: Browser, address: str, screen: dict[str, int], scheme: str) -> None:
    """No page breaks WCAG 2.2 AA as far as axe can tell, and none scrolls sideways."""
    with context(browser, viewport=screen, color_scheme=scheme) as opened:
        page = opened.new_page()
        page.goto(f"{address}/sign-in")
        found = {"/sign-in": violations(page)}
        sign_in(page, address, "ada")

        for path in PATHS:
            page.goto(address + path)
            found[path] = violations(page) + ["overflow"] * (overflow(page) > 0)

    assert {path: problems for path, problems in found.items() if problems} == {}


def test_forms_with_errors_are_accessible(browser: Browser, address: str) -> None:
    """After an error the summary has the focus, and the page still breaks no rule."""
    with context(browser) as opened:
        page = opened.new_page()
        sign_in(page, address, "ada")
        page.click("summary:has-text('Report a problem')")

        follow(page, "button:has-text('Send')")

        assert page.title() == "Error: Tickets · Helpdesk"
        assert page.evaluate("document.activeElement.className") == "problems"
        assert violations(page) == []


def test_pages_fit_at_the_largest_zoom(browser: Browser, address: str) -> None:
    """At 400 % nothing but what must scroll sideways does, and nothing is lost."""
    with context(browser, viewport=LARGEST_ZOOM) as opened:
        page = opened.new_page()
        sign_in(page, address, "ada")

        wide = {}
        for path in PATHS:
            page.goto(address + path)
            wide[path] = overflow(page)

    assert set(wide.values()) == {0}


def test_hostile_words_break_no_layout(browser: Browser, own_address: str) -> None:
    """Words without end and text that runs from right to left stay inside their cells."""
    with context(browser, viewport=PHONE) as opened:
        page = opened.new_page()
        sign_in(page, own_address, "ada")
        page.click("summary:has-text('Report a problem')")
        page.fill("[name=subject]", "W" * 110)
        page.fill("[name=description]", "\u202e" + "עברית " * 50 + "X" * 500)

        follow(page, "button:has-text('Send')")
        phone = overflow(page)
        page.set_viewport_size({"width": 1280, "height": 800})
        desktop = overflow(page)
        follow(page, "a.row-link >> nth=0")

        assert (phone, desktop, overflow(page)) == (0, 0, 0)
        assert page.inner_text("h1") == "W" * 110


def test_the_main_job_needs_no_mouse(browser: Browser, own_address: str) -> None:
    """Signing in, reporting a problem and opening it work with the keyboard alone, and focus is always visible."""
    with context(browser) as opened:
        page = opened.new_page()
        page.goto(f"{own_address}/")
        keys = page.keyboard
        _tab_to(page, "[name=email]")
        keys.type("bob@desk.test")
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        page.wait_for_url(f"{own_address}/")
        keys.press("Tab")
        skip = page.evaluate("document.activeElement.className")
        _tab_to(page, "summary:has-text('Report a problem')")
        outlined = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        keys.press("Enter")
        _tab_to(page, "[name=subject]")
        keys.type("Typed without a mouse")
        keys.press("Enter")
        page.wait_for_selector("text=Ticket created.")
        _tab_to(page, "a.row-link")
        keys.press("Enter")
        page.wait_for_selector("h1:has-text('Typed without a mouse')")

        assert skip == "skip"
        assert outlined == "solid"


def _tab_to(page: Page, selector: str) -> None:
    wanted = page.locator(selector).first.element_handle()
    for _ in range(60):
        if page.evaluate("wanted => document.activeElement === wanted", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with the keyboard")


def test_everything_works_without_scripts(browser: Browser, own_address: str) -> None:
    """With scripts off one signs in, reports, is asked before deleting, changes the appearance and signs out."""
    with context(browser, java_script_enabled=False) as opened:
        page = opened.new_page()
        sign_in(page, own_address, "ada")
        page.click("summary:has-text('Report a problem')")
        page.fill("[name=subject]", "No scripts here")
        follow(page, "button:has-text('Send')")
        created = page.locator("text=Ticket created.").count()
        follow(page, "button:has-text('Delete') >> nth=0")
        asked = page.inner_text("h1")
        follow(page, "button:has-text('Delete')")
        deleted = page.locator("text=Ticket deleted.").count()
        page.click("details.wide-only > summary")
        follow(page, "details.wide-only button:has-text('Dark')")
        dark = page.get_attribute("html", "data-theme")
        page.click("details.wide-only > summary")
        page.click("details.wide-only button:has-text('Sign out')")

        assert (created, asked, deleted, dark) == (1, "Delete “No scripts here”?", 1, "dark")
        assert page.url == f"{own_address}/sign-in"


def test_scripts_ask_in_a_dialog(browser: Browser, own_address: str) -> None:
    """With scripts the question comes as a dialog: cancelling changes nothing, confirming deletes."""
    with context(browser) as opened:
        page = opened.new_page()
        sign_in(page, own_address, "ada")

        page.click("button:has-text('Delete') >> nth=0")
        question = page.inner_text("dialog h2")
        accessible = violations(page)
        page.keyboard.press("Escape")
        back = page.evaluate("document.activeElement.textContent.trim().startsWith('Delete')")
        page.click("button:has-text('Delete') >> nth=0")
        page.click("dialog button:has-text('Delete')")
        page.wait_for_selector("text=Ticket deleted.")

        assert question.startswith("Delete “")
        assert accessible == []
        assert back


def test_the_appearance_changes_at_once_and_stays(browser: Browser, own_address: str) -> None:
    """Choosing dark needs no new page with scripts, and the next page is dark from the server."""
    with context(browser) as opened:
        page = opened.new_page()
        sign_in(page, own_address, "ada")
        page.click("details.wide-only > summary")

        with page.expect_response("**/-/appearance"):
            page.click("details.wide-only button:has-text('Dark')")
        at_once = page.get_attribute("html", "data-theme")
        page.goto(f"{own_address}/overview")

        assert (at_once, page.get_attribute("html", "data-theme")) == ("dark", "dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 16, 19)"


def test_times_are_shown_in_the_readers_own_zone(browser: Browser, address: str) -> None:
    """Scripts turn UTC into the zone of the reader and keep the exact time in the title."""
    with context(browser, timezone_id="Asia/Tokyo", locale="en-GB") as opened:
        page = opened.new_page()
        sign_in(page, address, "ada")
        page.goto(f"{address}/tickets/{ticket(0)}")

        shown = page.locator("dd time[data-local]").first

        assert shown.inner_text().replace("\xa0", " ") == "1 Mar 2026, 17:00 GMT+9"
        assert (shown.get_attribute("title") or "").replace("\xa0", " ") == "1 Mar 2026, 08:00 UTC"


def test_nothing_reaches_beyond_the_service(browser: Browser, address: str) -> None:
    """No page asks another host for anything, or breaks its own content policy."""
    with context(browser) as opened:
        page = opened.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        sign_in(page, address, "ada")
        for path in PATHS[:-1]:
            page.goto(address + path)

    assert [url for url in asked if not url.startswith(address)] == []
    assert said == []


def test_a_page_prints_without_its_frame(browser: Browser, address: str) -> None:
    """On paper there is the content only, dark on white."""
    with context(browser, color_scheme="dark") as opened:
        page = opened.new_page()
        sign_in(page, address, "ada")

        page.emulate_media(media="print")

        assert not page.is_visible("header.top")
        assert not page.is_visible("button:has-text('Delete')")
        assert page.is_visible("table")
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(21, 24, 29)"
