"""A real browser in front of a running example."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from acceptance.services import Service
from testing_support.chromium import LAUNCH_ARGUMENTS

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
_QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium_browser(executable: Path) -> Iterator[Browser]:
    """A browser, closed with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*LAUNCH_ARGUMENTS, *_QUIET])
        yield browser
        browser.close()


@contextmanager
def person(browser: Browser, service: Service, name: str, **more: Any) -> Iterator[Page]:
    """A demo person's own browser, signed in by the form, on the service's first page."""
    with browser.new_context(**{"viewport": DESKTOP, "base_url": service.address, **more}) as context:
        page = context.new_page()
        sign_in(page, service, name)
        yield page


@contextmanager
def known(browser: Browser, service: Service, name: str, **more: Any) -> Iterator[Page]:
    """A demo person's own browser that has a session already."""
    with browser.new_context(**{"viewport": DESKTOP, "base_url": service.address, **more}) as context:
        cookie, _, value = service.session(name).partition("=")
        context.add_cookies([{"name": cookie, "value": value, "url": service.address}])
        yield context.new_page()


def sign_in(page: Page, service: Service, name: str) -> None:
    """Sign in by the form."""
    email, password = service.credentials(name)
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{service.address}/")


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and common sense, and whether the page scrolls sideways."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _RULES}}).response["violations"]
    page.wait_for_load_state()
    root = page.locator("html")
    wide = root.evaluate("root => root.scrollWidth > root.clientWidth")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found] + ["scrolls sideways"] * bool(wide)
