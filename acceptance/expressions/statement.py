"""The plainest context in which expressions become SQL: references are subqueries by primary key."""

from __future__ import annotations

from typing import Any

from archwright_runtime.expression import Parameter
from archwright_runtime.expression.dialect import DialectName

from .world import ENTITIES, LINKS, REVERSE, View, World


class Row:
    """A row with an alias."""

    guarded = False

    def __init__(self, statement: Statement, entity: str, alias: str) -> None:
        self.statement = statement
        self.entity = entity
        self.alias = alias

    @property
    def id(self) -> str:
        """Its id."""
        return self.field("id")

    def field(self, name: str) -> str:
        """A column."""
        return f'{self.alias}."{name}"'

    def follow(self, name: str) -> Row:
        """The row that a reference points to."""
        return Reached(self.statement, ENTITIES[self.entity][name].entity or "", self.field(name), self.guarded)

    def among(self, name: str) -> Rows:
        """The rows of a relation."""
        return Rows(self.statement, self.entity, name, self.id)


HIDDEN = frozenset({"few", "title", "price", "starts", "seen", "owner", "done", "level", "rate", "length"})
"""Fields of tasks that a guarded row gives only where ``many`` is even."""


class GuardedRow(Row):
    """A row that hides fields from its reader."""

    guarded = True

    def field(self, name: str) -> str:
        """A column, or nothing."""
        column = super().field(name)
        return f'CASE WHEN {self.alias}."many" % 2 = 0 THEN {column} END' if name in HIDDEN else column


class GuardedView(View):
    """The same row for a closure."""

    def __init__(self, world: World, entity: str, row: dict[str, Any]) -> None:
        shown = row["many"] % 2 == 0
        super().__init__(
            world, entity, {name: value if shown or name not in HIDDEN else None for name, value in row.items()}
        )


class Reached(Row):
    """The row with an id; each of its columns is a subquery."""

    def __init__(self, statement: Statement, entity: str, identity: str, guarded: bool = False) -> None:
        super().__init__(statement, entity, "")
        self._id = identity
        self.guarded = guarded

    @property
    def id(self) -> str:
        """Its id."""
        return self._id

    def field(self, name: str) -> str:
        """A column."""
        alias = self.statement.alias()
        return f'(SELECT {alias}."{name}" FROM "{self.entity}" {alias} WHERE {alias}."id" = {self._id})'


class Rows:
    """The rows of a relation."""

    def __init__(self, statement: Statement, entity: str, name: str, owner: str) -> None:
        self._alias = statement.alias()
        if (entity, name) in LINKS:
            table, near, far = LINKS[entity, name]
            target = "Person"
            link = statement.alias()
            self._source = f'"{target}" {self._alias} JOIN {table} {link} ON {link}.{far} = {self._alias}."id"'
            self._tie = f"{link}.{near} = {owner}"
        else:
            target, back = REVERSE[entity, name]
            self._source = f'"{target}" {self._alias}'
            self._tie = f'{self._alias}."{back}" = {owner}'
        self.row = Row(statement, target, self._alias)

    def select(self, what: str, condition: str | None) -> str:
        """The whole subquery."""
        return f"SELECT {what} FROM {self._source} WHERE {self._tie}" + (f" AND {condition}" if condition else "")


class Statement:
    """Collects the parameters of one statement over ``this`` and ``old``."""

    def __init__(self, dialect: DialectName, holds: bool = False, row: type[Row] = Row) -> None:
        self.dialect = dialect
        self._row = row
        self.parameters: list[Parameter] = []
        self._holds = holds
        self._aliases = 0

    def parameter(self, parameter: Parameter) -> str:
        """The placeholder of a parameter."""
        self.parameters.append(parameter)
        return f"{'$' if self.dialect == 'postgresql' else '?'}{len(self.parameters)}"

    def row(self, name: str) -> Row | None:
        """The row that a name stands for."""
        return self._row(self, "Task", name) if name in ("this", "old") else None

    def reached(self, entity: str, id: str) -> Row:
        """The row with an id."""
        return Reached(self, entity, id)

    def alias(self) -> str:
        """A fresh name."""
        self._aliases += 1
        return f"a{self._aliases}"

    def holds(self, name: str, path: str) -> bool:
        """Whether followed references are at hand; with the rows of a step they always are."""
        return self._holds or name == "found"

    def arguments(self, names: dict[str, Any]) -> list[Any]:
        """What the driver is given."""
        return [parameter.bind(names) for parameter in self.parameters]
