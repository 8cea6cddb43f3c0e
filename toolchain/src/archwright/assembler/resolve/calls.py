"""Columns of views that a pure capability makes of other values of the row, after the statement that reads them."""

from __future__ import annotations

from typing import Any

from ...diagnostics import did_you_mean
from ...language.expression import Scope, Typed
from ...language.expression.check import Read
from ...language.views import PureCall
from .. import plan
from .capabilities import Capabilities, Known
from .source import Place
from .types import of_plan
from .world import World

MOST_CALLS = 10_000
"""How often the columns of one view may call something for one answer."""


class Calls:
    """Types calls in views against the manifests of the capabilities that they name."""

    def __init__(self, world: World, capabilities: Capabilities) -> None:
        self._world = world
        self._capabilities = capabilities

    def column(self, name: str, written: PureCall, scope: Scope, place: Place) -> plan.Column | None:
        """The column that holds one result of a pure capability."""
        known = self._pure(written, scope, place)
        if known is None:
            return None
        fits = self._capabilities.fits(known, written.arguments, place, place / "call")
        found = {
            key: self._argument(value, place / key, scope, known)
            for key, value in written.arguments.items()
            if key in known.written.input
        }
        take = self._taken(known, written, place)
        if not fits or take is None or any(one is None for one in found.values()):
            return None
        given = {key: one for key, one in found.items() if one is not None}
        read = {label for one in given.values() for part in one.reads for label in self._classes(part)}
        return plan.Column(
            name=name,
            call=known.name,
            arguments={key: one.node for key, one in given.items()},
            take=take,
            type=of_plan(known.output(take).maybe(False)),
            classes=tuple(sorted(read | set(known.written.output[take].class_))),
        )

    def bounded(self, columns: tuple[plan.Column, ...], most: int, place: Place) -> None:
        """Report a view whose largest answer would call too often."""
        calls = _calls(columns) * most
        if calls > MOST_CALLS:
            self._world.findings.error(
                "assembly/too-many-calls",
                place.location,
                "the columns of nested rows would call capabilities too often for one answer",
                expected=f"at most {MOST_CALLS} calls",
                found=str(calls),
                hint="give the nested rows a smaller `limit`",
            )

    def refuse_choosing(self, name: str, place: Place) -> None:
        """Report a filter, sort or group by what is not there yet when rows are chosen."""
        self._world.findings.error(
            "assembly/called-column",
            place.location,
            f"`{name}` is made by a capability after the rows were read, so rows cannot be chosen or ordered by it",
            expected="a column that the database knows",
            found=f"`{name}`",
            hint="store the value in a field when the row is written",
        )

    def _pure(self, written: PureCall, scope: Scope, place: Place) -> Known | None:
        known = self._capabilities.called(written.call, place.source)
        if known is None:
            self._capabilities.missing(written.call, place / "call")
            return None
        if known.written.effects:
            self._world.findings.error(
                "assembly/impure-call",
                (place / "call").location,
                f"`{known.name}` has effects, and a view only reads",
                expected="a capability without effects",
                found=", ".join(f"`{effect}`" for effect in known.written.effects),
                hint="call it in a step of an operation",
            )
            return None
        files = [name for name in known.written.input if known.input(name).kind in ("file", "image")]
        if files:
            self._world.findings.error(
                "assembly/impure-call",
                (place / "call").location,
                f"`{known.name}` reads the bytes of a file, which a view does not",
                expected="a capability that takes values",
                found=f"the file `{files[0]}`",
                hint="call it in a step of an operation",
            )
            return None
        if scope.aggregates is not None:
            self._world.findings.error(
                "assembly/called-column",
                place.location,
                "a grouped view has no single rows that a capability could be given",
                expected="groups and aggregates",
                found=f"a call of `{known.name}`",
            )
            return None
        return known

    def _argument(self, value: Any, place: Place, scope: Scope, known: Known) -> Typed | None:
        # What may be absent is taken: without a required argument the column is null.
        expected = known.input(place.path[-1]).maybe(True)  # type: ignore[arg-type]
        if isinstance(value, str):
            return self._world.expressions.value(value, place, scope, expected)
        return self._world.expressions.template(value, place, scope, expected)

    def _taken(self, known: Known, written: PureCall, place: Place) -> str | None:
        results = tuple(known.written.output)
        if written.take is None and len(results) == 1:
            return results[0]
        if written.take in results:
            return written.take
        self._world.findings.error(
            "assembly/unknown-value" if written.take is not None else "assembly/missing-key",
            (place / "take").location if written.take is not None else place.location,
            f"`{known.name}` gives no `{written.take}`"
            if written.take is not None
            else f"`{known.name}` gives several results, and a column holds one",
            expected="`take`, one of " + ", ".join(f"`{one}`" for one in results),
            found=f"`{written.take}`" if written.take is not None else "no `take`",
            hint=did_you_mean(written.take, results) if written.take is not None else f"add `take: {results[0]}`",
        )
        return None

    def _classes(self, read: Read) -> tuple[str, ...]:
        owner = self._world.entities.get(read.entity or "")
        draft = owner.fields.get(read.field or "") if owner else None
        return draft.classes if draft else ()


def _calls(columns: tuple[plan.Column, ...]) -> int:
    """How often one row calls."""
    own = sum(1 for column in columns if column.call is not None)
    nested = ((1 if one.rows.single else one.rows.limit) * _calls(one.rows.columns) for one in columns if one.rows)
    return own + sum(nested)
