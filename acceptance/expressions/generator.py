"""Writes random expressions of a wanted type; the checker decides which of them are valid."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archwright.language.expression import Type

from .library import Library
from .world import ENTITIES, INPUT, LEVELS, NAMES, WORDS

Kind = str
"""A kind, with the entity for references: ``ref:Person``."""

CONSTANTS: dict[Kind, tuple[str, ...]] = {
    "bool": ("true", "false"),
    "int": ("0", "1", "-1", "2", "100", "9007199254740991", "-7", "0x10"),
    "decimal": ("0.5", "-1.25", "3.0", "12.345", "0.1"),
    "money": ("money('0', 'EUR')", "money('12.30', 'EUR')", "money('-0.01', 'EUR')"),
    "date": ("date('2024-02-29')", "date('1000-01-01')", "date('8999-12-31')", "date('1970-01-01')"),
    "datetime": ("datetime('2024-02-29T12:00:00.123456Z')", "timestamp('1969-12-31T23:59:59+01:00')"),
    "duration": ("duration('36h')", "duration('-1.5s')", "duration('0s')", "duration('1us')", "duration('36525d')"),
}
NUMBERS = ("int", "decimal", "money")
SIMPLE = ("bool", "int", "decimal", "money", "text", "enum", "date", "datetime", "duration", "ref:Person", "ref:Task")


@dataclass(frozen=True)
class Path:
    """Something that can be written and read."""

    text: str
    kind: Kind
    optional: bool


def kind_of(type: Type) -> Kind:
    """The kind under which a type is generated."""
    return f"{type.kind}:{type.entity}" if type.kind in ("ref", "rows") else type.kind


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


class Generator:
    """Expressions about the world of ``world.py``."""

    def __init__(self, seed: int, unguarded: float = 0) -> None:
        """``unguarded`` is how often a value that may be absent stands where one is needed."""
        self.chance = random.Random(seed)
        self.unguarded = unguarded
        self.loops = 0
        self.roots: list[Path] = list(_roots())
        self.library = Library(self)

    def expression(self) -> str:
        """Any expression, more often than not a truth."""
        depth = self.chance.choice((1, 2, 3, 4))
        if self.chance.random() < 0.5:
            return self.condition(depth)
        if self.chance.random() < 0.1:
            return self._pick(lambda: self.written_list(self.chance.choice(SIMPLE)), lambda: self.library.list(depth))
        if self.chance.random() < 0.1:
            return self.library.item(self.chance.choice(SIMPLE))
        return self.value(self.chance.choice(SIMPLE), depth)

    def aggregate(self) -> str:
        """An expression over the rows of a group."""
        kind = self.chance.choice((*NUMBERS, "duration"))
        number = self.chance.choice(
            (self.maybe(kind, 1), f"this.{self.chance.choice(('many * 1000', 'some', 'cost', 'pause', 'ratio'))}")
        )
        compared = self.maybe(self.chance.choice((*NUMBERS, "duration", "date", "datetime", "text")), 1)
        return self._pick(
            lambda: "count()",
            lambda: f"count({self.condition(2)})",
            lambda: f"count({self.condition(1)}) * 2 > count()",
            lambda: f"sum({number})",
            lambda: f"sum({number}) - sum({number}) * 2",
            lambda: f"avg({number})",
            lambda: f"avg({number}, {self.chance.randint(0, 4)})",
            lambda: f"min({compared})",
            lambda: f"max({compared})",
            lambda: f"max({compared}) == min({compared})",
            lambda: f"(this.level == 'low' ? count({self.condition(1)}) : count())",
        )

    # -- paths ---------------------------------------------------------------------------------------------------

    def paths(self) -> Iterator[Path]:
        """What can be read from the names, by a random walk of up to three references."""
        yield from self.roots
        rows = [root for root in self.roots if root.kind.startswith(("ref:", "row:"))]
        for _ in range(80):
            path = self.chance.choice(rows)
            for _ in range(self.chance.randint(1, 3)):
                target = path.kind.partition(":")[2]
                if path.kind.startswith(("ref:", "row:")):
                    field = self.chance.choice(list(ENTITIES[target]))
                    type = ENTITIES[target][field]
                    optional = (path.optional or type.optional) and type.kind != "rows"
                    path = Path(f"{path.text}.{field}", kind_of(type), optional)
                    yield path

    def path(self, kind: Kind, optional: bool | None = None) -> Path | None:
        """A path of a kind; with ``optional``, one that may (or may not) be absent."""
        found = [path for path in self.paths() if path.kind == kind and (optional is None or path.optional == optional)]
        if not found:
            return None
        # Records have so many members that rows would hardly be spoken of.
        rows = [path for path in found if not path.text.startswith("input.")]
        return self.chance.choice(rows if rows and self.chance.random() < 0.75 else found)

    # -- values --------------------------------------------------------------------------------------------------

    def constant(self, kind: Kind) -> str:
        """A constant, or the name that stands for one."""
        if kind == "text":
            return _quoted(self.chance.choice(WORDS))
        if kind == "enum":
            return _quoted(self.chance.choice(LEVELS))
        if kind.startswith("ref:"):
            return "input.person" if kind == "ref:Person" else "this.id"
        return self.chance.choice(CONSTANTS[kind])

    def maybe(self, kind: Kind, depth: int) -> str:
        """A value that may be absent."""
        path = self.path(kind)
        if path is not None and (depth <= 0 or self.chance.random() < 0.6):
            return path.text
        if depth > 0 and self.chance.random() < 0.2:
            return self.library.item(kind)
        return self.value(kind, depth)

    def value(self, kind: Kind, depth: int) -> str:
        """A value that is present wherever it is needed."""
        if self.chance.random() < self.unguarded:
            path = self.path(kind, optional=True)
            if path is not None:
                return path.text
        roll = self.chance.random()
        if depth <= 0 or roll < 0.25:
            path = self.path(kind, optional=False)
            return path.text if path is not None and self.chance.random() < 0.7 else self.constant(kind)
        if roll < 0.45:
            path = self.path(kind, optional=True)
            if path is not None:
                test = self.chance.choice((f"{path.text} != null", f"has({path.text})", f"!({path.text} == null)"))
                return f"({test} ? {path.text} : {self.value(kind, depth - 1)})"
        if roll < 0.55:
            return f"({self.condition(depth - 1)} ? {self.value(kind, depth - 1)} : {self.value(kind, depth - 1)})"
        return self.computed(kind, depth)

    def computed(self, kind: Kind, depth: int) -> str:
        """A value that an operator gives."""
        below = depth - 1
        match kind:
            case "bool":
                return f"({self.condition(depth)})"
            case "int":
                return self._pick(
                    lambda: f"size({self.value('text', below)})",
                    lambda: f"size({self.relation()})",
                    lambda: f"size({self._list()})",
                    lambda: f"size({self.written_list(self.chance.choice(SIMPLE))})",
                    lambda: self._quantified("count", below),
                    lambda: self._sum("int", below),
                    lambda: f"-({self.value('int', below)})",
                    lambda: self.library.whole(below),
                    lambda: self.library.whole(below),
                )
            case "decimal" | "money":
                return self._pick(lambda: self._sum(kind, below), lambda: self.library.number(kind, below))
            case "text":
                return self._pick(
                    lambda: f"({self.value('text', below)} + {self.value('text', below)})",
                    lambda: f"string({self.value(self.chance.choice(SIMPLE), below)})",
                    lambda: self.library.text(below),
                    lambda: self.library.text(below),
                )
            case "date":
                return self._pick(
                    lambda: f"({self.value('date', below)} {self._sign()} days({self._few()}))",
                    lambda: f"date({self.value('datetime', below)})",
                    lambda: self.library.moment("date", below),
                )
            case "datetime":
                return self._pick(
                    lambda: f"({self.value('datetime', below)} {self._sign()} {self.value('duration', below)})",
                    lambda: self.library.moment("datetime", below),
                )
            case "duration":
                return self._pick(
                    lambda: f"({self.value('datetime', below)} - {self.value('datetime', below)})",
                    lambda: f"({self.value('date', below)} - {self.value('date', below)})",
                    lambda: f"({self.value('duration', below)} {self._sign()} {self.value('duration', below)})",
                    lambda: f"({self.value('duration', below)} * {self._few()})",
                    lambda: f"days({self._few()})",
                    lambda: f"-({self.value('duration', below)})",
                    lambda: self.library.length(below),
                )
            case _:
                return self.value(kind, 0)

    def _pick(self, *choices: Callable[[], str]) -> str:
        return self.chance.choice(choices)()

    def _sign(self) -> str:
        return self.chance.choice("+-")

    def _few(self) -> str:
        return self.chance.choice(("this.few", "input.few", "3", "-1", "(has(this.some) ? this.some : 0)"))

    def _sum(self, kind: Kind, depth: int) -> str:
        other = kind if kind == "money" else self.chance.choice(("int", "decimal") if kind == "decimal" else ("int",))
        if self.chance.random() < 0.4:
            return f"({self.value(kind, depth)} * {self._few()})"
        return f"({self.value(kind, depth)} {self._sign()} {self.value(other, depth)})"

    def _list(self) -> str:
        return self.chance.choice(("this.tags", "this.days", "input.levels", "input.numbers", "this.parent.tags"))

    # -- truths --------------------------------------------------------------------------------------------------

    def condition(self, depth: int) -> str:
        """A truth."""
        if depth <= 0:
            return self._pick(self._comparison_flat, lambda: self.constant("bool"), self._flag, self._absence)
        below = depth - 1
        return self._pick(
            lambda: self._comparison(below),
            lambda: self._comparison(below),
            lambda: f"({self.condition(below)} && {self.condition(below)})",
            lambda: f"({self.condition(below)} || {self.condition(below)})",
            lambda: f"!({self.condition(below)})",
            lambda: f"({self.condition(below)} ? {self.condition(below)} : {self.condition(below)})",
            lambda: self._guarded(below),
            lambda: self._guarded(below),
            self._absence,
            self._flag,
            lambda: self._membership(below),
            lambda: self._search(below),
            lambda: self.library.truth(below),
            lambda: self._quantified(self.chance.choice(("exists", "all")), below),
        )

    def _comparison(self, depth: int) -> str:
        kind = self.chance.choice(SIMPLE)
        ordered = kind not in ("bool", "enum") and not kind.startswith("ref:")
        operator = self.chance.choice(("==", "!=", "<", "<=", ">", ">=") if ordered else ("==", "!="))
        return f"{self.maybe(kind, depth)} {operator} {self.maybe(kind, depth)}"

    def _comparison_flat(self) -> str:
        return f"({self._comparison(0)})"

    def _flag(self) -> str:
        path = self.path("bool", optional=False)
        return path.text if path else "this.done"

    def _absence(self) -> str:
        path = self.path(self.chance.choice(SIMPLE), optional=True)
        text = path.text if path else "old"
        return self.chance.choice((f"({text} == null)", f"({text} != null)", f"has({text})", "(old != null)"))

    def _guarded(self, depth: int) -> str:
        path = self.path(self.chance.choice((*NUMBERS, "text", "duration", "datetime", "bool")), optional=True)
        if path is None:
            return self._absence()
        text = path.text
        match path.kind:
            case "text":
                use = f"size({text}) < {self.value('int', depth)}"
            case "datetime":
                use = f"{text} + {self.value('duration', depth)} > {self.maybe('datetime', depth)}"
            case "bool":
                use = self.chance.choice((text, f"!{text}"))
            case _:
                use = f"{text} + {self.value(path.kind, depth)} > {self.maybe(path.kind, depth)}"
        return self._pick(
            lambda: f"({text} != null && {use})",
            lambda: f"({text} == null || {use})",
            lambda: f"({text} == {self.maybe(path.kind, depth)} && {use})",
            lambda: f"!({text} != null && {use})",
            lambda: f"!({text} == null || !({use}))",
            lambda: f"(has({text}) ? {use} : {self.condition(depth)})",
        )

    def _membership(self, depth: int) -> str:
        kind = self.chance.choice(("text", "int", "enum", "ref:Person", "date", "money", "decimal", "bool", "datetime"))
        listed = {
            "text": ("this.tags", "input.tags", "this.parent.tags"),
            "int": ("this.marks", "input.numbers", "old.marks"),
            "enum": ("input.levels",),
            "ref:Person": ("input.people", "this.watchers", "this.owner.team.members"),
            "date": ("this.days", "input.days"),
            "money": ("this.prices",),
            "datetime": ("input.moments",),
            "bool": ("input.truths",),
        }.get(kind, ())
        if listed and self.chance.random() < 0.6:
            return f"({self.maybe(kind, depth)} in {self.chance.choice(listed)})"
        among = self.written_list(kind)
        if self.chance.random() < 0.3:
            among = f"({self.condition(0)} ? {among} : {self.chance.choice(listed or (among,))})"
        return f"({self.maybe(kind, depth)} in {among})"

    def written_list(self, kind: Kind) -> str:
        """A list that is written out."""
        return f"[{', '.join(self.maybe(kind, 0) for _ in range(self.chance.choice((0, 1, 3, 7))))}]"

    def _search(self, depth: int) -> str:
        function = self.chance.choice(("startsWith", "endsWith", "contains"))
        return f"{self.value('text', depth)}.{function}({self.value('text', depth)})"

    def relation(self) -> str:
        """A relation of some row."""
        found = [path for path in self.paths() if path.kind.startswith("rows:")]
        return self.chance.choice(found).text if found else "this.comments"

    def _quantified(self, function: str, depth: int) -> str:
        if self.loops >= 2:
            return "this.done" if function != "count" else "this.few"
        found = [path for path in self.paths() if path.kind.startswith("rows:")]
        over = self.chance.choice(found) if found else Path("this.comments", "rows:Comment", False)
        variable = "xyz"[self.loops]
        root = Path(variable, f"row:{over.kind.partition(':')[2]}", False)
        self.loops += 1
        self.roots.extend([root] * 3)
        try:
            return f"{over.text}.{function}({variable}, {self.condition(depth)})"
        finally:
            self.loops -= 1
            del self.roots[-3:]


def _roots() -> Iterator[Path]:
    for name, type in NAMES.items():
        if type.kind == "row":
            for _ in range(4 if name == "this" else 1):
                yield Path(name, f"row:{type.entity}", type.optional)
        elif type.kind != "record":
            yield Path(name, kind_of(type), type.optional)
    for name, type in INPUT.items():
        yield Path(f"input.{name}", kind_of(type), type.optional)
