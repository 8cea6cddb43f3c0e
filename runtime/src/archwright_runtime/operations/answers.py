"""What an operation answers, compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..expression import compile_closure
from ..persistence.expressions import expression_type
from ..persistence.forms import value_to_wire
from ..plan import OURS, Expr, Operation, Returns, Wire
from .call import Outcome, SetCookie
from .run import Run, evaluate
from .trees import plain_name

Part = Callable[[Run], Any]


class Answer:
    """Makes the outcome of a run."""

    def __init__(self, operation: Operation, wire: Wire = OURS) -> None:
        returns: Returns = operation.returns
        self.status = returns.status
        self.media = returns.media
        self.envelope = returns.envelope
        self._bare = returns.bare
        self._total = returns.total or ("total" if operation.paging is None else None)
        self._follows = operation.paging is None or operation.paging.by == "cursor"
        self.body = None if returns.body is None else _part(returns.body, operation, wire)
        self.name = plain_name(returns.body)
        self._headers = {name: compile_closure(value) for name, value in returns.headers.items()}
        self._location = None if returns.location is None else compile_closure(returns.location)
        self._cookies = [
            (
                cookie.name,
                compile_closure(cookie.value),
                None if cookie.max_age is None else compile_closure(cookie.max_age),
            )
            for cookie in returns.cookies
        ]
        self.file = None if returns.file is None else compile_closure(returns.file)
        self._filename = None if returns.filename is None else compile_closure(returns.filename)

    @property
    def plain(self) -> bool:
        """Whether there is nothing but a status and a body."""
        return not (self._headers or self._cookies or self._location or self.file or self._filename)

    def outcome(self, run: Run) -> Outcome:
        """The outcome, without the bytes of a file."""
        outcome = Outcome(self.status, media=self.media)
        result = run.results.get(self.name) if self.name is not None else None
        if self.body is None:
            outcome.empty = True
        elif result is not None and result.many:
            outcome.body = self.listed(result.wire(), result.next, result.total)
        else:
            body = self.body(run)
            outcome.body = body if self.envelope is None else {self.envelope: body}
        if result is not None:
            outcome.version = result.version
            outcome.settled = result.settled
        if not self.plain:
            self._more(outcome, run)
        return outcome

    def listed(self, items: list[Any], following: str | None, total: int | None) -> Any:
        """A list in its envelope."""
        if self._bare:
            return items
        body: dict[str, Any] = {self.envelope or "items": items}
        if self._follows:
            body["next"] = following
        if total is not None and self._total is not None:
            body[self._total] = total
        return body

    def _more(self, outcome: Outcome, run: Run) -> None:
        names = run.names
        outcome.headers = {
            name: str(value)
            for name, closure in self._headers.items()
            if (value := evaluate(closure, names)) is not None
        }
        if self._filename is not None:
            outcome.filename = evaluate(self._filename, names)
        if self._location is not None:
            outcome.location = evaluate(self._location, names)
        outcome.cookies = tuple(
            SetCookie(name, evaluate(value, names), None if age is None else evaluate(age, names))
            for name, value, age in self._cookies
        )


def _part(value: Expr, operation: Operation, wire: Wire) -> Part:
    """One value of the body in wire form."""
    if value.get("op") == "record":
        members = {name: _part(one, operation, wire) for name, one in value["fields"].items()}
        return lambda run: {name: one(run) for name, one in members.items()}
    name = plain_name(value)
    closure = compile_closure(value)
    convert = value_to_wire(expression_type(value), wire)

    def computed(run: Run) -> Any:
        if name is not None and name in run.results:
            return run.results[name].wire()
        found = evaluate(closure, run.names)
        return found if found is None or convert is None else convert(found)

    return computed
