"""Buttons beside rows and records.

A button posts to its page which part, action and row it stands for. What is dangerous is asked about first, what needs
values asks for them: on a page of its own, so that it works without a script; with one, the question comes as a dialog.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import Refusal
from ..http.csrf import FIELD
from ..http.forms import Form as SentForm
from ..plan import Column, PartAction, Type
from . import keys, trees, wording
from .answers import Again, Answer, Done
from .place import Place
from .submission import Submission, Texts
from .views import Button, Form, Hidden
from .visit import Visit

Record = Mapping[str, Any]


@dataclass(frozen=True)
class _Action:
    index: int
    written: PartAction
    submission: Submission
    when: str | None

    @property
    def asks(self) -> bool:
        return bool(self.written.fields)


class Actions:
    """The buttons of one part."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._actions = [
            _Action(
                index,
                action,
                Submission(place, action.operation, action.fields, action.values),
                f"_when{index}" if action.when is not None else None,
            )
            for index, action in enumerate(place.part.actions)
        ]

    def __bool__(self) -> bool:
        return bool(self._actions)

    @property
    def operations(self) -> Iterable[str]:
        """What the buttons run."""
        return (action.submission.name for action in self._actions)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What has to be read with each row, to know which buttons it gets."""
        return tuple(
            trees.column(action.when, action.written.when, Type(kind="bool"))
            for action in self._actions
            if action.when is not None and action.written.when is not None
        )

    def notices(self) -> dict[str, str]:
        """What is said afterwards."""
        return {
            keys.notice(self._place, action.index): wording.pressed(
                self._place.plan, action.submission.operation, action.written.label
            )
            for action in self._actions
        }

    def hidden(self, visit: Visit) -> tuple[Hidden, ...]:
        """What the form around the buttons carries."""
        return (Hidden(FIELD, visit.token), Hidden(keys.KEY, keys.new()))

    async def usable(self, visit: Visit) -> tuple[_Action, ...]:
        """The actions that a person may run on some row."""
        return tuple([one for one in self._actions if await visit.may(one.submission.operation.access)])

    def buttons(self, usable: Iterable[_Action], row: Record, id: str) -> tuple[Button, ...]:
        """The buttons that one row gets."""
        return tuple(
            Button(
                label=action.written.label,
                value=f"{self._place.index}.{action.index}.{id}",
                danger=action.written.danger,
                asks=action.written.danger and not action.asks,
            )
            for action in usable
            if action.when is None or row.get(action.when) is True
        )

    async def submit(self, visit: Visit, form: SentForm, record: Record, id: str, name: str, home: str) -> Answer:
        """Take a pressed button, or the answer to what it asked.

        Args:
            record: the row as the part shows it to this person.
            name: what the row is called.
            home: where to go when the row is gone.
        """
        action = self._pressed(form)
        if not await visit.may(action.submission.operation.access):
            raise Refusal("unauthenticated" if visit.caller.id is None else "forbidden")
        if action.asks and form.value(keys.ASKED) is None:
            return await self._question(visit, action, id, name, action.submission.stored(record))
        if action.written.danger and not action.asks and form.value(keys.CONFIRMED) is None:
            return await self._question(visit, action, id, name, {})
        return await self._run(visit, form, action, id, name, home)

    async def _run(self, visit: Visit, form: SentForm, action: _Action, id: str, name: str, home: str) -> Answer:
        submission = action.submission
        values, problems = submission.read(visit, form)
        if problems:
            lines, errors = submission.summary(problems, self._prefix)
            again = await self._form(visit, action, id, name, submission.sent(form), errors)
            return Again(replace(again, problems=lines), 422, alone=True, title=action.written.label)
        key = form.value(keys.KEY)
        try:
            outcome = await submission.run(
                visit,
                values,
                id,
                idempotency_key=f"{key[:100]}.{form.value(keys.DO)}"
                if key and submission.operation.idempotent
                else None,
            )
        except Refusal as refusal:
            return await self._refused(visit, form, action, id, name, refusal)
        deleted = submission.operation.action == "delete"
        return Done(home if deleted else visit.here, keys.notice(self._place, action.index), outcome.cookies)

    async def _refused(
        self, visit: Visit, form: SentForm, action: _Action, id: str, name: str, refusal: Refusal
    ) -> Answer:
        if refusal.kind == "not-found" and "not-found" not in action.submission.operation.failures:
            # The row was there when its button was: somebody was quicker.
            refusal = Refusal("conflict", wording.GONE)
        status, lines, errors = action.submission.explained(refusal, self._prefix)
        again = await self._form(visit, action, id, name, action.submission.sent(form), errors)
        return Again(replace(again, problems=lines), status, alone=True, title=action.written.label)

    async def _question(self, visit: Visit, action: _Action, id: str, name: str, texts: Texts) -> Answer:
        asked = await self._form(visit, action, id, name, texts, {})
        title = action.written.label if action.asks else wording.question(action.written.label, name)
        return Again(asked, 200, alone=True, title=title, failed=False)

    async def _form(
        self, visit: Visit, action: _Action, id: str, name: str, texts: Texts, errors: Mapping[str, str]
    ) -> Form:
        answered = keys.ASKED if action.asks else keys.CONFIRMED
        return Form(
            id=self._prefix,
            title=None,
            action=visit.here,
            controls=await action.submission.controls(visit, self._prefix, texts, errors, {}),
            hidden=(
                *self.hidden(visit),
                Hidden(keys.DO, f"{self._place.index}.{action.index}.{id}"),
                Hidden(answered, "yes"),
            ),
            submit=action.written.label,
            multipart=action.submission.multipart,
            danger=action.written.danger,
            cancel=visit.here,
            intro=name if action.asks and name else None,
        )

    def _pressed(self, form: SentForm) -> _Action:
        _, index, _ = pressed(form)
        if index >= len(self._actions):
            raise Refusal("not-found")
        return self._actions[index]

    @property
    def _prefix(self) -> str:
        return f"{self._place.id}-ask"


def pressed(form: SentForm) -> tuple[int, int, str]:
    """Part, action and row of the button that sent a form.

    Raises:
        Refusal: the form names none.
    """
    parts = (form.value(keys.DO) or "").split(".", 2)
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts[:2]):
        raise Refusal("not-found")
    return int(parts[0]), int(parts[1]), parts[2][:64]
