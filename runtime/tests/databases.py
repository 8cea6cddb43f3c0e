"""The databases on which every test of rows runs."""

from __future__ import annotations

from archwright_runtime.persistence.database import Database
from archwright_runtime.persistence.migrate import Migration, migrate
from archwright_runtime.persistence.schema import quote
from archwright_runtime.plan import Entity, Field, Plan

_POSTGRESQL = {
    "int": "bigint",
    "decimal": "bigint",
    "money": "bigint",
    "duration": "bigint",
    "bool": "boolean",
    "date": "date",
    "datetime": "timestamptz",
}
_SQLITE = {"int": "INTEGER", "decimal": "INTEGER", "money": "INTEGER", "duration": "INTEGER", "bool": "INTEGER"}
_ON_DELETE = {"refuse": "NO ACTION", "cascade": "CASCADE", "clear": "SET NULL"}


async def prepare(database: Database, plan: Plan) -> None:
    """Make the tables of a plan in an open database."""
    await migrate(database, [Migration("0001-first", ddl(plan, database.dialect))])


def ddl(plan: Plan, dialect: str) -> str:
    """Tables as the assembler would make them."""
    references, statements = [], []
    for entity in plan.entities.values():
        columns = [_column(plan, entity, name, field, dialect) for name, field in entity.fields.items()]
        parts = [column for column in columns if column]
        if dialect == "sqlite":
            parts += _references(plan, entity)
        else:
            references += [f"ALTER TABLE {quote(entity.table)} ADD {part};" for part in _references(plan, entity)]
        statements.append(f"CREATE TABLE {quote(entity.table)} ({', '.join(parts)});")
        for number, key in enumerate(entity.unique):
            statements.append(_index("UNIQUE INDEX", f"uq_{entity.table}_{number}", entity, key))
        for number, key in enumerate(entity.indexes):
            statements.append(_index("INDEX", f"ix_{entity.table}_{number}", entity, key))
    for name, link in plan.links.items():
        text = 'text COLLATE "C"' if dialect == "postgresql" else "TEXT"
        near, far = plan.entities[link.near].table, plan.entities[link.far].table
        statements.append(
            f'CREATE TABLE "{name}" (near {text} NOT NULL REFERENCES "{near}" ON DELETE CASCADE, '
            f'far {text} NOT NULL REFERENCES "{far}" ON DELETE CASCADE, PRIMARY KEY (near, far));'
        )
    return "\n".join((*statements, *references))


def _index(kind: str, name: str, entity: Entity, key: tuple[str, ...]) -> str:
    columns = ", ".join(quote(entity.fields[field].column) for field in key)
    return f"CREATE {kind} {quote(name)} ON {quote(entity.table)} ({columns});"


def _column(plan: Plan, entity: Entity, name: str, field: Field, dialect: str) -> str | None:
    if field.computed is not None:
        return None
    if dialect == "postgresql":
        stored = _POSTGRESQL.get(field.type.kind, 'text COLLATE "C"')
    else:
        stored = _SQLITE.get(field.type.kind, "TEXT")
    if field.encrypted:
        stored = "text"
    key = " PRIMARY KEY" if field.generated == "id" else ""
    needed = " NOT NULL" if field.present or field.generated else ""
    return f"{quote(field.column)} {stored}{needed}{key}"


def _references(plan: Plan, entity: Entity) -> list[str]:
    return [
        f"FOREIGN KEY ({quote(field.column)}) REFERENCES {quote(plan.entities[field.type.entity or ''].table)} "
        f"ON DELETE {_ON_DELETE[entity.on_delete.get(name, 'refuse')]}"
        for name, field in entity.fields.items()
        if field.type.kind == "ref" and field.generated is None and field.computed is None
    ]
