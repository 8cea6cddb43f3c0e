"""``form``: an operation that people fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...errors import Refusal
from ...http.csrf import FIELD
from ...http.forms import Form as SentForm
from ...http.response import local_address
from ...operations.call import Outcome
from ...plan import Operation, Type
from .. import keys, trees, wording
from ..answers import Again, Answer, Done
from ..columns import row_address, type_of_node
from ..current import Current, Record
from ..formats import format_of
from ..labels import humanise
from ..markup import markup
from ..part import Part
from ..place import Place, page_of
from ..submission import Submission, Texts
from ..views import Control, Detail, Difference, Entry, Form, Hidden, Link
from ..visit import Visit


class FormPart(Part):
    """Shows an operation's fields and runs it with what came."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        config = place.config
        name, self._operation = place.operation(place.part.operation)
        self._submission = Submission(
            place,
            name,
            place.part.fields or None,
            {**_mapping(config.get("values")), **place.page_row()},
            _names(config.get("query")),
        )
        self._current = _current(place, name, self._operation)
        label = place.wording("submit") or wording.submit_label(place.plan, self._operation, name)
        self._done = place.wording("message") or wording.done(place.plan, self._operation, label)
        self._success = place.wording("success")
        self._result = _result(self._operation, _names(config.get("result")))
        self._signs_in = place.plan.identity is not None and place.plan.identity.sign_in == place.template
        self._own_page = _own_page(place, self._operation)
        self._blank = Form(
            id=place.id,
            title=place.part.title,
            action="",
            controls=(),
            hidden=(),
            submit=label,
            multipart=self._submission.multipart,
            danger=self._operation.action == "delete" or config.get("danger") is True,
            cancel=place.wording("cancel"),
            intro=place.wording("intro"),
            links=_links(config.get("links")),
        )

    @property
    def operations(self) -> Iterable[str]:
        return (self._submission.name,)

    def notices(self) -> dict[str, str]:
        return {} if self._signs_in else {keys.notice(self.place): self._done}

    async def view(self, visit: Visit) -> Form | None:
        if not await self.allowed(visit) or not await visit.may(self._operation.access):
            return None
        if self._current is None:
            return await self._form(visit, self._submission.blank())
        record = await self._current.read(visit)
        visit.name = self._current.name(record)
        return await self._form(visit, self._submission.stored(record.values), record=record)

    async def submit(self, visit: Visit, form: SentForm) -> Answer:
        await self._refuse_strangers(visit)
        values, problems = self._submission.read(visit, form)
        if problems:
            lines, errors = self._submission.summary(problems, self.place.id)
            again = await self._form(visit, self._submission.sent(form), errors, version=form.value(keys.VERSION))
            return Again(replace(again, problems=lines), 422)
        try:
            outcome = await self._run(visit, form, values)
        except Refusal as refusal:
            return await self._refused(visit, form, refusal)
        if self._result and isinstance(outcome.body, Mapping):
            return self._shown(visit, outcome.body)
        notice = None if self._signs_in else keys.notice(self.place)
        return Done(self._location(visit, outcome), notice, outcome.cookies)

    async def _refuse_strangers(self, visit: Visit) -> None:
        if not await self.allowed(visit) or not await visit.may(self._operation.access):
            raise Refusal("unauthenticated" if visit.caller.id is None else "forbidden")

    async def _run(self, visit: Visit, form: SentForm, values: dict[str, Any]) -> Outcome:
        key = form.value(keys.KEY) if self._operation.idempotent else None
        version = form.value(keys.VERSION) or ""
        return await self._submission.run(
            visit,
            values,
            visit.row,
            idempotency_key=key[:100] if key else None,
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 19 else None,
        )

    async def _refused(self, visit: Visit, form: SentForm, refusal: Refusal) -> Answer:
        if refusal.kind == "stale" and self._current is not None:
            return await self._stale(visit, form, await self._current.read(visit))
        status, lines, errors = self._submission.explained(refusal, self.place.id)
        again = await self._form(visit, self._submission.sent(form), errors, version=form.value(keys.VERSION))
        return Again(replace(again, problems=lines), status)

    async def _stale(self, visit: Visit, form: SentForm, record: Record) -> Answer:
        """Both versions side by side; what was typed stays in the fields and can be saved over the stored one."""
        sent, stored = self._submission.sent(form), self._submission.stored(record.values)
        yours = await self._form(visit, sent, record=record)
        theirs = await self._form(visit, stored)
        names = self._submission.differing(sent, stored)
        differing = tuple(
            Difference(mine.label, _said(other), _said(mine))
            for mine, other in zip(yours.controls, theirs.controls, strict=True)
            if mine.name in names
        )
        again = replace(
            yours, stale=True, conflict=differing, submit="Save mine over it", cancel=visit.address, danger=False
        )
        return Again(again, 412)

    async def _form(
        self,
        visit: Visit,
        texts: Texts,
        errors: Mapping[str, str] | None = None,
        *,
        record: Record | None = None,
        version: str | None = None,
    ) -> Form:
        if record is not None and record.version is not None:
            version = str(record.version)
        notes = {} if record is None else _files_now(self._submission, record.values)
        hidden = [Hidden(FIELD, visit.token), Hidden(keys.PART, str(self.place.index))]
        if self._operation.idempotent:
            hidden.append(Hidden(keys.KEY, keys.new()))
        if version:
            hidden.append(Hidden(keys.VERSION, version))
        return replace(
            self._blank,
            action=visit.here,
            controls=await self._submission.controls(visit, self.place.id, texts, errors or {}, notes),
            hidden=tuple(hidden),
        )

    def _shown(self, visit: Visit, body: Mapping[str, Any]) -> Again:
        """What the operation answered, where people need to see it: it is shown once and not kept."""
        entries = tuple(
            Entry(humanise(name), _answered(visit, body.get(name), kind), wide=True)
            for name, kind in self._result.items()
        )
        return Again(Detail(self.place.id, self._done, entries), 200, failed=False)

    def _location(self, visit: Visit, outcome: Outcome) -> str:
        row = _row_of(outcome)
        if self._signs_in:
            asked = visit.request.query_value("next")
            return local_address(asked) if asked else self._success or "/"
        if self._success is not None:
            return row_address(self._success, row or visit.row or "") if "{" in self._success else self._success
        if self._own_page is not None and row is not None:
            return row_address(self._own_page, row)
        if self._operation.action == "delete":
            return "/"
        return visit.here


