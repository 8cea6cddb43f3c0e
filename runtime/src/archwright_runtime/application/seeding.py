"""People and rows for a first look, put past permissions into an embedded or throwaway database.

The file is JSON: ``{"people": [...], "rows": {"Entity": [{...}]}}``.
People are made by the accounts component; values of rows are in wire form, and a person's e-mail address, or another
row's ``key``, stands for its id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from ..caller import ANONYMOUS
from ..errors import SettingError
from ..expression import Closure, compile_closure
from ..http.formats import Wrong
from ..http.values import codec
from ..operations.components import ComponentContext, Loaded
from ..operations.engine import Engine
from ..persistence.database import Transaction
from ..persistence.links import link_statements
from ..persistence.rows import EntityRows, RowStatements
from ..plan import Entity
from .application import Application
from .settings import Deployment

_KEY = "key"


class Seed(msgspec.Struct, forbid_unknown_fields=True):
    """What a file of rows holds."""

    people: list[dict[str, Any]] = []
    rows: dict[str, list[dict[str, Any]]] = {}


def read_seed(path: Path) -> Seed:
    """Read a file of rows.

    Raises:
        SettingError: it is not there, or not what it should be.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Seed)
    except OSError as error:
        raise SettingError(f"the file of rows cannot be read: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise SettingError(f"the file of rows is not valid: {error}") from None


async def seed(directory: Path, deployment: Deployment, variables: Mapping[str, str], path: Path) -> dict[str, int]:
    """Put a file's people and rows into the database of a service, making its tables first.

    Raises:
        ServiceError: the service cannot start, or the file does not fit it.
    """
    rows = read_seed(path)
    application = Application(directory, replace(deployment, log=False), variables, migrations=True)
    await application.start()
    try:
        return await sow(application.engine, rows)
    finally:
        await application.stop()


async def sow(engine: Engine, file: Seed) -> dict[str, int]:
    """Put everything into the database in one transaction; how many there are of each kind.

    Raises:
        SettingError: a row names what the plan does not know, or holds a value that does not fit.
    """
    now = datetime.now(UTC)
    async with engine.database.transaction() as transaction:
        ids = await _people(engine, transaction, file.people, now)
        counts = {"people": len(file.people)} if file.people else {}
        for name, rows in file.rows.items():
            entity = engine.plan.entities.get(name)
            if entity is None:
                raise SettingError(f"the service has no entity `{name}`")
            table = _rows(engine, transaction, name, entity, now)
            for number, row in enumerate(rows, 1):
                values = _values(name, entity, number, row, ids)
                made = await table.create(values)
                await _link(engine, transaction, name, made["id"], _linked(name, entity, number, row, ids))
                if _KEY in row and _KEY not in entity.fields:
                    ids[str(row[_KEY])] = made["id"]
            counts[name] = len(rows)
    return counts


async def _people(
    engine: Engine, transaction: Transaction, people: Sequence[Mapping[str, Any]], now: datetime
) -> dict[str, str]:
    if not people:
        return {}
    loaded: Loaded | None = engine.components.identity()
    if loaded is None or loaded.implementation.seed is None:
        raise SettingError("the service has no component that keeps people")
    context = ComponentContext(loaded, transaction, ANONYMOUS, now, "", "")
    return await loaded.implementation.seed(context, people)


def _rows(engine: Engine, transaction: Transaction, name: str, entity: Entity, now: datetime) -> EntityRows:
    schema = engine.service.schema
    names = {"caller": None, "now": now, "today": now.date(), "settings": engine.service.settings}
    defaults = {
        field: _later(compile_closure(one.default), names)
        for field, one in entity.fields.items()
        if one.default is not None
    }
    return EntityRows(RowStatements(schema, schema.tables[name]), transaction, now, defaults)


def _later(closure: Closure, names: dict[str, Any]) -> Callable[[], Any]:
    return lambda: closure(names)


def _values(name: str, entity: Entity, number: int, row: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, wire in row.items():
        stated = entity.fields.get(field)
        if stated is None:
            if field == _KEY or _is_link(entity, field):
                continue
            raise SettingError(f"row {number} of `{name}`: there is no field `{field}`")
        if stated.type.kind == "ref" and isinstance(wire, str):
            values[field] = _referred(name, number, field, wire, ids)
            continue
        try:
            values[field] = None if wire is None else codec(stated.type).from_json(wire)
        except Wrong as wrong:
            raise SettingError(f"row {number} of `{name}`: `{field}`: {wrong.message}") from None
    return values


def _referred(name: str, number: int, field: str, wire: Any, ids: Mapping[str, str]) -> str:
    if wire not in ids:
        raise SettingError(
            f"row {number} of `{name}`: `{field}`: `{wire}` is neither the address of a person "
            f"nor the `{_KEY}` of a row above"
        )
    return ids[wire]


def _is_link(entity: Entity, field: str) -> bool:
    relation = entity.relations.get(field)
    return relation is not None and relation.table is not None


def _linked(
    name: str, entity: Entity, number: int, row: Mapping[str, Any], ids: Mapping[str, str]
) -> dict[str, list[str]]:
    """The rows that a row is linked to, by its many-to-many relations."""
    return {
        field: [_referred(name, number, field, one, ids) for one in wire]
        for field, wire in row.items()
        if _is_link(entity, field) and isinstance(wire, list)
    }


async def _link(
    engine: Engine, transaction: Transaction, name: str, id: str, linked: Mapping[str, Sequence[str]]
) -> None:
    schema = engine.service.schema
    for field, wanted in linked.items():
        statements = link_statements(schema, schema.tables[name], field, lambda entity: ())
        await transaction.write(statements.add, statements.arguments(id, wanted))
