"""Ready-made accounts for demonstrations and tests; never called by a deployed service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
        more: values of fields that an assembly added; another person's address stands for that person.
    """

    email: str
    name: str
    password: str = field(repr=False)
    roles: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


async def seed(context: Context, people: Sequence[Person | Mapping[str, Any]]) -> dict[str, str]:
    """Create accounts that do not exist yet and connect them; ids by e-mail address.

    Args:
        context: a call of this component, whose rows are written.
        people: persons, or mappings with ``email``, ``name``, ``password``, ``roles`` and values of further fields, in
            which another person's address stands for that person.

    Example::

        await seed(context, [
            Person("ben@example.org", "Ben", "demo-password", ("manager",)),
            Person("ada@example.org", "Ada", "demo-password", ("employee",), {"manager": "ben@example.org"}),
        ])
    """
    persons = [person if isinstance(person, Person) else _person(person) for person in people]
    addresses = {person.email for person in persons}
    ids = {person.email: await _create(context, person, addresses) for person in persons}
    for person in persons:
        values = {name: _resolved(value, ids) for name, value in person.more.items()}
        if values:
            await context.rows("User").update({"id": ids[person.email]}, values)
    return ids


def _person(given: Mapping[str, Any]) -> Person:
    more = {name: value for name, value in given.items() if name not in ("email", "name", "password", "roles")}
    return Person(given["email"], given["name"], given["password"], tuple(given.get("roles", ())), more)


def _resolved(value: Any, ids: Mapping[str, str]) -> Any:
    return ids.get(value, value) if isinstance(value, str) else value


def _stands_for(value: Any, addresses: Collection[str]) -> bool:
    return isinstance(value, str) and value in addresses


async def _create(context: Context, person: Person, addresses: Collection[str]) -> str:
    from argon2 import PasswordHasher

    users = context.rows("User")
    key = {"email": address.normalise(person.email)}
    found = await users.find(key)
    if not found:
        kept = PasswordHasher().hash(canonical(person.password))
        own = {"name": person.name, "password": kept, "roles": list(person.roles), "active": True}
        # A further field may be required; who stands for another person is known only when all are there.
        more = {name: value for name, value in person.more.items() if not _stands_for(value, addresses)}
        await users.ensure(key, {**more, **own})
        found = await users.find(key)
    identity: str = found[0]["id"]
    return identity
