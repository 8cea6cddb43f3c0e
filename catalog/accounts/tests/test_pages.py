"""The pages that come with accounts, as a browser without scripts uses them."""

from __future__ import annotations

import html
import re

import httpx

from catalog.accounts.tests.serving import SETUP_CODE, Club

ADA = {"email": "ada@example.org", "name": "Ada", "password": "seven quiet herons"}
ROOT = {"code": SETUP_CODE, "email": "root@example.org", "name": "Root", "password": "nine watchful herons"}


async def _submit(browser: httpx.AsyncClient, path: str, submit: str, **values: str) -> httpx.Response:
    """Fill in the form whose button says ``submit``."""
    page = (await browser.get(path)).text
    forms = re.findall(r"<form\b.*?</form>", page, re.DOTALL)
    form = next(one for one in forms if f">{submit}</button>" in one)
    inputs = [dict(re.findall(r'([a-z]+)="([^"]*)"', tag)) for tag in re.findall(r"<input\b[^>]*>", form)]
    sent = {field["name"]: html.unescape(field.get("value", "")) for field in inputs if "name" in field}
    action = re.search(r'action="([^"]*)"', form)
    target = html.unescape(action[1]) if action and action[1] else path
    return await browser.post(target, data={**sent, **values})


def _text(answer: httpx.Response) -> str:
    visible = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", visible)).split())


async def test_a_person_registers_and_signs_in_again(club: Club) -> None:
    """Registering leads into the service; after signing out the sign-in page leads back to where one was going."""
    browser = club.browser()

    registered = await _submit(browser, "/register", "Create account", **ADA)
    await browser.post("/api/accounts/sign-out")
    asked = await browser.get("/account")
    entered = await _submit(browser, asked.headers["location"], "Sign in", email=ADA["email"], password=ADA["password"])

    assert (registered.status_code, registered.headers["location"]) == (303, "/")
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert "Your account" in _text(await browser.get("/account"))


async def test_a_wrong_password_is_said_on_the_page(club: Club) -> None:
    """The form comes back with one sentence and without the password."""
    browser = club.browser()

    answer = await _submit(browser, "/sign-in", "Sign in", email=ADA["email"], password="not this one at all")

    assert answer.status_code == 422
    assert "The e-mail address or the password is wrong." in _text(answer)
    assert "not this one at all" not in answer.text


async def test_a_weak_password_is_explained_beside_its_field(club: Club) -> None:
    """The reason stands at the password, and what else was typed is kept."""
    answer = await _submit(club.browser(), "/register", "Create account", **{**ADA, "password": "password1234"})

    assert answer.status_code == 422
    assert "This password is easy to guess." in _text(answer)
    assert 'value="ada@example.org"' in answer.text


async def test_a_person_changes_name_and_password(club: Club) -> None:
    """Both forms of the account page say what they did."""
    browser = club.browser()
    await _submit(browser, "/register", "Create account", **ADA)

    await _submit(browser, "/account", "Save", name="Ada Lovelace")
    renamed = await browser.get("/account")
    await _submit(browser, "/account", "Change password", current=ADA["password"], new="eight louder herons")
    changed = await browser.get("/account")

    assert 'value="Ada Lovelace"' in renamed.text
    assert "Your password was changed." in _text(changed)


async def test_a_mailed_link_opens_a_page(club: Club) -> None:
    """The link's page asks for a password only, and the new one signs in."""
    browser = club.browser()
    await browser.post("/api/accounts/register", json=ADA)

    asked = await _submit(club.browser(), "/forgot-password", "Send a link", email=ADA["email"])
    token = await club.inbox.link()
    chosen = await _submit(
        club.browser(), f"/reset-password?token={token}", "Save password", password="eight louder herons"
    )
    entered = await _submit(browser, "/sign-in", "Sign in", email=ADA["email"], password="eight louder herons")

    assert [answer.status_code for answer in (asked, chosen, entered)] == [303, 303, 303]


async def test_an_administrator_sees_and_deactivates_people(club: Club) -> None:
    """The list of people has a button for each, and says who is not active any more."""
    browser, ada = club.browser(), club.browser()
    await _submit(browser, "/setup", "Create administrator", **ROOT)
    await _submit(browser, "/sign-in", "Sign in", email=ROOT["email"], password=ROOT["password"])
    await ada.post("/api/accounts/register", json=ADA)

    people = _text(await browser.get("/users"))

    assert ("ada@example.org" in people, "Root" in people, "Deactivate" in people) == (True, True, True)
    assert (await ada.get("/users")).status_code == 403
