"""Ready-made accounts for demonstrations."""

from __future__ import annotations

from typing import Any

from archwright_std_accounts import Person, seed

PEOPLE = [
    Person("ben@example.org", "Ben", "demo-password", ("manager",)),
    Person("Ada@example.org", "Ada", "demo-password", ("employee",), {"manager": "ben@example.org"}),
]


async def test_seeded_people_can_sign_in(service: Any) -> None:
    """A seeded person signs in with the password that was given and has the roles that were given."""
    await seed(service, PEOPLE)

    session = await service.call("sign_in", email="ada@example.org", password="demo-password")

    assert (await service.recognise(session["token"])).roles == {"employee"}


async def test_seeded_people_are_connected(service: Any) -> None:
    """A field that points to another person holds that person's id."""
    ids = await seed(service, PEOPLE)

    ada = (await service.rows("User").find({"email": "ada@example.org"}))[0]

    assert ada["manager"] == ids["ben@example.org"]


async def test_people_may_be_plain_data(service: Any) -> None:
    """What a document says about people is taken as it is, with the fields that an assembly added."""
    ben = {"email": "ben@example.org", "name": "Ben", "password": "demo-password", "roles": ["manager"]}
    ada = {"email": "ada@example.org", "name": "Ada", "password": "demo-password", "manager": "ben@example.org"}

    ids = await service.implementation.seed(service, [ada, ben])

    assert (await service.rows("User").find({"name": "Ada"}))[0]["manager"] == ids["ben@example.org"]


async def test_seeding_twice_changes_nothing(service: Any) -> None:
    """People who exist are left as they are."""
    first = await seed(service, PEOPLE)

    assert await seed(service, PEOPLE) == first


def test_a_person_does_not_show_the_password() -> None:
    """The password is in no repr."""
    assert "demo-password" not in repr(PEOPLE)
