"""Every way to evaluate an expression gives the same: a Python closure, SQLite, PostgreSQL.

``ARCHWRIGHT_EXPRESSIONS`` says how many expressions each test tries for a seed, ``ARCHWRIGHT_SEEDS`` with which seeds.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from acceptance.expressions.comparison import (
    Case,
    Databases,
    cases,
    compare,
    compare_groups,
    fill_postgresql,
    fill_sqlite,
    loosened,
)
from acceptance.expressions.generator import Generator
from acceptance.expressions.statement import HIDDEN, GuardedRow, GuardedView
from acceptance.expressions.world import SCOPE, VIEW, make_world
from archwright.language.expression import Typed, check, parse
from archwright.language.expression.check import Checker
from testing_support.postgres import Cluster

pytestmark = pytest.mark.postgresql
COUNT = int(os.environ.get("ARCHWRIGHT_EXPRESSIONS", "120"))
SEEDS = [int(seed) for seed in os.environ.get("ARCHWRIGHT_SEEDS", "1 2 3").split()]

HANDPICKED = Path(__file__).parent / "expressions/handpicked.txt"

Report = Callable[[str], None]


@pytest.fixture(params=SEEDS)
async def databases(request: pytest.FixtureRequest, postgres_cluster: Cluster) -> AsyncIterator[Databases]:
    """The world of a seed in both databases."""
    world = make_world(request.param)
    name = f"expressions_{uuid.uuid4().hex}"
    await _create(postgres_cluster.url(), name)
    url = postgres_cluster.url(name)
    sqlite, postgresql = fill_sqlite(world), await fill_postgresql(world, url)
    yield Databases(request.param, world, sqlite, postgresql)
    sqlite.close()
    await postgresql.close()
    postgres_cluster.drop(url)


async def _create(administration: str, name: str) -> None:
    """A database whose own order of text is not that of code points, so that a forgotten collation shows."""
    connection = await asyncpg.connect(administration)
    try:
        await connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'"
        )
    finally:
        await connection.close()


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str], databases: Databases) -> Report:
    """Says how much was compared, whether or not the test passes."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n  seed {databases.seed}: {text}", end=" ")

    return say


async def test_closure_sqlite_and_postgresql_agree(databases: Databases, report: Report) -> None:
    """An accepted expression has the same value for every row and every request, however it is evaluated."""
    generator = Generator(databases.seed)
    found, written = cases(generator, generator.expression, SCOPE, COUNT)

    compared = sum([await compare(databases, case, number) for number, case in enumerate(found)])

    report(f"{len(found)} expressions ({written} written), {compared} values")


async def test_handpicked_expressions_agree(databases: Databases, report: Report) -> None:
    """The expressions that are usually compiled wrong, for every request."""
    compared = 0
    for case in _handpicked():
        for number in range(len(databases.world.requests) * 2):
            compared += await compare(databases, case, number)

    report(f"{len(_handpicked())} handpicked expressions, {compared} values")


@cache
def _handpicked() -> list[Case]:
    found = []
    for text in HANDPICKED.read_text("utf-8").splitlines():
        typed = check(parse(text), SCOPE)
        assert isinstance(typed, Typed), (text, typed)
        found.append(Case(text, typed))
    return found


async def test_guards_are_not_needed_for_agreement(
    databases: Databases, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any proof of presence the ways still agree, so the order in which a database evaluates cannot matter."""
    monkeypatch.setattr(Checker, "needs_present", lambda *_: True)
    generator = Generator(databases.seed + 1000, unguarded=0.4)
    found, written = cases(generator, generator.expression, SCOPE, COUNT)

    compared = sum([await compare(databases, case, number) for number, case in enumerate(found)])

    report(f"{len(found)} unguarded expressions ({written} written), {compared} values")


async def test_hidden_fields_are_absent(databases: Databases, report: Report) -> None:
    """A field that a row hides from its reader behaves as an absent one, also where it is always present."""
    generator = Generator(databases.seed + 2000)
    found, written = cases(generator, generator.expression, SCOPE, COUNT)
    compared = 0

    for number, case in enumerate(found):
        oracle = loosened(case.typed.node, _hidden)
        compared += await compare(databases, case, number, GuardedRow, GuardedView, oracle)

    report(f"{len(found)} expressions over guarded rows ({written} written), {compared} values")


def _hidden(node: dict[str, Any]) -> bool:
    return node["op"] == "field" and node["of"].get("name") in ("this", "old") and node["field"] in HIDDEN


@pytest.mark.parametrize("by", [("level", "helper"), ()], ids=["grouped", "whole"])
async def test_aggregates_agree(databases: Databases, report: Report, by: tuple[str, ...]) -> None:
    """An aggregate has the same value for every group, also where a sum leaves 64 bits or a group is empty."""
    generator = Generator(databases.seed + 3000)
    generator.roots = [root for root in generator.roots if root.text == "this" or root.text.startswith("input.")]
    scope = replace(VIEW, aggregates=frozenset(by))
    found, written = cases(generator, generator.aggregate, scope, COUNT)

    compared = sum([await compare_groups(databases, case, number, by) for number, case in enumerate(found)])

    report(f"{len(found)} aggregates ({written} written), {compared} values")
