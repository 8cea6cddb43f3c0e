"""The entities and names that the corpus of expressions speaks about."""

from __future__ import annotations

from collections.abc import Iterable

from archwright.language.expression import FieldInfo, Scope, Type

ENTITIES: dict[str, dict[str, Type]] = {
    "Ticket": {
        "id": Type.ref("Ticket"),
        "title": Type.text(100),
        "note": Type.text(500).maybe(),
        "contact": Type.text(200, kind="email").maybe(),
        "status": Type.enum(["open", "waiting", "closed"]),
        "severity": Type.enum(["low", "high"]).maybe(),
        "owner": Type.ref("User"),
        "assignee": Type.ref("User").maybe(),
        "count": Type.int(0, 1000),
        "rank": Type.int(-10, 10).maybe(),
        "views": Type.int(),
        "hours": Type.decimal(8, 2),
        "rate": Type.decimal(6, 4).maybe(),
        "price": Type.money("EUR"),
        "refund": Type.money("EUR").maybe(),
        "fee": Type.money("USD"),
        "public": Type.bool(),
        "urgent": Type.bool().maybe(),
        "starts": Type.date(),
        "ends": Type.date().maybe(),
        "created_at": Type.datetime(),
        "closed_at": Type.datetime().maybe(),
        "effort": Type.duration(),
        "pause": Type.duration().maybe(),
        "key": Type.uuid(),
        "tags": Type.list(Type.text(40), 20),
        "codes": Type.list(Type.int(), 5).maybe(),
        "prices": Type.list(Type.money("EUR"), 5),
        "levels": Type.list(Type.enum(["low", "high"]), 5),
        "extra": Type.json(1000).maybe(),
        "photo": Type.file(1000, kind="image").maybe(),
        "secret": Type.text(100).maybe(),
        "comments": Type.rows("Comment"),
        "watchers": Type.rows("User"),
    },
    "User": {
        "id": Type.ref("User"),
        "name": Type.text(80),
        "manager": Type.ref("User").maybe(),
        "team": Type.ref("Team").maybe(),
        "reports": Type.rows("User"),
        "joined": Type.date(),
    },
    "Team": {"id": Type.ref("Team"), "name": Type.text(80), "lead": Type.ref("User").maybe()},
    "Comment": {
        "id": Type.ref("Comment"),
        "ticket": Type.ref("Ticket"),
        "author": Type.ref("User").maybe(),
        "body": Type.text(1000),
        "votes": Type.int(0, 1000).maybe(),
    },
}
ENCRYPTED = {("Ticket", "secret")}


class Lookup:
    """The fields of the entities."""

    def field(self, entity: str, name: str) -> FieldInfo | None:
        """The field of that name."""
        type = ENTITIES[entity].get(name)
        return None if type is None else FieldInfo(type, (entity, name) in ENCRYPTED)

    def names(self, entity: str) -> Iterable[str]:
        """All names."""
        return ENTITIES[entity]


SCOPE = Scope(
    {
        "this": Type.row("Ticket"),
        "old": Type.row("Ticket").maybe(),
        "caller": Type.ref("User").maybe(),
        "now": Type.now(),
        "today": Type.today(),
        "found": Type.rows("Comment"),
        "input": Type.record(
            {
                "ticket": Type.ref("Ticket"),
                "user": Type.ref("User").maybe(),
                "text": Type.text(100),
                "word": Type.text(100).maybe(),
                "verdict": Type.enum(["open", "closed"]),
                "amount": Type.int(1, 100),
                "limit": Type.int(1, 100).maybe(),
                "statuses": Type.list(Type.enum(["open", "waiting", "closed"]), 3).maybe(),
            }
        ),
        "settings": Type.record({"host": Type.text(200), "days": Type.int(1, 90)}),
    },
    Lookup(),
    database=frozenset({"this", "old"}),
)
VIEW = Scope({"this": Type.row("Ticket"), "today": Type.today()}, Lookup(), aggregates=frozenset({"status", "owner"}))
WHOLE = Scope({"this": Type.row("Ticket")}, Lookup(), aggregates=frozenset())
SCOPES = {"row": SCOPE, "view": VIEW, "whole": WHOLE}
