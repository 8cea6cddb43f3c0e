"""One configured tool: a program, a template of arguments, and what may be filled into it.

Its rules:

* An argument is either written in the configuration or is, as a whole, one value; nothing is joined, split or expanded.
* A value is a whole number within bounds, or one of the words that the configuration lists. No value begins with ``-``,
  so none is ever read as an option.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archwright_runtime.component import Host, Limits, Program
from archwright_runtime.errors import Refusal, SettingError

_PLACE = re.compile(r"\{([a-z]+(?:_[a-z]+)*)\}")
_FILES = ("input", "output")
SECONDS = 30
MEGABYTES = 1024


@dataclass(frozen=True)
class Choice:
    """What one value may be."""

    low: int | None = None
    high: int | None = None
    words: tuple[str, ...] = ()
    default: str | None = None

    def filled(self, name: str, given: Any) -> str:
        """The argument for a value.

        Raises:
            Refusal: it is missing, or not one of those that may be.
        """
        if given is None:
            if self.default is None:
                raise Refusal("invalid-values", f"The tool needs `{name}`.")
            return self.default
        if self.words:
            allowed = isinstance(given, str) and given in self.words
        else:
            allowed = isinstance(given, int) and not isinstance(given, bool) and self._within(given)
        if not allowed:
            raise Refusal("invalid-values", f"`{name}` is not a value that the tool takes.")
        return str(given)

    def _within(self, number: int) -> bool:
        return number >= max(0, self.low or 0) and (self.high is None or number <= self.high)


@dataclass(frozen=True)
class Tool:
    """A program with everything that was decided about it."""

    program: Program
    arguments: tuple[str, ...]
    input: str
    output: str
    media: str
    values: Mapping[str, Choice]
    limits: Limits

    @classmethod
    def read(cls, name: str, given: Mapping[str, Any], host: Host) -> Tool:
        """A tool of the configuration.

        Raises:
            SettingError: its program is not installed, or its template cannot be filled.
        """
        values = {key: _choice(f"{name}.{key}", one) for key, one in (given.get("values") or {}).items()}
        arguments = tuple(given["arguments"])
        for argument in arguments:
            place = _PLACE.fullmatch(argument)
            if place is not None and place[1] not in (*_FILES, *values):
                raise SettingError(f"tools: `{name}` has no value `{place[1]}`")
        if set(values) & set(_FILES) or given["input"] == given["output"]:
            raise SettingError(f"tools: `{name}` uses one name for two things")
        seconds, memory = given.get("seconds") or SECONDS, given.get("megabytes") or MEGABYTES
        limits = Limits(seconds=seconds, cpu=seconds, memory=memory << 20, file=256 << 20, result=64 << 20)
        program = host.program(given["program"])
        return cls(program, arguments, given["input"], given["output"], given["media"], values, limits)

    def filled(self, given: Any) -> list[str]:
        """The arguments for these values.

        Raises:
            Refusal: one is missing, unknown, or not one of those that may be.
        """
        if not isinstance(given, Mapping):
            raise Refusal("invalid-values", "Values are given by name.")
        if unknown := sorted(set(given) - set(self.values)):
            raise Refusal("invalid-values", f"The tool takes no value `{unknown[0][:60]}`.")
        known = {name: choice.filled(name, given.get(name)) for name, choice in self.values.items()}
        known |= {"input": self.input, "output": self.output}
        return [known[place[1]] if (place := _PLACE.fullmatch(one)) else one for one in self.arguments]


def _choice(name: str, given: Mapping[str, Any]) -> Choice:
    words, default = tuple(given.get("one_of") or ()), given.get("default")
    if bool(words) == ("high" in given):
        raise SettingError(f"tools: `{name}` needs either `high` or `one_of`")
    choice = Choice(given.get("low"), given.get("high"), words, None)
    if default is None:
        return choice
    try:
        return Choice(choice.low, choice.high, words, choice.filled(name, default))
    except Refusal:
        raise SettingError(f"tools: the default of `{name}` is not a value that it takes") from None
