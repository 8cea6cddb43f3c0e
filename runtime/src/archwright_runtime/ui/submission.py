"""An operation as people fill it in: its fields, what came of them, and the call that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from ..errors import FieldProblem, Refusal
from ..http.formats import Wrong
from ..http.forms import Form as SentForm
from ..http.inputs import FormFields
from ..http.problem import STATUSES
from ..http.values import codec
from ..operations.call import Outcome
from ..plan import Input, Operation
from .fields import Field, compile_field
from .place import PAGE_ROW, Place
from .references import MOST, References
from .views import Control, Problem
from .visit import Visit

Texts = dict[str, list[str]]
Fixed = Callable[[Visit], Any]

_SHOWN_AGAIN = frozenset({"invalid", "malformed", "conflict", "too-large", "unsupported-media", "too-many", "busy"})


class Submission:
    """The part of an operation that a page offers.

    Args:
        name: the operation.
        shown: the inputs that a person fills in; None: all that are not otherwise given.
        values: inputs that the page gives: constants, or ``${page.id}``.
        query: inputs that come with the address (the token of a mailed link).
    """

    def __init__(
        self, place: Place, name: str, shown: Sequence[str] | None, values: Mapping[str, Any], query: Sequence[str] = ()
    ) -> None:
        self.name, self.operation = place.operation(name)
        inputs = {entry.name: entry for entry in self.operation.input if entry.source in ("body", "query")}
        self._fixed = {key: _fixed(place, inputs.get(key), value) for key, value in values.items()}
        self._query = {entry.wire or entry.name: entry for entry in inputs.values() if entry.name in query}
        self._address = _from_address(place, self.operation)
        taken = {*self._fixed, *query, *self._address}
        wanted = [key for key in inputs if key not in taken] if shown is None else list(shown)
        unknown = [key for key in wanted if key not in inputs]
        if unknown:
            raise place.error(f"asks for {', '.join(unknown)}, which `{name}` does not take")
        self.fields = tuple(compile_field(place.plan, self.operation, inputs[key]) for key in wanted)
        # Everything comes as a form here, whatever else the operation may be called with.
        read = [replace(field.input, source="body") for field in self.fields] + list(self._query.values())
        self._reader = FormFields(read, lenient=True)
        self._references = {
            field.wire: References(place.plan, field.entity)
            for field in self.fields
            if field.entity is not None and field.entity in place.plan.entities
        }
        self._grants = _grants(place, name, self.operation)

    @property
    def multipart(self) -> bool:
        """Whether files may come."""
        return any(field.multipart for field in self.fields)

    def blank(self) -> Texts:
        """What stands in the fields at first: constant defaults."""
        return {field.wire: field.default() for field in self.fields}

    def stored(self, record: Mapping[str, Any]) -> Texts:
        """What stands in the fields of an existing record."""
        return {field.wire: field.texts(record.get(field.input.name)) for field in self.fields}

    def sent(self, form: SentForm) -> Texts:
        """What somebody typed."""
        return {
            field.wire: [text.replace("\r\n", "\n") for text in form.values.get(field.wire, [])]
            for field in self.fields
        }

    def differing(self, one: Texts, other: Texts) -> set[str]:
        """The fields (by wire name) in which two fillings mean different things."""
        return {
            field.wire
            for field in self.fields
            if not field.multipart
            and field.submitted(one[field.wire] or None) != field.submitted(other[field.wire] or None)
        }

    async def controls(
        self, visit: Visit, prefix: str, texts: Texts, errors: Mapping[str, str], notes: Mapping[str, str]
    ) -> tuple[Control, ...]:
        """The fields with what stands in them."""
        made = []
        shown = self._givable(visit)
        mixed = len({field.required for field in shown}) > 1
        for field in shown:
            given = texts.get(field.wire, [])
            references = self._references.get(field.wire)
            choices, more = await references.options(visit, given) if references else ((), False)
            made.append(
                field.control(
                    prefix,
                    given,
                    error=errors.get(field.wire),
                    choices=choices,
                    starred=mixed,
                    note=f"Only the first {MOST} are listed." if more else notes.get(field.wire),
                )
            )
        return tuple(made)

    def read(self, visit: Visit, form: SentForm) -> tuple[dict[str, Any], list[FieldProblem]]:
        """The values that came, and every problem."""
        came = SentForm({}, form.files)
        for field in self._givable(visit):
            texts = field.submitted(form.values.get(field.wire))
            if texts is not None and not field.multipart and not self._left_out(field, texts):
                came.values[field.wire] = texts
        for wire in self._query:
            if visit.query.get(wire):
                came.values[wire] = visit.query[wire][-1:]
        return self._reader.read(came)

    def _givable(self, visit: Visit) -> tuple[Field, ...]:
        """The fields that this person may give a value to."""
        if self._grants is None:
            return self.fields
        principals = visit.caller.principals
        allowed = {name for principal, names in self._grants if principal in principals for name in names}
        return tuple(field for field in self.fields if field.input.name in allowed)

    def _left_out(self, field: Field, texts: list[str]) -> bool:
        """An empty field of something new means that nothing was given; of something stored, that it was emptied."""
        optional = not field.input.required and not field.input.nullable
        return texts == [""] and optional and self.operation.action != "update"

    async def run(self, visit: Visit, values: dict[str, Any], row: str | None, **more: Any) -> Outcome:
        """Run the operation with the values that came and those that the page gives."""
        given = dict(values)
        for name, value in self._fixed.items():
            given[name] = value(visit)
        if row is not None:
            given |= dict.fromkeys(self._address, row)
        return await visit.engine.run(self.name, visit.call(given, **more))

    def explained(self, refusal: Refusal, prefix: str) -> tuple[int, tuple[Problem, ...], dict[str, str]]:
        """A refusal as people read it: status, the summary's lines, and messages by field.

        Raises:
            Refusal: it is not about what was filled in.
        """
        declared = self.operation.failures.get(refusal.kind)
        if declared is None and (refusal.kind in STATUSES and refusal.kind not in _SHOWN_AGAIN):
            raise refusal
        problems, errors = self.summary(refusal.problems, prefix)
        status = declared.status if declared else STATUSES.get(refusal.kind, (409, ""))[0]
        if not problems:
            title = (declared.title or declared.detail) if declared else None
            usual = STATUSES.get(refusal.kind, (0, refusal.kind.replace("-", " ").capitalize()))[1]
            problems = (Problem(_sentence(refusal.detail or title or usual)),)
        # 401 would need a challenge (RFC 9110 15.5.2), which makes browsers ask for a password in a window of theirs.
        return (422 if status == 401 else status), problems, errors

    def summary(self, found: Sequence[FieldProblem], prefix: str) -> tuple[tuple[Problem, ...], dict[str, str]]:
        """Problems of values as the summary's lines, and as messages by field."""
        fields = {field.wire: field for field in self.fields} | {field.input.name: field for field in self.fields}
        lines: list[Problem] = []
        errors: dict[str, str] = {}
        for problem in found:
            name = problem.pointer.lstrip("/?").partition("/")[0]
            field = fields.get(name)
            if field is None:
                lines.append(Problem(_sentence(problem.message)))
                continue
            message = _sentence(problem.message)
            errors.setdefault(field.wire, message)
            line = f"{field.label} is required." if problem.code == "required" else f"{field.label}: {message}"
            lines.append(Problem(line, f"{prefix}-{field.input.name}"))
        return tuple(lines), errors


def _grants(place: Place, name: str, operation: Operation) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Who may give which fields; None where the operation itself decides."""
    entity = place.plan.entities.get(operation.entity or "")
    if entity is None or operation.action not in ("create", "update"):
        return None
    if any(grant.principal == f"operation:{name}" for grant in entity.grants):
        return None
    return tuple((grant.principal, grant.fields) for grant in entity.grants if grant.action == operation.action)


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def _from_address(place: Place, operation: Operation) -> tuple[str, ...]:
    named = tuple(entry.name for entry in operation.input if entry.source == "path")
    if named:
        return named
    path = operation.trigger.path or ""
    return tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))


def _fixed(place: Place, entry: Input | None, value: Any) -> Fixed:
    if value == PAGE_ROW:
        return lambda visit: visit.row
    if entry is None or value is None:
        return lambda visit: value
    try:
        constant = codec(entry.type).from_json(value)
    except Wrong as wrong:
        raise place.error(f"gives `{entry.name}` a value that does not fit: {wrong.message}") from None
    return lambda visit: constant
