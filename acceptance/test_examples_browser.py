"""Every example in a real Chromium: its job, without scripts, by keyboard alone, and for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from acceptance.browser import DESKTOP, PHONE, chromium_browser, known, person, violations
from acceptance.conftest import Running
from acceptance.services import TOKENS, Service

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
_YEARS = count(2031)
_NUMBERS = count(1)
# One light desktop and one dark phone show every page in both widths and both schemes.
LOOKS = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "dark")}


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One browser for all tests."""
    with chromium_browser(chromium) as opened:
        yield opened


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_leave_is_asked_for_approved_and_overseen(leave: Service, browser: Browser, scripts: bool) -> None:
    """The employee requests leave, the manager approves it, HR sees it; with scripts and without."""
    year = next(_YEARS)
    first = f"{year}-03-02"
    with person(browser, leave, "erin", java_script_enabled=scripts) as erin:
        erin.get_by_label("First day").fill(first)
        erin.get_by_label("Last day").fill(f"{year}-03-06")
        erin.get_by_label("Reason").fill(f"Sailing {year}")
        erin.get_by_role("button", name="Request leave").click()
        asked = erin.get_by_role("row").filter(has_text=f"Sailing {year}")
        expect(asked).to_contain_text("Pending")

        with person(browser, leave, "mona", java_script_enabled=scripts) as mona:
            mona.get_by_role("link", name="Decide").click()
            waiting = mona.get_by_role("row").filter(has_text=str(year))
            expect(waiting).to_contain_text("Erin Employee")
            expect(mona.get_by_text(f"Sailing {year}")).to_have_count(0)
            waiting.get_by_role("button", name="Approve").click()
            expect(waiting).to_have_count(0)

        erin.reload()
        expect(asked).to_contain_text("Approved")
        expect(asked.get_by_role("button")).to_have_count(0)
    with person(browser, leave, "hana", java_script_enabled=scripts) as hana:
        hana.get_by_role("link", name="Overview").click()
        expect(hana.get_by_role("row").filter(has_text=f"Sailing {year}")).to_contain_text("Erin Employee")
        expect(hana.get_by_role("heading", name="Requests by status")).to_be_visible()


def test_a_wrong_request_is_explained_and_withdrawn_after_it_is_right(leave: Service, browser: Browser) -> None:
    """The form says what is wrong and keeps what was typed; a pending request can be withdrawn."""
    year = next(_YEARS)
    with known(browser, leave, "erin") as erin:
        erin.goto("/")
        erin.get_by_label("First day").fill(f"{year}-05-09")
        erin.get_by_label("Last day").fill(f"{year}-05-01")
        erin.get_by_role("button", name="Request leave").click()
        expect(erin.get_by_text("The last day is not before the first day").first).to_be_visible()
        expect(erin.get_by_label("First day")).to_have_value(f"{year}-05-09")

        erin.get_by_label("Last day").fill(f"{year}-05-10")
        erin.get_by_role("button", name="Request leave").click()
        asked = erin.get_by_role("row").filter(has_text=str(year))
        asked.get_by_role("button", name="Withdraw").click()
        _confirm(erin)

        expect(asked).to_have_count(0)


def _confirm(page: Page) -> None:
    """Agree where a page asks whether one is sure."""
    page.wait_for_load_state()
    sure = page.get_by_role("dialog").get_by_role("button", name="Withdraw")
    if sure.count():
        sure.click()
    elif page.get_by_role("row").count() == 0:
        page.get_by_role("button", name="Withdraw").click()


def test_leave_is_asked_for_by_keyboard(leave: Service, browser: Browser) -> None:
    """Signing in and asking for leave takes nothing but keys."""
    year = next(_YEARS)
    email, password = leave.credentials("erin")
    with browser.new_context(viewport=DESKTOP, base_url=leave.address, locale="en-GB") as context:
        page = context.new_page()
        page.goto("/sign-in")
        _tab_to(page, "email")
        page.keyboard.type(email)
        _tab_to(page, "password")
        page.keyboard.type(password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{leave.address}/")

        _tab_to(page, "starts")
        # Whichever of day and month the browser asks for first.
        page.keyboard.type(f"0707{year}")
        _tab_to(page, "ends")
        page.keyboard.type(f"0808{year}")
        _tab_to(page, "reason")
        page.keyboard.type(f"By keys {year}")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(page.get_by_role("row").filter(has_text=f"By keys {year}")).to_contain_text(f"7 Jul {year}")


def _tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"`{name}` is not reached by Tab")


