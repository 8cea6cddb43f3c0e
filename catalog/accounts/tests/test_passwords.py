"""Which passwords are admitted."""

from __future__ import annotations

from typing import Any

import pytest

from archwright_runtime.errors import Refusal


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short pass", "too-short"),
        ("x" * 201, "too-long"),
        ("x" * 10_000_000, "too-long"),
        ("quiet\0herons in may", "format"),
        ("passwordpassword", "common"),
        ("P4ssw0rd!2026!", "common"),
        ("letmein-letmein-1", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("1234567890123", "common"),
        ("9876543210987", "common"),
        ("qwertyuiopasdf", "common"),
        ("1qaz2wsx3edc4rfv", "common"),
        ("the lovelace herons", "personal"),
        ("countess-1815-x", "personal"),
    ],
)
async def test_a_weak_password_is_refused_with_its_reason(service: Any, password: str, code: str) -> None:
    """A password that breaks a rule is refused at its own place, and the reason is named."""
    with pytest.raises(Refusal) as refusal:
        await service.register(email="countess@example.org", name="Ada Lovelace", password=password)

    assert [(problem.pointer, problem.code) for problem in refusal.value.problems] == [("/password", code)]


async def test_a_refused_password_costs_no_hash(service: Any) -> None:
    """A password of ten megabytes is refused before any hash is computed."""
    with pytest.raises(Refusal):
        await service.register(password="x" * 10_000_000)

    assert service.work == []


async def test_an_oversized_password_at_sign_in_costs_no_hash(service: Any) -> None:
    """Signing in with ten megabytes does no work either."""
    with pytest.raises(Refusal) as refusal:
        await service.call("sign_in", email="ada@example.org", password="x" * 10_000_000)

    assert (refusal.value.kind, service.work) == ("invalid", [])


@pytest.mark.parametrize(
    "password", ["seven quiet herons", "höchst unwahrscheinlich", "kX9#vQ2$mL7!", "🦩🦢🦉🦜🦆🦅🦃🐧🐓🦤🦚🐥"]
)
async def test_a_long_unusual_password_is_admitted(service: Any, password: str) -> None:
    """Length and rarity are all that is asked for; no mixture of kinds of characters is."""
    session = await service.register(password=password)

    assert session["token"]


async def test_an_existing_contract_can_demand_short_passwords(make_service: Any) -> None:
    """Every rule is a setting."""
    service = make_service(config={"password": {"shortest": 1, "refuse_common": False, "refuse_personal": False}})

    session = await service.register(password="ada")

    assert session["token"]


async def test_one_password_in_two_compositions_is_the_same(service: Any) -> None:
    """A password typed on a keyboard that sends NFD is the one typed in NFC."""
    await service.register(password="sieben größere Reiher")

    session = await service.call("sign_in", email="ada@example.org", password="sieben gro\u0308ßere Reiher")

    assert session["token"]


async def test_only_an_argon2id_hash_is_stored(service: Any) -> None:
    """The password itself is nowhere in the database."""
    await service.register()

    dump = "\n".join(service.connection.iterdump())

    assert ("$argon2id$" in dump, "seven quiet herons" in dump) == (True, False)


async def test_a_hash_with_old_parameters_is_renewed_at_sign_in(make_service: Any) -> None:
    """After the cost was raised, the next sign-in stores a hash with the new cost."""
    old = make_service()
    await old.register()
    new = make_service(config={"hashing": {"passes": 2, "memory": 16, "lanes": 1}})
    new.connection = old.connection

    await new.call("sign_in", email="ada@example.org", password="seven quiet herons")

    assert (await new.rows("User").find({}))[0]["password"].startswith("$argon2id$v=19$m=16,t=2,p=1$")
