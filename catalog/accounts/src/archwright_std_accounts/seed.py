"""Ready-made accounts for demonstrations and tests; never called by a deployed service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archwright_runtime.component import Context

from . import address
from .passwords import canonical


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in.

    Attributes:
        email: also the name under which others refer to this person.
        name: as shown to people.
        password: chosen by whoever seeds; the rules for passwords do not apply.
        roles: granted roles.
        references: fields that an assembly added and that point to another person, given by e-mail address.
    """

    email: str
    name: str
    password: str = field(repr=False)
    roles: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)


async def seed(context: Context, people: Sequence[Person]) -> dict[str, str]:
    """Create accounts that do not exist yet and connect them; ids by e-mail address.

    Example::

        await seed(context, [
            Person("ben@example.org", "Ben", "demo-password", ("manager",)),
            Person("ada@example.org", "Ada", "demo-password", ("employee",), {"manager": "ben@example.org"}),
        ])
    """
    ids = {person.email: await _create(context, person) for person in people}
    for person in people:
        if person.references:
            links = {name: ids[email] for name, email in person.references.items()}
            await context.rows("User").update({"id": ids[person.email]}, links)
    return ids


async def _create(context: Context, person: Person) -> str:
    from argon2 import PasswordHasher

    users = context.rows("User")
    key = {"email": address.normalise(person.email)}
    found = await users.find(key)
    if not found:
        kept = PasswordHasher().hash(canonical(person.password))
        values = {"name": person.name, "password": kept, "roles": list(person.roles), "active": True}
        await users.ensure(key, values)
        found = await users.find(key)
    identity: str = found[0]["id"]
    return identity
