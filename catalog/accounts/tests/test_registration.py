"""Accounts come into being by registration and by the setup code."""

from __future__ import annotations

from typing import Any

import pytest

from archwright_runtime.errors import Refusal

PASSWORD = "seven quiet herons"
CODE = "9f1c2a77-setup-code-of-this-service"


async def test_a_registered_person_is_signed_in(service: Any) -> None:
    """Registering gives a session of the new account."""
    session = await service.register()

    caller = await service.recognise(session["token"])

    assert caller.id == session["user"]


async def test_registration_grants_the_configured_roles(make_service: Any) -> None:
    """A person who registers has the roles that the configuration names and no others."""
    service = make_service(config={"registers_as": ["employee"]})
    session = await service.register()

    caller = await service.recognise(session["token"])

    assert caller.roles == {"employee"}


@pytest.mark.parametrize("other", ["ADA@Example.ORG", " ada@example.org ", "Ada@example.org"])
async def test_an_address_has_one_account_however_it_is_spelled(service: Any, other: str) -> None:
    """An address that differs in case or in surrounding space is taken."""
    await service.register()

    with pytest.raises(Refusal) as refusal:
        await service.register(email=other)

    assert refusal.value.kind == "address-taken"


async def test_composed_and_decomposed_addresses_are_one(service: Any) -> None:
    """An address in NFD finds the account that was made with NFC."""
    await service.register(email="zoë@example.org", name="Zo")

    session = await service.call("sign_in", email="zoe\u0308@example.org", password=PASSWORD)

    assert session["token"]


@pytest.mark.parametrize(
    "email", ["", "ada", "@example.org", "ada@", "ada@example", "ada\0@example.org", "a b@example.org", "a@b.c" * 60]
)
async def test_what_is_no_address_is_refused(service: Any, email: str) -> None:
    """Registration needs an address that mail can reach."""
    with pytest.raises(Refusal) as refusal:
        await service.register(email=email)

    assert refusal.value.problems[0].pointer == "/email"


async def test_the_setup_code_makes_an_administrator(make_service: Any) -> None:
    """Whoever holds the setup code becomes administrator."""
    service = make_service(secrets={"setup-code": CODE})

    session = await service.call(
        "first_admin", code=CODE, email="r@example.org", name="R", password="seven quiet herons"
    )

    assert (await service.recognise(session["token"])).roles == {"admin"}


async def test_a_setup_code_works_once(make_service: Any) -> None:
    """A setup code that has been used is not valid any more."""
    service = make_service(secrets={"setup-code": CODE})
    await service.call("first_admin", code=CODE, email="r@example.org", name="R", password=PASSWORD)

    with pytest.raises(Refusal) as refusal:
        await service.call("first_admin", code=CODE, email="s@example.org", name="S", password=PASSWORD)

    assert refusal.value.kind == "wrong-code"


@pytest.mark.parametrize("secrets", [{}, {"setup-code": "short"}, {"setup-code": ""}, {"setup-code": CODE + "x"}])
async def test_without_the_right_code_nobody_becomes_administrator(make_service: Any, secrets: dict[str, str]) -> None:
    """A missing, short or different setup code lets nobody in."""
    service = make_service(secrets=secrets)

    with pytest.raises(Refusal) as refusal:
        await service.call("first_admin", code=CODE, email="r@example.org", name="R", password=PASSWORD)

    assert refusal.value.kind == "wrong-code"


async def test_guessing_the_setup_code_is_slowed_down(make_service: Any) -> None:
    """After five wrong codes a source has to wait, even with the right one."""
    service = make_service(secrets={"setup-code": CODE})
    for _ in range(5):
        with pytest.raises(Refusal):
            await service.call("first_admin", code="wrong", email="r@example.org", name="R", password="x")

    with pytest.raises(Refusal) as refusal:
        await service.call("first_admin", code=CODE, email="r@example.org", name="R", password=PASSWORD)

    assert refusal.value.kind == "too-many"
