"""Fields of a form: the right control for every type, and what people type turned into what the wire takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ..http.formats import Wrong, duration, unscaled
from ..plan import Entity, Expr, Input, Operation, Plan, Type
from .formats import byte_size, span
from .labels import humanise, value_label
from .views import Control, Option

_RADIOS = 4
"""Up to so many choices are shown all at once."""
_LONG = 255
"""Text that may be longer gets several lines."""
_TEXT_KINDS = frozenset({"text", "slug", "email", "url", "phone", "uuid"})
_INPUT_KINDS = {"email": "email", "url": "url", "phone": "tel", "date": "date", "datetime": "datetime-local"}
_NARROW = frozenset({"date", "datetime", "int", "decimal", "money", "duration", "phone", "slug"})
_GROUPED = re.compile(r"-?\d{1,3}([,  ]\d{3})+(\.\d+)?")
_SPOKEN_DURATION = re.compile(
    r"(?:(\d+)\s*d(?:ays?)?)?\s*(?:(\d+)\s*h(?:ours?)?)?\s*(?:(\d+)\s*m(?:in(?:utes?)?)?)?\s*(?:(\d+)\s*s(?:ec(?:onds?)?)?)?",
    re.IGNORECASE,
)
# HTML 4.10.18.7.1: what browsers and password managers fill in by themselves.
_AUTOCOMPLETE = {"email": "email", "name": "name", "phone": "tel", "code": "one-time-code", "username": "username"}


@dataclass(frozen=True)
class Field:
    """One field of a form, compiled.

    Attributes:
        secret: never shown again once it was typed.
        autocomplete: what browsers and password managers may fill in.
        known: the values to choose from, where it is a list of texts that are not just any texts.
        usual: what is taken where nothing is given.
        blank: what choosing nothing is called.
    """

    input: Input
    label: str
    help: str | None
    secret: bool
    autocomplete: str | None
    known: tuple[Option, ...] = ()
    usual: Expr | None = None
    blank: str = "—"

    @property
    def wire(self) -> str:
        """Its name in the form."""
        return self.input.wire or self.input.name

    @property
    def type(self) -> Type:
        """What it holds."""
        return self.input.type

    @property
    def entity(self) -> str | None:
        """The entity that it chooses a row, or rows, of."""
        kind = self.type.item if self.type.kind == "list" and self.type.item else self.type
        return kind.entity if kind.kind == "ref" else None

    @property
    def checkbox(self) -> bool:
        """A truth that is false when it does not come."""
        return self.type.kind == "bool" and not self.input.nullable

    @property
    def several(self) -> bool:
        """A choice of any number of values."""
        if self.type.kind != "list" or self.type.item is None:
            return False
        return bool(self.known) or self.type.item.kind in ("enum", "ref")

    @property
    def multipart(self) -> bool:
        """Whether the form has to be sent in parts."""
        return self.type.kind in ("file", "image")

    @property
    def required(self) -> bool:
        """Whether something has to be given."""
        return self.input.required and not self.input.nullable and not self.checkbox

    def control(
        self,
        prefix: str,
        texts: Sequence[str],
        *,
        error: str | None = None,
        choices: Sequence[Option] = (),
        starred: bool = False,
        note: str | None = None,
    ) -> Control:
        """How it looks with these values in it."""
        value = texts[-1] if texts else ""
        widget, kind = self._widget()
        return Control(
            name=self.wire,
            id=f"{prefix}-{self.input.name}",
            label=self.label,
            widget=widget,
            kind=kind,
            value="" if self.secret else value,
            checked=value in ("true", "on"),
            required=self.required,
            help=self.help,
            error=error,
            options=self._options(texts, choices) if widget in ("select", "radios", "checks") else (),
            attributes=self._attributes(widget, kind),
            unit=self.type.currency,
            note=note,
            narrow=self.type.kind in _NARROW or (self.type.kind == "enum" and widget == "select"),
            starred=starred and self.required,
        )

    def texts(self, value: Any) -> list[str]:
        """A stored value (in wire form) as the form holds it."""
        if value is None or self.secret or self.multipart:
            return []
        kind = self.type.kind
        if kind == "bool":
            return ["true" if value else "false"]
        if kind == "list":
            return [str(item) for item in value] if self.several else ["\n".join(str(item) for item in value)]
        if kind == "json":
            return [msgspec.json.format(msgspec.json.encode(value), indent=2).decode()]
        if kind == "duration":
            return [_spoken(str(value))]
        if kind == "datetime":
            return [str(value).replace("+00:00", "").removesuffix("Z").replace(" ", "T")[:16]]
        return [str(value)]

    def default(self) -> list[str]:
        """The constant that is taken where nothing is given, as the form holds it."""
        node = self.usual
        if node is None or node.get("op") != "literal" or node.get("value") is None:
            return []
        value = node["value"]
        if self.type.kind in ("decimal", "money"):
            return [unscaled(value, 2 if self.type.scale is None else self.type.scale)]
        if self.type.kind == "duration":
            return [span(value, 4)]
        return self.texts(value)

    def submitted(self, texts: Sequence[str] | None) -> list[str] | None:
        """What a browser sent as what the wire takes; None where nothing came."""
        if texts is None:
            return ["false"] if self.checkbox else [""] if self.several else None
        if self.type.kind == "list" and not self.several:
            lines = [line.strip() for text in texts for line in text.splitlines()]
            return [line for line in lines if line] or [""]
        return [_CLEANERS.get(self.type.kind, _as_is)(text, self.type) for text in texts]

    def _widget(self) -> tuple[str, str]:
        kind = self.type.kind
        if kind in ("file", "image"):
            return "file", ""
        if kind == "bool":
            return ("checkbox" if self.checkbox else "select"), ""
        if self.several:
            return "checks", ""
        if kind == "enum":
            return ("radios" if self.required and len(self.type.values) <= _RADIOS else "select"), ""
        if kind == "ref":
            return "select", ""
        if kind in ("markdown", "html", "json", "list") or (kind == "text" and not self.secret and self._long):
            return "textarea", ""
        return "input", "password" if self.secret else _INPUT_KINDS.get(kind, "text")

    @property
    def _long(self) -> bool:
        return self.type.max is None or self.type.max > _LONG

    def _options(self, texts: Sequence[str], choices: Sequence[Option]) -> tuple[Option, ...]:
        chosen = frozenset(texts)
        if self.type.kind == "bool":
            known = [Option("true", "Yes"), Option("false", "No")]
        elif self.entity is not None:
            known = list(choices)
        elif self.known:
            known = list(self.known)
        else:
            values = self.type.item.values if self.several and self.type.item else self.type.values
            known = [Option(value, value_label(value)) for value in values]
        marked = [Option(option.value, option.label, option.value in chosen) for option in known]
        if self.several or (self.type.kind == "enum" and self._widget()[0] == "radios"):
            return tuple(marked)
        blank = Option("", "Choose…" if self.required else self.blank, not any(option.chosen for option in marked))
        return (blank, *marked)

    def _attributes(self, widget: str, kind: str) -> tuple[tuple[str, str], ...]:
        made: list[tuple[str, str]] = []
        if widget in ("input", "textarea") and self.type.max and self.type.kind not in ("json", "list"):
            made.append(("maxlength", str(self.type.max)))
        if widget == "file":
            media = self.type.media or (("image/*",) if self.type.kind == "image" else ())
            made += [("accept", ",".join(media))] if media else []
        if self.type.kind == "int":
            made.append(("inputmode", "numeric"))
        elif self.type.kind in ("decimal", "money"):
            made.append(("inputmode", "decimal"))
        if kind == "datetime-local":
            made.append(("step", "60"))
        if self.type.kind == "json":
            made.append(("class", "code-field"))
            made.append(("spellcheck", "false"))
        if self.autocomplete and widget == "input":
            made.append(("autocomplete", self.autocomplete))
        return tuple(made)


def compile_field(plan: Plan, operation: Operation, entry: Input) -> Field:
    """The field of an input; its label and help come from the input, else from the entity's field of that name."""
    entity = plan.entities.get(operation.entity or "")
    stored = entity.fields.get(entry.name) if entity else None
    secret = "secret" in entry.classes or "password" in entry.name
    known = _roles(plan) if _names_roles(plan, operation, entry) else ()
    return Field(
        input=entry,
        label=entry.label or (stored.label if stored else None) or humanise(entry.name),
        help=_help(entry, entity, chosen=bool(known)),
        secret=secret and entry.type.kind in _TEXT_KINDS,
        autocomplete=_autocomplete(operation, entry, secret),
        usual=entry.default or (stored.default if stored and operation.action == "create" else None),
        known=known,
    )


