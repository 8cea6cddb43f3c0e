"""Fixtures of the pages' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from archwright_runtime.persistence.database import Database

from .service import Desk, running


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A helpdesk with twelve tickets, on each kind of database."""
    async with running(database) as opened:
        yield opened
