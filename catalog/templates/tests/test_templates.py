"""Templates fill, escape, fail clearly and always end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.errors import Refusal, SettingError
from testing_support.assembled import assemble, started
from testing_support.part import Part

FOLDER = Path(__file__).parent.parent


def _part(**html: str) -> Part:
    return Part(FOLDER, html=html, text={"plain": "<{{ a }}>", "list": "{% for x in a %}{{ x }},{% endfor %}"})


async def _html(source: str, data: Any = None, **more: Any) -> str:
    found = await _part(page=source).run("html", template="page", data=data or {}, **more)
    return str(found["html"])


@pytest.mark.parametrize(
    "value",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onclick='x", "{{ 7 * 7 }}", "{% raw %}", "&lt;"],
)
async def test_values_are_escaped(value: str) -> None:
    """A value of strangers neither becomes markup nor a template, in text and in attributes."""
    made = await _html('<p title="{{ a }}">{{ a }}</p>', {"a": value})

    assert made.count("<") == 2 and made.count('"') == 2 and "49" not in made


async def test_nested_values_are_escaped() -> None:
    """The same holds inside loops, included templates and joined lists."""
    part = _part(page='{% for x in a %}{% include "item" %}{% endfor %}{{ a|join("<br>") }}', item="{{ x.b }}")

    made = (await part.run("html", template="page", data={"a": [{"b": "<i>"}]}))["html"]

    assert "<i>" not in made and "<br>" not in made


async def test_content_is_markup() -> None:
    """Only ``content`` is markup, and what is harmful in it is gone."""
    made = await _html("{{ content }}", content="<b>x</b><script>alert(1)</script><a href=javascript:x>y</a>")

    assert made == '<b>x</b><a rel="noopener noreferrer">y</a>'


async def test_text_is_not_escaped() -> None:
    """Plain text stays as it is."""
    assert await _part().run("text", template="plain", data={"a": "&"}) == {"text": "<&>"}


async def test_times_and_truths() -> None:
    """Values look as they do on the wire; what is absent is empty."""
    assert await _html("{{ a }} {{ b }}|{{ c }}", {"a": True, "b": 1.5, "c": None}) == "true 1.5|"


@pytest.mark.parametrize("source", ["{{ a }}", "{% for x in a %}{% endfor %}", "{{ b.c }}", "{% include 'gone' %}"])
async def test_missing(source: str) -> None:
    """A value or template that is not there is a failure."""
    with pytest.raises(Refusal, match="cannot be filled"):
        await _html(source, {"b": {}})


async def test_no_such_template() -> None:
    """So is a template that nobody wrote."""
    with pytest.raises(Refusal, match="no template"):
        await _part().run("html", template="other")


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}",
        "{% for x in a %}{% for y in a %}" + "x" * 1000 + "{% endfor %}{% endfor %}",
        '{% include "page" %}',
    ],
)
async def test_bounded(source: str) -> None:
    """Loops, recursion and growth end as a failure."""
    with pytest.raises(Refusal):
        await _html(source, {"a": list(range(100))})


@pytest.mark.parametrize(
    "source", ["{{ a", "{% for %}", "{{ a|safe }}", "{% autoescape false %}{{ a }}{% endautoescape %}"]
)
def test_unreadable(source: str) -> None:
    """A template that cannot be read, or that turns escaping off, refuses to start."""
    with pytest.raises(SettingError):
        _part(page=source)


async def test_answers(tmp_path: Path, database: str) -> None:
    """An operation answers with the page as HTML."""
    dist = assemble(
        """
assembly: pages
version: 1.0.0
owner: team-pages
components:
  templates: {use: std/templates@^1, config: {html: {hello: "<h1>{{ name }}</h1>"}}}
operations:
  Hello:
    trigger: {http: "GET /hello/{name}"}
    access: [anyone]
    input: {name: text(50)!}
    steps: [{call: templates.html, template: hello, data: {name: "${input.name}"}, as: page}]
    returns: {body: "${page.html}", media: text/html}
""",
        tmp_path / "pages",
    )

    async with started(dist, database) as service:
        answer = await service.visitor().get("/hello/%3Cb%3E")

    assert (answer.status, answer.body) == (200, b"<h1>&lt;b&gt;</h1>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
