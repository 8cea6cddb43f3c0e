"""Links by which people choose a password."""

from __future__ import annotations

from typing import Any

import pytest

from archwright_runtime.errors import Refusal

ADDRESS = {"address": "https://leave.example.org/"}
NEW = "eight louder herons"


async def _link(service: Any, email: str = "ada@example.org") -> str:
    answer = await service.call("request_reset", email=email)
    link: str = answer["link"]
    return link


def _token(link: str) -> str:
    return link.partition("?token=")[2]


async def test_a_link_begins_with_the_configured_address(make_service: Any) -> None:
    """Nothing that a request says about the host gets into a mail."""
    service = make_service(config=ADDRESS)
    await service.register()

    link = await _link(service)

    assert link.startswith("https://leave.example.org/reset-password?token=")


async def test_a_link_lets_its_holder_choose_a_password(service: Any) -> None:
    """The new password works, and every session from before has ended."""
    before = await service.register()

    await service.call("reset_password", token=_token(await _link(service)), password=NEW)

    session = await service.call("sign_in", email="ada@example.org", password=NEW)
    assert (await service.recognise(before["token"]), bool(session["token"])) == (None, True)


async def test_a_link_works_once(service: Any) -> None:
    """A link that was used is refused."""
    await service.register()
    token = _token(await _link(service))
    await service.call("reset_password", token=token, password=NEW)

    with pytest.raises(Refusal) as refusal:
        await service.call("reset_password", token=token, password=NEW)

    assert refusal.value.kind == "expired-link"


async def test_a_link_expires(service: Any) -> None:
    """A link that is an hour old is refused."""
    await service.register()
    token = _token(await _link(service))
    service.later(hours=1)

    with pytest.raises(Refusal) as refusal:
        await service.call("reset_password", token=token, password=NEW)

    assert refusal.value.kind == "expired-link"


async def test_a_newer_link_replaces_the_older(service: Any) -> None:
    """Of two links only the second works."""
    await service.register()
    older = _token(await _link(service))
    await _link(service)

    with pytest.raises(Refusal) as refusal:
        await service.call("reset_password", token=older, password=NEW)

    assert refusal.value.kind == "expired-link"


async def test_a_weak_password_does_not_use_up_the_link(service: Any) -> None:
    """After a refused password the same link still works."""
    await service.register()
    token = _token(await _link(service))
    with pytest.raises(Refusal):
        await service.call("reset_password", token=token, password="short")

    await service.call("reset_password", token=token, password=NEW)

    assert (await service.call("sign_in", email="ada@example.org", password=NEW))["token"]


async def test_an_unknown_address_gets_the_same_members_and_no_link(service: Any) -> None:
    """The operation has nothing to tell apart but whether mail is sent."""
    await service.register()

    known = await service.call("request_reset", email="ada@example.org")
    unknown = await service.call("request_reset", email="nobody@example.org")

    assert (known.keys() == unknown.keys(), unknown["found"], unknown["link"]) == (True, False, "")


async def test_a_deactivated_user_gets_no_link(service: Any) -> None:
    """Resetting a password does not bring an account back."""
    session = await service.register()
    await service.rows("User").update({"id": session["user"]}, {"active": False})

    assert await _link(service) == ""


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
async def test_nobody_can_be_flooded_with_mail(service: Any, email: str) -> None:
    """The fourth request in a row has to wait, whether or not the address has an account."""
    await service.register()
    for _ in range(3):
        await _link(service, email)

    with pytest.raises(Refusal) as refusal:
        await _link(service, email)

    assert refusal.value.kind == "too-many"


async def test_a_reset_ends_a_lockout(service: Any) -> None:
    """A person who was locked out by somebody else's guesses gets in with a new password."""
    await service.register()
    for _ in range(5):
        with pytest.raises(Refusal):
            await service.call("sign_in", email="ada@example.org", password="a wrong password")

    await service.call("reset_password", token=_token(await _link(service)), password=NEW)

    assert (await service.call("sign_in", email="ada@example.org", password=NEW))["token"]


async def test_an_invited_person_chooses_the_first_password(service: Any) -> None:
    """The link of an invitation works like that of a reset, without any role."""
    invitation = await service.call("invite", email="New@Example.org", name="New")

    await service.call("reset_password", token=_token(invitation["link"]), password=NEW)

    session = await service.call("sign_in", email="new@example.org", password=NEW)
    assert (await service.recognise(session["token"])).roles == set()


async def test_revoking_ends_sessions_and_links(service: Any) -> None:
    """After an administrator revoked a user, neither an open session nor a sent link works."""
    session = await service.register()
    token = _token(await _link(service))

    await service.call("revoke", user=session["user"])

    with pytest.raises(Refusal):
        await service.call("reset_password", token=token, password=NEW)
    assert await service.recognise(session["token"]) is None
