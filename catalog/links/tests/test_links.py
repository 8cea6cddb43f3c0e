"""Links that attack are refused, links that imitate are flagged, all others have one form."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_links.link import Rules, read
from testing_support.part import Part

FOLDER = Path(__file__).parent.parent


async def _check(url: str, **config: Any) -> dict[str, Any]:
    return await Part(FOLDER, **config).run("check", url=url)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://EXAMPLE.org:443/a b".replace(" ", "%20"), "https://example.org/a%20b"),
        ("http://example.org:8080/?q=ä#ü", "http://example.org:8080/?q=%C3%A4#%C3%BC"),
        ("https://bücher.example/ß", "https://xn--bcher-kva.example/%C3%9F"),
        ("https://example.org./x", "https://example.org/x"),
        ("https://example.org/?a=<script>", "https://example.org/?a=%3Cscript%3E"),
        ("  https://example.org/  ", "https://example.org/"),
    ],
)
async def test_one_form(given: str, made: str) -> None:
    """An address is written in one form, with everything that is not plain escaped."""
    assert (await _check(given))["url"] == made


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>", "vbscript:x",
        "//example.org", "/path", "example.org", "", " ", "https:", "https://", "https:///x", "https:example.org",
        "https:/example.org", "https://user@example.org", "https://a:b@example.org", "https://example.org@evil.example",
        "https://example.org\\@evil.example", "https:\\\\evil.example", "https://exa\nmple.org", "https://exa mple.org",
        "https://example.org/\u202egpj.exe", "https://example.org/\u200b", "https://\x00.org",
        "https://127.0.0.1", "https://0x7f.1", "https://2130706433", "https://0177.0.0.1", "https://[::1]", "https://[::ffff:7f00:1]",
        "https://localhost", "https://intranet/", "https://１２７.0.0.1", "https://example.org:0", "https://example.org:99999",
        "https://example.org:", "https://-a.example", "https://a..example", "https://xn--a.example",
        "https://" + "a" * 64 + ".example",
        "https://example.org/" + "ä" * 500, "mailto:a@example.org", "tel:+491234", "file:///etc/passwd", "blob:https://example.org/x",
        "https://[", "https://ex%61mple.org", "https://example.org%2f@evil.example",
    ],
)  # fmt: skip
async def test_refused(url: str) -> None:
    """What is no plain address, or what two readers could take for two places, is refused."""
    with pytest.raises(Refusal) as caught:
        await _check(url[:2000])
    assert caught.value.kind == "unsafe-link"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://аpple.com", "mixed-scripts"),
        ("https://асе.com", "looks-latin"),
        ("https://bücher.example", None),
        ("https://пример.example", None),
        ("https://東京タワー.example", None),
        ("https://example.org", None),
    ],
)
async def test_imitations(url: str, reason: str | None) -> None:
    """A name whose letters imitate others is flagged; names in other languages are not."""
    found = await _check(url)

    assert (found["reason"], found["suspicious"]) == (reason, reason is not None)


async def test_numbers() -> None:
    """Where numbers are taken they have their canonical form."""
    found = await _check("http://[0:0:0:0:0:0:0:1]:8080/x", addresses=True)

    assert (found["url"], found["reason"]) == ("http://[::1]:8080/x", "number")
    with pytest.raises(Refusal):
        await _check("http://0x7f000001", addresses=True)


@pytest.mark.parametrize(("host", "taken"), [("example.org", True), ("a.example.org", True), ("notexample.org", False)])
async def test_allowed(host: str, taken: bool) -> None:
    """Only the allowed hosts and those below them are taken."""
    try:
        assert (await _check(f"https://{host}", allowed=["example.org"]))["host"] == host and taken
    except Refusal:
        assert not taken


async def test_other_schemes() -> None:
    """Mail addresses and phone numbers are taken where they are configured, one at a time and without headers."""
    schemes = ["mailto", "tel"]

    assert (await _check("mailto:Ann@Example.org", schemes=schemes))["url"] == "mailto:Ann@example.org"
    assert (await _check("tel:+49-30-123456", schemes=schemes))["shown"] == "+49-30-123456"
    for url in ("mailto:a@example.org?bcc=b@example.org", "mailto:a@example.org,b@example.org", "tel:1;x=<"):
        with pytest.raises(Refusal):
            await _check(url, schemes=schemes)


async def test_notice() -> None:
    """An external link leads through the notice, an own one does not."""
    part = Part(FOLDER, own=["example.org"], notice="/leaving")

    away = await part.run("lead", url="https://other.example/?a=1&b=2")
    here = await part.run("lead", url="https://www.example.org/x")

    assert away == {"href": "/leaving?to=https%3A%2F%2Fother.example%2F%3Fa%3D1%26b%3D2", "external": True}
    assert here == {"href": "https://www.example.org/x", "external": False}


@given(st.text(max_size=60))
def test_whatever_comes(text: str) -> None:
    """Every text is refused, or becomes an address that reads as itself and has the host that it says."""
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            link = read(url, Rules())
        except Refusal:
            continue
        assert link.url.isascii() and not set(link.url) & set("<>\"' \\")
        assert urlsplit(link.url).hostname == link.host
        assert read(link.url, Rules()).url == link.url
