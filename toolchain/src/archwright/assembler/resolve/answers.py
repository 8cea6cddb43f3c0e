"""What operations answer: status, body, headers, cookies, files."""

from __future__ import annotations

from collections.abc import Iterator

from ...language.expression import Scope, Type
from ...language.operations import Returns
from .. import plan
from .source import Place
from .steps import Composition
from .types import of_plan
from .world import EntityDraft, World

JSON = "application/json"
TEXT_KINDS = ("text", "markdown", "slug", "email", "url", "phone", "uuid", "enum")
_MARKUP = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
"""What a browser would run scripts in."""


class Answers:
    """Resolves answers, each over what the steps have bound."""

    def __init__(self, world: World) -> None:
        self._world = world

    def written(self, written: Returns | None, composition: Composition, place: Place) -> plan.Returns:
        """The answer of an operation that is written out."""
        if written is None:
            return plan.Returns(status=204)
        expressions = self._world.expressions
        scope = self._scope(composition)
        body = expressions.record(written.body, place / "body", scope) if written.body is not None else None
        location = expressions.template(written.redirect, place / "redirect", scope) if written.redirect else None
        file = expressions.template(written.file, place / "file", scope) if written.file else None
        headers = {
            name: expressions.template(value, place / "headers" / name, scope)
            for name, value in written.headers.items()
        }
        text = Type.text().maybe()
        filename = expressions.template(written.filename, place / "filename", scope, text) if written.filename else None
        self._fits(written, body[1] if body else None, place)
        return plan.Returns(
            status=written.status or (303 if location is not None else 204 if body is None and file is None else 200),
            body=body[0] if body else None,
            envelope=written.envelope or None,
            bare=written.envelope is False,
            total=written.total,
            type=_body_type(body[1]) if body else None,
            location=location.node if location else None,
            headers={name: typed.node for name, typed in headers.items() if typed is not None},
            cookies=tuple(self._cookies(written, place, scope)),
            file=file.node if file else None,
            filename=filename.node if filename else None,
            media=written.media or "application/json",
        )

    def _fits(self, written: Returns, body: Type | None, place: Place) -> None:
        """Text goes out as text, and as HTML only what is known to be harmless."""
        media = written.media
        if media is None or body is None or media == JSON or media.endswith("+json"):
            return
        wanted = ("html",) if media in _MARKUP else TEXT_KINDS
        if body.kind not in (*wanted, "unknown"):
            self._world.findings.error(
                "assembly/answer-media",
                (place / "media").location,
                f"`{media}` is the media type of {'sanitised HTML' if media in _MARKUP else 'a text'}",
                expected="a body of type `html`" if media in _MARKUP else "a body that is one text",
                found=f"a body of type `{body}`",
                hint="let a capability such as `content.markdown` make it" if media in _MARKUP else None,
            )

    def _scope(self, composition: Composition) -> Scope:
        names = {**composition.bound, "input": Type.record(composition.inputs)}
        return self._world.scope(names, database=False)

    def _cookies(self, written: Returns, place: Place, scope: Scope) -> Iterator[plan.Cookie]:
        for name, cookie in written.cookies.items():
            value = self._world.expressions.template(cookie.value, place / "cookies" / name / "value", scope)
            age = seconds(cookie.max_age.seconds) if cookie.max_age is not None else None
            if value is not None:
                yield plan.Cookie(name=name, value=value.node, max_age=age)


def rows(entity: str) -> plan.Expr:
    """The rows that a list step bound, as a body."""
    return _name("rows", "rows", entity)


def row(entity: EntityDraft) -> plan.Expr:
    """The row that a step bound, as a body."""
    return _name("row", "row", entity.name)


def seconds(number: int) -> plan.Expr:
    """A number of seconds as a constant of the plan."""
    return {"op": "literal", "type": "int", "value": number}


def _name(name: str, kind: str, entity: str) -> plan.Expr:
    return {"op": "name", "type": {"kind": kind, "entity": entity}, "name": name}


def _body_type(type: Type) -> plan.Type:
    """What an answer holds; of a record the kind alone, since its members carry their own types."""
    return plan.Type(kind="record") if type.kind == "record" else of_plan(type)