def _names_roles(plan: Plan, operation: Operation, entry: Input) -> bool:
    identity = plan.identity
    if identity is None or entry.name != identity.roles or entry.type.kind != "list":
        return False
    return operation.component == identity.component or operation.entity == identity.entity


def _roles(plan: Plan) -> tuple[Option, ...]:
    return tuple(Option(name, role.label or humanise(name)) for name, role in sorted(plan.roles.items()))


def _help(entry: Input, entity: Entity | None, *, chosen: bool) -> str | None:
    stored = entity.fields.get(entry.name) if entity else None
    written = entry.help or (stored.help if stored else None)
    usual = None if chosen else _usual_help(entry.type)
    return " ".join(part for part in (written, usual) if part) or None


def _usual_help(kind: Type) -> str | None:
    match kind.kind:
        case "datetime":
            return "In UTC."
        case "duration":
            return "Such as 1 h 30 min or 2 d."
        case "markdown":
            return "Markdown is understood."
        case "json":
            return "As JSON."
        case "list" if kind.item is not None and kind.item.kind not in ("enum", "ref"):
            return "One per line."
        case "file" | "image" if kind.max:
            whole, rest = divmod(kind.max, 1_048_576)
            return f"Up to {byte_size(kind.max) if rest else f'{whole} MB'}."
    return None


