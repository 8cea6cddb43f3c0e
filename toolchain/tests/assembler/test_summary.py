"""The summary page and the decision record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from archwright.assembler.identity import assign_ids
from archwright.assembler.plan import Theme
from archwright.assembler.wording import expression
from testing_support.chromium import LAUNCH_ARGUMENTS
from toolchain.tests import plans
from toolchain.tests.assembler.emissions import emitted, helpdesk, leave_requests, text
from toolchain.tests.assembler.migration.evolution import having


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest, chromium: Path) -> Iterator[Page]:
    """A page of a real browser that may not reach any network."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=LAUNCH_ARGUMENTS)
        opened = browser.new_context(color_scheme=request.param, offline=True).new_page()
        yield opened
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("emission", [leave_requests(), helpdesk()], ids=["leave-requests", "helpdesk"])
def test_the_page_is_accessible(emission: Any, page: Page, tmp_path: Path) -> None:
    """The page has no violation that axe can find, in light and in dark, without a network."""
    (tmp_path / "summary.html").write_bytes(emission.files["summary.html"])
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))

    page.goto((tmp_path / "summary.html").as_uri())
    found = Axe().run(page)

    assert found.response["violations"] == []
    assert problems == []


@pytest.mark.browser
def test_the_page_fits_a_telephone(page: Page, tmp_path: Path) -> None:
    """On a narrow screen only tables and the diagram scroll sideways, never the page."""
    (tmp_path / "summary.html").write_bytes(helpdesk().files["summary.html"])
    page.set_viewport_size({"width": 360, "height": 700})

    page.goto((tmp_path / "summary.html").as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_page_stands_alone() -> None:
    """The page has no script and loads nothing."""
    html = text(helpdesk(), "summary.html")

    assert not re.search(r"<script|javascript:|\son\w+=|@import|url\(|<link|<img|<iframe", html)
    assert "default-src 'none'" in unescape(html)


def test_hostile_names_stay_text() -> None:
    """Whatever stands in a document, it never becomes a tag, and a colour is a colour."""
    plan = plans.leave_requests()
    hostile = '"><script>alert(1)</script>'
    leave = replace(plan.entities["LeaveRequest"], label=hostile)
    theme = Theme(name=hostile, brand="red}</style><script>")
    html = text(
        emitted(replace(plan, description=hostile, theme=theme, entities={**plan.entities, "LeaveRequest": leave})),
        "summary.html",
    )

    assert "<script" not in html
    assert "--brand:#0b5fff" in html.replace(": ", ":")


def test_the_page_says_who_may_do_what() -> None:
    """Each right is shown with its rows and fields, as a person would write the condition."""
    html = text(leave_requests(), "summary.html")

    assert "this.owner == caller" in html
    assert "this.owner.manager == caller" in html
    assert "of id, owner, starts, ends, status" in html


def test_the_diagram_shows_each_entity_and_reference() -> None:
    """Every entity is a box; every reference and link is a line."""
    html = text(helpdesk(), "summary.html")
    picture = html[html.index("<svg") : html.index("</svg>")]

    assert picture.count("<rect") == 4
    assert picture.count("<circle") == 5
    assert "Ticket and Tag are linked many to many" in picture


def test_entities_in_a_circle_are_drawn() -> None:
    """References that lead back to where they began do not keep the diagram from ending."""
    plan = plans.helpdesk()
    tag = having(plan.entities["Tag"], first=plans.field(plans.ref("Comment"), present=False))
    ticket = having(plan.entities["Ticket"], main=plans.field(plans.ref("Tag"), present=False))
    circle = assign_ids(replace(plan, entities={**plan.entities, "Tag": tag, "Ticket": ticket}), None)

    assert text(emitted(circle), "summary.html").count("<circle") == 7


def test_the_record_says_what_to_review() -> None:
    """The decision record names public operations, rights of operations, lowered labels and own code."""
    record = json.loads(text(leave_requests(), "decision.json"))

    assert record["public"] == {"accounts.sign-in": None}
    assert record["principals"]["DecideLeave"][0]["fields"] == ["status"]
    assert record["tiers"]["operations"]["LeaveRequest.create"] == 2
    assert record["components"]["accounts"]["because"][0] == "says who a caller is"
    assert record["declassifications"][0]["why"] == "they are told"
    assert record["novel"] == {"shorten": "no component shortens names"}


def test_the_record_reads_well() -> None:
    """The record for people says the same in sentences."""
    record = text(leave_requests(), "decision.md")

    assert "- When: A service must know who a caller is." in record
    assert "- `DecideLeave` may update `LeaveRequest` (status) where `this.owner.manager == caller`" in record
    assert "anonymised 1095 days after `this.ends`" in record


NAME = plans.name("x", "text")
A = plans.literal("a")
ABSENT = plans.compare(NAME, "==", plans.literal(None, "null"))
ONE, TWO = plans.literal(1, "int"), plans.literal(2, "int")
SUM = {"op": "add", "left": NAME, "right": NAME}
WORDS: dict[str, Any] = {
    "x == 'a\\'b' && x != null": {
        "op": "and",
        "args": [plans.compare(NAME, "==", plans.literal("a'b")), {"op": "present", "value": NAME}],
    },
    "!(x == null)": {"op": "not", "value": ABSENT},
    "x in ['a', 'a']": {"op": "in", "value": NAME, "list": {"op": "list", "items": [A, A]}},
    "x.startsWith('a')": {"op": "search", "mode": "starts", "value": NAME, "part": A},
    "size(x)": {"op": "size", "value": NAME},
    "x ? 1 : 2": {"op": "if", "test": NAME, "then": ONE, "otherwise": TWO},
    "x.exists(y, y == x)": {
        "op": "exists",
        "over": NAME,
        "var": "y",
        "where": plans.compare(plans.name("y", "row"), "==", NAME),
    },
    "count()": {"op": "aggregate", "function": "count", "type": "int"},
    "sum(x)": {"op": "aggregate", "function": "sum", "value": NAME, "type": "int"},
    "x - x": {"op": "shift", "value": NAME, "by": NAME, "backwards": True},
    "(x + x) * x": {"op": "multiply", "left": SUM, "right": NAME},
    "strange(…)": {"op": "strange"},
}


@pytest.mark.parametrize("words", WORDS)
def test_expressions_are_shown_as_written(words: str) -> None:
    """A tree is shown in the notation in which people write it."""
    assert expression(WORDS[words]) == words
