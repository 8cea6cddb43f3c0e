"""The plan's tables as statements need them: quoted names, columns and the forms of their values."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from ..plan import Entity, Field, Plan, Relation, Type
from .database import DialectName
from .forms import Form, encode_json, form, sql_type
from .vault import Vault

_ALPHABET = (string.ascii_letters + string.digits).encode()
_FAIR = 256 - 256 % len(_ALPHABET)
_LETTERS = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_UNFAIR = bytes(range(_FAIR, 256))
_ID_LENGTH = 22


def quote(name: str) -> str:
    """An identifier, whatever it is."""
    return '"' + name.replace('"', '""') + '"'


def new_id() -> str:
    """A random id of 22 letters and digits: 131 bits."""
    letters = b""
    while len(letters) < _ID_LENGTH:
        # Bytes that would make some letters likelier are dropped.
        letters += secrets.token_bytes(32).translate(_LETTERS, _UNFAIR)
    return letters[:_ID_LENGTH].decode()


@dataclass(frozen=True)
class Column:
    """A stored field.

    Attributes:
        name: the field's.
        quoted: the column's.
        cast: PostgreSQL's name of its type.
    """

    name: str
    field: Field
    quoted: str
    form: Form
    cast: str

    def to_wire(self, value: Any) -> Any:
        """A runtime value in wire form."""
        convert = self.form.value_to_wire
        return value if value is None or convert is None else convert(value)


@dataclass(frozen=True)
class Table:
    """An entity's table."""

    name: str
    """The entity's name."""
    entity: Entity
    quoted: str
    columns: Mapping[str, Column]

    @cached_property
    def id(self) -> Column:
        """The column of the id."""
        return next(column for column in self.columns.values() if column.field.generated == "id")

    @cached_property
    def version(self) -> Column | None:
        """The column that counts changes."""
        return self._generated("version")

    @cached_property
    def created(self) -> Column | None:
        """The column of the time of creation."""
        return self._generated("created")

    @cached_property
    def updated(self) -> Column | None:
        """The column of the time of the last change."""
        return self._generated("updated")

    def _generated(self, kind: str) -> Column | None:
        return next((column for column in self.columns.values() if column.field.generated == kind), None)


class Schema:
    """Every table of a plan, for one kind of database."""

    def __init__(self, plan: Plan, dialect: DialectName, vault: Vault | None = None) -> None:
        self.plan = plan
        self.dialect = dialect
        self.postgresql = dialect == "postgresql"
        self._vault = vault
        self.tables = {name: self._table(name, entity) for name, entity in plan.entities.items()}

    def _table(self, name: str, entity: Entity) -> Table:
        columns = {
            key: Column(key, field, quote(field.column), self.form(field.type), self._cast(field))
            for key, field in entity.fields.items()
            if field.computed is None
        }
        return Table(name, entity, quote(entity.table), columns)

    def form(self, type: Type) -> Form:
        """The forms of a type, on the wire as the plan says."""
        return form(type, self.dialect, self.plan.wire)

    def _cast(self, field: Field) -> str:
        return "text" if field.encrypted else sql_type(field.type)

    def relation(self, entity: str, name: str) -> Relation | None:
        """A reverse or many-to-many relation."""
        return self.plan.entities[entity].relations.get(name)

    def placeholder(self, number: int, cast: str) -> str:
        """The place of a parameter; PostgreSQL is told its type, which it otherwise has to guess."""
        return f"${number}::{cast}" if self.postgresql else f"?{number}"

    @property
    def vault(self) -> Vault:
        """What seals encrypted fields."""
        if self._vault is None:
            raise RuntimeError("a plan with encrypted fields needs a vault")
        return self._vault

    def argument(self, table: Table, column: Column, id: str, value: Any) -> Any:
        """A runtime value as the parameter that stores it."""
        if value is None:
            return None
        if column.field.encrypted:
            return self.seal(table, column, id, value)
        convert = column.form.argument
        return value if convert is None else convert(value)

    def value(self, table: Table, column: Column, id: str, stored: Any) -> Any:
        """A column as a runtime value."""
        if stored is None:
            return None
        if column.field.encrypted:
            return self.unseal(table, column, id, stored)
        convert = column.form.value
        return stored if convert is None else convert(stored)

    def seal(self, table: Table, column: Column, id: str, value: Any) -> str:
        """An encrypted field's value as it is stored."""
        convert = form(column.field.type, "sqlite").argument
        return self.vault.seal(
            encode_json(value if convert is None else convert(value)), self._place(table, column, id)
        )

    def unseal(self, table: Table, column: Column, id: str, stored: str) -> Any:
        """An encrypted field's value."""
        plain = msgspec.json.decode(self.vault.open(stored, self._place(table, column, id)))
        convert = form(column.field.type, "sqlite").value
        return plain if convert is None or plain is None else convert(plain)

    def _place(self, table: Table, column: Column, id: str) -> str:
        # The stable ids: a renamed entity or field still opens what it sealed.
        return f"{table.entity.id}/{column.field.id}/{id}"