def _autocomplete(operation: Operation, entry: Input, secret: bool) -> str | None:
    if secret:
        if any(step.capability and step.capability.endswith(".sign_in") for step in operation.steps):
            return "current-password"
        if entry.name.startswith(("current", "old")):
            return "current-password"
        return "new-password" if entry.name.startswith(("new", "password")) else "off"
    signing = any("secret" in other.classes or "password" in other.name for other in operation.input)
    if signing and entry.name in ("email", "username"):
        return "username"
    return _AUTOCOMPLETE.get(entry.name) if signing else None


def _spoken(value: str) -> str:
    """A duration as people type it, unless that would lose fractions of a second."""
    try:
        length = duration(value)
    except Wrong:
        return value
    return value if length % 1_000_000 or length < 0 else span(length, 4)


def _as_is(text: str, kind: Type) -> str:
    return text


def _stripped(text: str, kind: Type) -> str:
    return text.strip()


def _number(text: str, kind: Type) -> str:
    text = text.strip().replace("−", "-").replace("\N{NO-BREAK SPACE}", " ")
    if _GROUPED.fullmatch(text):
        return text.replace(",", "").replace(" ", "")
    whole, comma, part = text.partition(",")
    # In most of Europe the comma is the decimal sign; three digits behind it would be thousands.
    if comma and part.isdigit() and len(part) <= (kind.scale or 0) and "." not in whole:
        return f"{whole}.{part}"
    return text


def _moment(text: str, kind: Type) -> str:
    text = text.strip()
    if len(text) == 16:
        text += ":00"
    return text + "Z" if len(text) >= 19 and "Z" not in text and "+" not in text else text


def _duration(text: str, kind: Type) -> str:
    text = text.strip()
    match = _SPOKEN_DURATION.fullmatch(text)
    if not text or match is None or not any(match.groups()):
        return text.upper() if text[:1] in "pP" else text
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return f"P{days}DT{hours}H{minutes}M{seconds}S"


_CLEANERS = {
    "int": _number,
    "decimal": _number,
    "money": _number,
    "datetime": _moment,
    "duration": _duration,
    "date": _stripped,
    "email": _stripped,
    "url": _stripped,
    "phone": _stripped,
    "slug": _stripped,
    "uuid": _stripped,
}