def _current(place: Place, name: str, operation: Operation) -> Current | None:
    """What the form edits: the page's record, or the row of the person who uses it; None where it makes something."""
    if operation.action == "update":
        return Current(place, name)
    identity = place.plan.identity
    if identity is None or identity.entity not in place.plan.entities:
        return None
    own = (step for step in operation.steps if step.kind == "update" and step.entity == identity.entity)
    writes_own = any(trees.is_own_row(step.where) for step in own)
    return Current(place, name, identity.entity) if writes_own else None


def _answered(visit: Visit, value: Any, kind: Type) -> str:
    """A value of an answer; an address whole, with the browser's own origin where it has none, as it is passed on."""
    if kind.kind != "url" or not isinstance(value, str):
        return format_of(kind, block=True)(value)
    origin = visit.request.header(b"origin") or "null"
    whole = origin + value if value.startswith("/") and origin != "null" else value
    return markup('<a href="{}">{}</a>', whole, whole) if whole.startswith(("http://", "https://", "/")) else whole


def _own_page(place: Place, operation: Operation) -> str | None:
    """Where a new row is shown, when the page has nothing that would show it."""
    alone = all(part.kind in ("form", "text", "links") for part in place.page.parts)
    if operation.action != "create" or operation.entity is None or not alone:
        return None
    return page_of(place.plan, operation.entity)


def _row_of(outcome: Outcome) -> str | None:
    body = outcome.body
    if isinstance(body, Mapping) and isinstance(body.get("id"), str):
        return str(body["id"])
    return outcome.location.rpartition("/")[2] if outcome.location else None


def _result(operation: Operation, names: tuple[str, ...]) -> dict[str, Type]:
    """What of the answer is shown; without a wish, the addresses: they are there to be passed on."""
    body = operation.returns.body or {}
    members = body.get("fields", {}) if body.get("op") == "record" else {}
    types = {name: type_of_node(node) for name, node in members.items()}
    if names:
        return {name: types.get(name, Type(kind="text")) for name in names}
    return {name: kind for name, kind in types.items() if kind.kind == "url"}


def _names(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else ()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _links(value: Any) -> tuple[Link, ...]:
    return tuple(Link(item["label"], item["to"]) for item in _names(value))


def _said(control: Control) -> str:
    if control.options:
        chosen = [option.label for option in control.options if option.chosen and option.value]
        return ", ".join(chosen) or "—"
    if control.widget == "checkbox":
        return "Yes" if control.checked else "No"
    return control.value or "—"


def _files_now(submission: Submission, values: Mapping[str, Any]) -> dict[str, str]:
    return {
        field.wire: f"Now: {values[field.input.name]['name']}"
        for field in submission.fields
        if field.multipart and isinstance(values.get(field.input.name), Mapping)
    }
