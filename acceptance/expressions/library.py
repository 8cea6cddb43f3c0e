"""Writes random calls of the functions over text, times, numbers and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .generator import Generator

LISTS = {
    "text": (
        "this.tags",
        "input.tags.orValue(['b', 'a', 'b'])",
        "old.tags.orValue(this.tags)",
        "this.title.split('a')",
    ),
    "int": ("this.marks.orValue([])", "input.numbers", "[3, -1, 3]", "old.marks.orValue(input.numbers)"),
    "date": ("this.days", "input.days"),
    "datetime": ("input.moments.orValue([now])",),
    "money": ("this.prices.orValue([this.price])",),
    "enum": ("input.levels", "[this.level, 'low']"),
    "bool": ("input.truths", "[this.done, true]"),
    "decimal": ("[this.rate, 1.5]",),
    "duration": ("[this.length, duration('1s')]",),
    "ref:Person": ("input.people.orValue([this.owner])",),
}
PATTERNS = (
    *("a", "^a", "a$", "^$", "^[a-z]+$", "[^a]", ".", "^.$", "\\\\d", "\\\\w+", "\\\\s", "^\\\\S*$", "é", "a|b|ss"),
    *("^(ab|ba)*$", "x{3,}", "(?:a){2}", "[\\\\d_%]", "%", "\\\\\\\\", "^[^\\\\s]{1,3}$", "", "[𐀀-😀]"),
)
CEL_PARTS = ("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek")
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


class Library:
    """Calls of functions, with values of a generator."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._chance = generator.chance

    def text(self, depth: int) -> str:
        """A text that a function gives."""
        value = self._generator.value
        text, number = value("text", depth), self._small()
        part = self._chance.choice(("'a'", "'b'", "'ab'", "''", "'\u0301'", "input.text", "'ss'"))
        return self._chance.choice(
            (
                f"{text}.lowerAscii()",
                f"{text}.upperAscii()",
                f"{text}.trim()",
                f"{text}.substring({number})",
                f"{text}.substring({number}, {self._small()})",
                f"{text}.substring(0, 5).replace({part}, {self._chance.choice(('input.text', text, repr('é')))})",
                f"{text}.split('a').join('b')",
                f"{self.of('text')}.join({part})",
                f"{self.maybe('text')}.orValue({text})",
                f"{self.of('text')}.first().orValue({text})",
            )
        )

    def whole(self, depth: int) -> str:
        """A whole number that a function gives."""
        value = self._generator.value
        moment = value("datetime", depth)
        day = value(self._chance.choice(("date", "datetime")), depth)
        divisor = self._chance.choice(("2", "-3", "7", "1000", "(size(this.tags) + 1)", "month(this.starts)"))
        return self._chance.choice(
            (
                f"{self._chance.choice(('year', 'month', 'day', 'weekday'))}({day})",
                f"{self._chance.choice(('hour', 'minute', 'second'))}({moment})",
                f"{day}.{self._chance.choice(CEL_PARTS)}()",
                f"({value('int', depth)} / {divisor})",
                f"({value('int', depth)} % {divisor})",
                f"abs({value('int', depth)})",
                f"greatest({value('int', depth)}, {value('int', depth)})",
                f"least({value('int', depth)}, {value('int', depth)}, {self._small()})",
                f"{value('text', depth)}.indexOf({value('text', 0)})",
                f"{self.of('int')}.max().orValue({self._small()})",
                f"size({self.list(depth)})",
                f"{self.maybe('int')}.orValue({value('int', depth)})",
                f"round({value('decimal', depth)}) == 1.0 ? 1 : 2",
            )
        )

    def number(self, kind: str, depth: int) -> str:
        """A decimal or an amount that a function gives."""
        value = self._generator.value
        return self._chance.choice(
            (
                f"abs({value(kind, depth)})",
                f"greatest({value(kind, depth)}, {value(kind, depth)})",
                f"least({value(kind, depth)}, {value(kind, depth)})",
                f"round({value(kind, depth)}, {self._chance.randint(0, 2)})",
                f"round({value(kind, depth)})",
                f"{self.of(kind)}.sum()",
                f"{self.of(kind)}.min().orValue({value(kind, depth)})",
                f"{self.maybe(kind)}.orValue({value(kind, depth)})",
            )
        )

    def moment(self, kind: str, depth: int) -> str:
        """A date or datetime that a function gives."""
        value = self._generator.value(kind, depth)
        return self._chance.choice(
            (
                f"truncate({value}, '{self._chance.choice(UNITS if kind == 'datetime' else UNITS[:5])}')",
                f"addMonths({value}, {self._small()})",
                f"greatest({value}, {self._generator.value(kind, depth)})",
                f"least({value}, {self._generator.value(kind, depth)})",
                f"{self.maybe(kind)}.orValue({value})",
                f"{self.of(kind)}.max().orValue({value})",
            )
        )

    def length(self, depth: int) -> str:
        """A duration that a function gives."""
        value = self._generator.value("duration", depth)
        return self._chance.choice(
            (
                f"abs({value})",
                f"({value} / {self._chance.choice(('2', '-7'))})",
                f"({value} % 1000)",
                f"greatest({value}, {self._generator.value('duration', depth)})",
                f"{self.of('duration')}.sum()",
                f"{self.maybe('duration')}.orValue({value})",
            )
        )

    def truth(self, depth: int) -> str:
        """A truth that a function gives."""
        loop = self._chance.choice(("exists", "all"))
        return self._chance.choice(
            (
                f"{self._generator.value('text', depth)}.matches('{self._chance.choice(PATTERNS)}')",
                f"{self._generator.value('text', depth)}.matches('{self._chance.choice(PATTERNS)}')",
                f"{self.maybe('bool')}.orValue({self._generator.condition(depth)})",
                f"input.numbers.{loop}(i, i > {self._chance.choice(('0', 'input.few', 'size(input.days)'))})",
                f"input.levels.{loop}(i, i == 'low' || i.orValue('mid') == input.level)",
                f"({self._generator.value('text', depth)} in {self.of('text')}.sort())",
            )
        )

    def list(self, depth: int) -> str:
        """A list that a function gives."""
        kind = self._chance.choice(tuple(LISTS))
        return self._chance.choice(
            (
                f"{self.of(kind)}.distinct()",
                f"{self.of(kind if kind != 'bool' else 'int')}.sort()",
                f"{self.of(kind)}.distinct().distinct()",
                f"{self._generator.value('text', depth)}.split('{self._chance.choice(('a', 'é', ' ', 'aa'))}')",
                "input.numbers.map(i, i % 5).filter(i, i != 0)",
                "input.days.map(i, year(i)).sort().distinct()",
                "input.levels.filter(i, i != 'low').map(i, string(i) + '!')",
            )
        )

    def item(self, kind: str) -> str:
        """An item of a list, which may not be there."""
        listed = self.of(kind if kind in LISTS else "text")
        ordered = kind in ("text", "int", "decimal", "money", "date", "datetime", "duration")
        extreme = self._chance.choice(("min", "max")) if ordered else "last"
        return self._chance.choice(
            (f"{listed}[{self._small()}]", f"{listed}.first()", f"{listed}.last()", f"{listed}.{extreme}()")
        )

    def of(self, kind: str) -> str:
        """A list of a kind."""
        return self._chance.choice(LISTS[kind])

    def maybe(self, kind: str) -> str:
        """A value that may be absent."""
        path = self._generator.path(kind, optional=True)
        return path.text if path is not None else self.of(kind) + ".first()"

    def _small(self) -> str:
        return self._chance.choice(("0", "1", "2", "-1", "13", "this.few", "input.few", "100"))
