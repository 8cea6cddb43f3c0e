"""What databases say differently; every operand is given as SQL that may stand in parentheses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Literal

from .tree import Apply, Form

DialectName = Literal["postgresql", "sqlite"]
TEXTS = frozenset({"text", "slug", "markdown", "html", "email", "url", "phone", "uuid", "enum", "ref"})
"""Kinds that both databases hold as text and compare by code point."""


class Dialect(ABC):
    """The SQL of one database; one implementation per file in ``dialects``."""

    name: ClassVar[DialectName]

    @abstractmethod
    def cast(self, mark: str, form: Form, array: bool = False) -> str:
        """A parameter with its type."""

    @abstractmethod
    def null(self, form: Form) -> str:
        """An absent value of a form."""

    @abstractmethod
    def ordered(self, sql: str, form: Form) -> str:
        """A value as one side of ``<`` and the like: text is ordered by code point."""

    @abstractmethod
    def search(self, mode: str, value: str, part: str) -> str:
        """Whether a text starts with, ends with or contains a part."""

    @abstractmethod
    def text_size(self, sql: str) -> str:
        """The code points of a text."""

    @abstractmethod
    def list_size(self, sql: str) -> str:
        """The items of a stored list."""

    @abstractmethod
    def items(self, sql: str, item: Form, alias: str) -> str:
        """A subquery of the items of a stored list that are present, so that ``IN`` is never unknown because of one."""

    @abstractmethod
    def list(self, parts: Sequence[tuple[str, Form]]) -> str:
        """A list of values in its stored form."""

    @abstractmethod
    def concat(self, parts: Sequence[str]) -> str:
        """Texts, one after the other, normalised."""

    @abstractmethod
    def text(self, sql: str, form: Form, alias: str) -> str:
        """A value as the text of the wire."""

    @abstractmethod
    def shift(self, sql: str, by: str, form: Form, sign: str) -> str:
        """A date or datetime moved by microseconds."""

    @abstractmethod
    def between(self, later: str, earlier: str, form: Form) -> str:
        """Microseconds between two dates or datetimes."""

    @abstractmethod
    def day(self, sql: str) -> str:
        """The UTC date of a datetime."""

    @abstractmethod
    def total(self, sql: str, limit: int) -> str:
        """The sum of a group, cut at a limit; 0 of nothing."""

    @abstractmethod
    def average(self, sql: str, by: int) -> str:
        """The average of a group with ``by`` more digits, halves away from zero."""

    @abstractmethod
    def apply(self, node: Apply, args: Sequence[str], alias: str) -> str:
        """A function of the library; NULL where an argument is, unless it forgets that."""

    @abstractmethod
    def forgets_absence(self, node: Apply) -> bool:
        """Whether the SQL of a function can have a value although an argument is NULL."""

    @abstractmethod
    def repeats(self, node: Apply) -> bool:
        """Whether the SQL of a function holds an argument more than once."""
