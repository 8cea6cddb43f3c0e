"""The rows that every contender starts from."""

from __future__ import annotations

from benchmarks import dataset


def test_rows_are_the_same_every_time() -> None:
    """Two generations of the data set are equal."""
    first = dataset.generate(accounts=5, tickets=40)

    second = dataset.generate(accounts=5, tickets=40)

    assert first == second


def test_samples_are_public() -> None:
    """Single-row scenarios never ask for a private ticket, which permissions may hide."""
    data = dataset.generate(accounts=5, tickets=400)

    private = {ticket.id for ticket in data.tickets if ticket.private}

    assert private
    assert private.isdisjoint(data.sampled)