def test_a_ticket_is_reported_taken_answered_and_reopened(helpdesk: Service, browser: Browser, tmp_path: Path) -> None:
    """Customer and agent meet on one ticket: reply, document, solution, reopening."""
    subject = f"Screen {next(_NUMBERS)} is dark ({helpdesk.dialect})"
    document = tmp_path / "screen.txt"
    document.write_text("It is dark.")
    with known(browser, helpdesk, "cora") as cora, known(browser, helpdesk, "arne") as arne:
        cora.goto("/")
        cora.get_by_label("Subject").fill(subject)
        cora.get_by_label("Description").fill("Since noon.")
        cora.get_by_role("button", name="Send").click()
        cora.get_by_role("link", name=subject).click()
        expect(cora.get_by_label("Internal")).to_have_count(0)
        expect(cora.get_by_role("button", name="Take it")).to_have_count(0)
        cora.get_by_label("Document").set_input_files(document)
        cora.get_by_role("button", name="Attach").click()
        with cora.expect_download() as downloaded:
            cora.get_by_role("link", name="screen.txt").click()
        assert downloaded.value.path().read_text() == "It is dark."

        arne.goto("/board")
        arne.get_by_role("link", name=subject).click()
        arne.get_by_role("button", name="Take it").click()
        expect(arne.get_by_role("button", name="Take it")).to_have_count(0)
        arne.get_by_label("Body").fill("Between us: again.")
        arne.get_by_label("Internal").check()
        arne.get_by_role("button", name="Reply").click()
        expect(arne.get_by_text("Between us: again.")).to_be_visible()
        arne.get_by_role("button", name="Solve").click()
        arne.get_by_label("Answer").fill("There is a switch.")
        arne.get_by_role("button", name="Solve").last.click()
        expect(arne.get_by_text("Solved", exact=True).first).to_be_visible()

        cora.reload()
        expect(cora.get_by_text("There is a switch.")).to_be_visible()
        expect(cora.get_by_text("Between us: again.")).to_have_count(0)
        cora.get_by_role("button", name="Reopen").click()
        expect(cora.get_by_text("Open", exact=True).first).to_be_visible()


def test_goods_are_received_and_not_more_issued_than_there_are(inventory: Service, browser: Browser) -> None:
    """Clerks receive and issue; too much is explained; what runs low is on its page."""
    number = next(_NUMBERS)
    name = f"Crate {number}"
    with known(browser, inventory, "bela") as bela:
        bela.goto("/new-item")
        bela.get_by_label("Sku").fill(f"CRATE-{inventory.dialect.upper()}-{number}")
        bela.get_by_label("Name").fill(name)
        bela.get_by_role("button", name="Create").click()
        expect(bela.get_by_text(name).first).to_be_visible()
    with known(browser, inventory, "cleo") as cleo:
        cleo.goto("/")
        expect(cleo.get_by_role("link", name="New item")).to_have_count(0)
        cleo.get_by_role("row").filter(has_text=name).get_by_role("link").first.click()
        _move(cleo, "Receive", "6")
        expect(cleo.get_by_role("row").filter(has_text="Receipt")).to_contain_text("6")
        _move(cleo, "Issue", "7")
        expect(cleo.get_by_text("There is not that much of it in stock").first).to_be_visible()
        cleo.goto("/low-stock?sort=-on_hand")
        expect(cleo.get_by_role("row").filter(has_text=name)).to_contain_text("6")


def _move(page: Page, action: str, quantity: str) -> None:
    page.get_by_role("button", name=action).first.click()
    page.get_by_label("Quantity").fill(quantity)
    page.get_by_role("button", name=action).last.click()


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_for_everybody(example: str, look: str, running: Running, browser: Browser) -> None:
    """No page breaks WCAG 2.2 AA as far as axe can tell, and none scrolls sideways."""
    if example in TOKENS:
        pytest.skip("this service has no pages")
    service = running(example, "sqlite")
    screen, scheme = LOOKS[look]
    found: dict[str, list[str]] = {}
    for name in service.built.cast:
        with known(browser, service, name, viewport=screen, color_scheme=scheme) as page:
            for path in _pages(page):
                if path == "/" or path not in found:
                    page.goto(path)
                    found.setdefault(path, []).extend(violations(page))
    assert len(found) > 1
    assert {path: problems for path, problems in found.items() if problems} == {}


def _pages(page: Page) -> list[str]:
    """Every page that a person can reach by the navigation, and the first row of each table."""
    page.goto("/")
    navigation = page.eval_on_selector_all("nav a[href^='/']", "all => all.map(one => one.getAttribute('href'))")
    paths = dict.fromkeys(["/sign-in", "/account", *navigation])
    for path in list(paths):
        page.goto(path)
        rows = page.eval_on_selector_all("a.row-link", "all => all.map(one => one.getAttribute('href'))")
        paths.update(dict.fromkeys(rows[:1]))
    return list(paths)
