"""The rows that every contender starts from: the same values, in the same order, on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ACCOUNTS = 100
TICKETS = 10_000
COMMENTS_PER_TICKET = 3
STATUSES = ("open", "pending", "solved", "closed")
CREATED_BODY = "Written by the create scenario. " + "lorem ipsum " * 14
"""Tells the rows that a round created from those of the data set."""

_NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = ("printer", "network", "invoice", "password", "laptop", "badge", "screen", "licence", "mailbox", "backup")


@dataclass(frozen=True)
class Account:
    """A person who owns tickets. Ids are 128-bit numbers; each contender writes them its own way."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Ticket:
    """A ticket; one in fifty is private."""

    id: int
    subject: str
    body: str
    status: str
    priority: int
    private: bool
    owner: int
    created_at: datetime


@dataclass(frozen=True)
class Comment:
    """A comment on a ticket."""

    id: int
    ticket: int
    author: int
    body: str
    created_at: datetime


@dataclass(frozen=True)
class Dataset:
    """All rows."""

    accounts: tuple[Account, ...]
    tickets: tuple[Ticket, ...]
    comments: tuple[Comment, ...]

    @property
    def sampled(self) -> tuple[int, ...]:
        """Ids of the tickets that single-row scenarios ask for: a thousand public ones, spread over all."""
        public = [ticket.id for ticket in self.tickets if not ticket.private]
        return tuple(public[:: max(1, len(public) // 1000)][:1000])


def generate(accounts: int = ACCOUNTS, tickets: int = TICKETS) -> Dataset:
    """Make the rows from a fixed seed."""
    source = random.Random(20260101)
    people = tuple(_accounts(source, accounts))
    rows = tuple(_tickets(source, people, tickets))
    return Dataset(people, rows, tuple(_comments(source, people, rows)))


def _accounts(source: random.Random, count: int) -> Iterator[Account]:
    for number in range(count):
        yield Account(source.getrandbits(128), f"Person {number}", f"person{number}@example.test")


def _tickets(source: random.Random, accounts: tuple[Account, ...], count: int) -> Iterator[Ticket]:
    for number in range(count):
        yield Ticket(
            id=source.getrandbits(128),
            subject=f"The {source.choice(_WORDS)} needs a look ({number})",
            body=" ".join(source.choices(_WORDS, k=26)),
            status=source.choice(STATUSES),
            priority=source.randint(1, 5),
            private=number % 50 == 7,
            owner=source.choice(accounts).id,
            created_at=_NEWEST - timedelta(minutes=count - number),
        )


def _comments(source: random.Random, accounts: tuple[Account, ...], tickets: tuple[Ticket, ...]) -> Iterator[Comment]:
    for ticket in tickets:
        for position in range(COMMENTS_PER_TICKET):
            yield Comment(
                id=source.getrandbits(128),
                ticket=ticket.id,
                author=source.choice(accounts).id,
                body=" ".join(source.choices(_WORDS, k=12)),
                created_at=ticket.created_at + timedelta(minutes=position + 1),
            )
