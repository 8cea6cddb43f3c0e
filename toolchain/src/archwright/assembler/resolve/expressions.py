"""Checks every expression and template of a document where it stands, and keeps what each one reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ...diagnostics import Collector, Location
from ...language.expression import Problem, Scope, Type, Typed, check, parse, parse_template
from ...language.expression.parse import constant
from .. import plan
from .source import Place

CONDITION = Type.bool()


class Expressions:
    """What all expressions of an assembly share: the collector of findings and the facts for information flow.

    Attributes:
        typed: every expression that has a type, by the place where it is written.
    """

    def __init__(self, findings: Collector) -> None:
        self._findings = findings
        self.typed: dict[Place, Typed] = {}

    def condition(self, text: str | None, place: Place, scope: Scope) -> plan.Expr | None:
        """The tree of a condition; None where there is none or where it has a finding."""
        if text is None:
            return None
        return self._node(self.value(text, place, scope, CONDITION))

    def value(self, text: str, place: Place, scope: Scope, expected: Type | None = None) -> Typed | None:
        """An expression in a position that always holds one."""
        return self._checked(check(parse(text), scope, expected), place)

    def template(self, written: Any, place: Place, scope: Scope, expected: Type | None = None) -> Typed | None:
        """A value in a position that holds constants, with ``${...}`` for expressions."""
        if isinstance(written, str):
            return self._checked(check(parse_template(written), scope, expected), place)
        if isinstance(written, (int, Decimal, bool)) or written is None:
            return self._checked(check(constant(written), scope, expected), place)
        if (
            isinstance(written, (list, tuple))
            and expected is not None
            and expected.kind == "list"
            and expected.item is not None
        ):
            return self._list(written, place, scope, expected)
        self._findings.error(
            "expression/not-a-value",
            place.location,
            "a list or mapping cannot stand here",
            expected=str(expected or "a value"),
        )
        return None

    def _list(self, written: Sequence[Any], place: Place, scope: Scope, expected: Type) -> Typed | None:
        items = [self.template(item, place / position, scope, expected.item) for position, item in enumerate(written)]
        known = [item for item in items if item is not None]
        node = {"op": "list", "type": expected.to_node(), "items": [item.node for item in known]}
        reads = tuple(read for item in known for read in item.reads)
        return Typed(node, expected.maybe(False), reads) if len(known) == len(items) else None

    def record(self, written: Any, place: Place, scope: Scope) -> tuple[plan.Expr, Type] | None:
        """A value that may be a mapping of values, as answers and structured arguments are."""
        if not isinstance(written, Mapping):
            typed = self.template(written, place, scope)
            return None if typed is None else (typed.node, typed.type)
        members = {name: self.record(value, place / name, scope) for name, value in written.items()}
        known = {name: member for name, member in members.items() if member is not None}
        nodes = {name: node for name, (node, _) in known.items()}
        type = Type.record({name: type for name, (_, type) in known.items()})
        return {"op": "record", "type": "record", "fields": nodes}, type

    def _node(self, typed: Typed | None) -> plan.Expr | None:
        return None if typed is None else typed.node

    def _checked(self, result: Typed | tuple[Problem, ...], place: Place) -> Typed | None:
        if isinstance(result, Typed):
            self.typed[place] = result
            return result
        for problem in result:
            self._findings.error(
                f"expression/{problem.code}",
                self._within(place, problem),
                problem.message,
                expected=problem.expected,
                found=problem.found,
                hint=problem.hint,
            )
        return None

    def _within(self, place: Place, problem: Problem) -> Location:
        length = max(1, problem.end - problem.start)
        return place.source.document.locate(place.path, start=problem.start, length=length)
