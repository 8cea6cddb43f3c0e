"""Texts become harmless markup, addresses, excerpts and differences."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.language.component import read_component
from archwright_runtime.caller import ANONYMOUS
from archwright_std_content import create
from archwright_std_content.difference import compare
from archwright_std_content.markup import Markup
from archwright_std_content.slug import slug

MANIFEST = Path(__file__).parent.parent / "component.yaml"


@dataclass
class Service:
    """A host and a context at once."""

    config: dict[str, Any] = field(default_factory=dict)
    now: datetime = datetime(2026, 3, 1, tzinfo=UTC)
    idempotency_key: str = ""
    source: str = ""
    caller: Any = ANONYMOUS

    def secret(self, name: str) -> str:
        raise NotImplementedError

    async def offload(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return work(*arguments)

    def forget(self, session: str) -> None:
        raise NotImplementedError

    def rows(self, entity: str) -> Any:
        raise NotImplementedError

    def run(self, capability: str, **input: Any) -> Awaitable[dict[str, Any]]:
        """Run a capability."""
        return create(self).capabilities[capability](self, input)


async def test_markdown_becomes_html() -> None:
    """Marks, lists, links, code and tables have their HTML."""
    text = "# T\n\n*a* **b** ~~c~~ [d](https://e.org)\n\n- f\n\n```py\ng\n```\n\n|h|\n|-|\n|i|\n"

    html = (await Service().run("markdown", text=text))["html"]

    for part in ("<h1>T</h1>", "<em>a</em>", "<strong>b</strong>", "<s>c</s>", "<li>f</li>", "<td>i</td>"):
        assert part in html
    assert '<code class="language-py">g' in html
    assert '<a href="https://e.org" rel="noopener noreferrer nofollow ugc">d</a>' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        "![x](javascript:alert(1))",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<svg/onload=alert(1)>",
        "<iframe src=//evil.test></iframe>",
        '<p style="background:url(javascript:alert(1))">x</p>',
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "<form action=/sign-out><button>x</button></form>",
        "<a href='x' target=_blank onclick=alert(1)>x</a>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
@pytest.mark.parametrize("images", [False, True])
async def test_nothing_that_runs_gets_through(text: str, images: bool) -> None:
    """Neither Markdown nor HTML brings scripts, handlers, frames, forms or dangerous links."""
    service = Service({"images": images})

    made = (await service.run("markdown", text=text))["html"] + (await service.run("sanitise", html=text))["html"]

    found = _Elements()
    found.feed(made)
    assert found.names <= {"p", "a", "img", "code", "pre", "ul", "li", "em", "strong"}
    assert {name for name, _ in found.attributes} <= {"href", "rel", "src", "alt", "title"}
    assert [value for name, value in found.attributes if name in ("href", "src") and ":" in value] == []


class _Elements(HTMLParser):
    """What a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


async def test_images_are_kept_only_where_configured() -> None:
    """Images are dropped by default, and kept from https and from the service itself where they are wanted."""
    text = "![a](https://e.org/a.png) ![b](/b.png) ![c](http://e.org/c.png) ![d](//e.org/d.png)"

    without = (await Service().run("markdown", text=text))["html"]
    wanted = (await Service({"images": True}).run("markdown", text=text))["html"]

    assert "<img" not in without
    assert [source in wanted for source in ("https://e.org/a.png", "/b.png", "c.png", "d.png")] == [
        True, True, False, False,
    ]  # fmt: skip


@given(st.text(max_size=300))
def test_sanitising_twice_changes_nothing(text: str) -> None:
    """What is harmless stays as it is."""
    once = Markup(images=True).sanitise(text)

    assert Markup(images=True).sanitise(once) == once


@pytest.mark.parametrize("text", ["> " * 5000 + "x", "- " * 5000, "[" * 20000, "*a **a " * 5000, "`" * 20000])
def test_hostile_markdown_ends(text: str) -> None:
    """Deep nesting and unclosed marks give an answer and no failure."""
    assert isinstance(Markup().markdown(text), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How to train your dragon", "how-to-train-your-dragon"),
        ("  Crème brûlée & Co.  ", "creme-brulee-and-co"),
        ("Straße Łódź Ærø", "strasse-lodz-aero"),
        ("C++ / C#", "c-c"),
        ("日本語", "untitled"),
        ("../../etc/passwd", "etc-passwd"),
        ("--", "untitled"),
        ("ﬁne ①", "fine-1"),
    ],
)
def test_a_title_becomes_a_slug(text: str, expected: str) -> None:
    """Accents are dropped, signs separate words, and what has no ASCII letters gets the fallback."""
    assert slug(text, "untitled") == expected


@given(st.text(max_size=500))
def test_a_slug_is_always_one(text: str) -> None:
    """A slug holds lower-case letters, digits and single hyphens, at most a hundred, and is its own slug."""
    made = slug(text, "x")

    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 0 < len(made) <= 100
    assert "--" not in made
    assert slug(made) == made


async def test_an_excerpt_has_whole_words_and_no_markup() -> None:
    """Marks, links and code are gone, and the last word is complete."""
    text = "# Title\n\nSome **bold** and [a link](https://e.org) with `code`, and much more text."

    made = await Service().run("excerpt", text=text, length=45)

    assert made == {"text": "Title Some bold and a link with code, and…"}


async def test_a_short_text_is_its_own_excerpt() -> None:
    """Nothing is added to a text that fits."""
    assert await Service().run("excerpt", text="Short.") == {"text": "Short."}


async def test_a_difference_shows_lines_that_came_and_went() -> None:
    """The unified format has a minus for what went and a plus for what came."""
    made = await Service().run("diff", before="a\nb\nc", after="a\nB\nc\nd")

    assert made == {"unified": "@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d", "added": 2, "removed": 1, "same": False}


async def test_the_same_text_has_no_difference() -> None:
    """Two equal texts give nothing."""
    assert await Service().run("diff", before="a\nb", after="a\nb") == {
        "unified": "", "added": 0, "removed": 0, "same": True,
    }  # fmt: skip


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.sampled_from("abcd"), max_size=30))
def test_the_numbers_agree_with_the_texts(before: list[str], after: list[str]) -> None:
    """Lines before, less those that went, plus those that came, are the lines after."""
    found = compare("\n".join(before), "\n".join(after))

    assert len("\n".join(before).splitlines()) - found.removed + found.added == len("\n".join(after).splitlines())


def test_a_large_difference_is_shown_as_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts with thousands of different lines are not searched for the shortest difference."""
    monkeypatch.delattr(difflib, "unified_diff")
    before = "\n".join(f"old {number}" for number in range(20_000))
    after = "\n".join(f"new {number}" for number in range(20_000))

    found = compare(before, after)

    assert (found.added, found.removed) == (20_000, 20_000)


def test_the_manifest_has_no_findings() -> None:
    """The manifest is read without a finding and promises what the package provides, all of it pure."""
    document, findings = read_component(MANIFEST.read_bytes(), str(MANIFEST))

    assert findings == ()
    assert document is not None
    capabilities = document.model.provides.capabilities
    assert {name.partition(".")[2] for name in capabilities} == set(create(Service()).capabilities)
    assert not [name for name, capability in capabilities.items() if capability.effects]
