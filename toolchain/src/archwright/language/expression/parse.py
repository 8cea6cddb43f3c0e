"""From text to syntax; with ``grammar`` the only file that knows the parser library.

Bounds come first, so that hostile text costs nothing; every refusal is a ``Problem``, nothing is raised.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from .grammar import parser
from .literals import InvalidLiteral, scale_of, unescape
from .problems import Problem
from .syntax import (
    Binary,
    Call,
    Conditional,
    Expression,
    Literal,
    Logical,
    Name,
    Node,
    Select,
    Sequence,
    Unary,
    Unsupported,
    walk,
)

LENGTH_MAX = 2_000
NODES_MAX = 500
DEPTH_MAX = 50
DIGITS_MAX = 30
"""Digits of a number literal: more than any type has, so only hostile ones are longer."""

FORBIDDEN = re.compile(r"[\ud800-\udfff\x00]")
_RESERVED = frozenset(
    {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package"}
    | {"namespace", "return", "var", "void", "while"}
)
_WORDS = {"and": "&&", "or": "||", "not": "!", "is": "==", "AND": "&&", "OR": "||", "NOT": "!"}


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _refuse(code: str, message: str, start: int, end: int, **more: str | None) -> _Refused:
    return _Refused(Problem(code, message, start=start, end=end, **more))


def _end(token: Token) -> int:
    return token.start_pos + len(token)  # type: ignore[operator]


class _Builder(Transformer[Token, Any]):
    """Builds the syntax while the library reduces, so that no second tree is made."""

    def name(self, children: list[Token]) -> Node:
        (token,) = children
        if token in _RESERVED:
            raise _refuse("syntax", f"`{token}` is a reserved word", token.start_pos, _end(token))  # type: ignore[arg-type]
        return Name(str(token), token.start_pos, _end(token))  # type: ignore[arg-type]

    def select(self, children: list[Any]) -> Node:
        of, token = children
        return Select(of, str(token), token.start_pos, of.start, _end(token))

    def method(self, children: list[Any]) -> Node:
        of, token = children[0], children[1]
        arguments = tuple(children[2]) if len(children) == 4 else ()
        return Call(of, str(token), arguments, token.start_pos, of.start, _end(children[-1]))

    def function(self, children: list[Any]) -> Node:
        token = children[0]
        arguments = tuple(children[1]) if len(children) == 3 else ()
        return Call(None, str(token), arguments, token.start_pos, token.start_pos, _end(children[-1]))

    def arguments(self, children: list[Any]) -> list[Node]:
        if len(children) == 1:
            return children
        return [*children[0], children[1]]

    def fields(self, children: list[Any]) -> list[Any]:
        return children

    entries = fields

    def sequence(self, children: list[Any]) -> Node:
        items = tuple(children[1]) if len(children) == 3 else ()
        return Sequence(items, children[0].start_pos, _end(children[-1]))

    def unary(self, children: list[Any]) -> Node:
        *operators, value = children
        operator, start = str(operators[0]), operators[0].start_pos
        if operator == "-" and len(operators) == 1 and isinstance(value, Literal):
            number = value.value
            if isinstance(number, int | Decimal) and not isinstance(number, bool):
                return Literal(-number, start, value.end)
        # A pair cancels out, except that the operand must still have the right type.
        for token in reversed(operators[: 2 - len(operators) % 2]):
            value = Unary(operator, value, token.start_pos, value.end)
        value.start = start
        return value  # type: ignore[no-any-return]

    def binary(self, children: list[Any]) -> Node:
        left, operator, right = children
        return Binary(str(operator), left, right, left.start, right.end)

    def both(self, children: list[Node]) -> Node:
        return _chain("&&", children)

    def either(self, children: list[Node]) -> Node:
        return _chain("||", children)

    def conditional(self, children: list[Node]) -> Node:
        test, then, otherwise = children
        return Conditional(test, then, otherwise, test.start, otherwise.end)

    def integer(self, children: list[Token]) -> Node:
        token = children[0]
        _digits(token)
        value = int(token, 16) if token.startswith(("0x", "0X")) else int(token)
        return Literal(value, token.start_pos, _end(token))  # type: ignore[arg-type]

    def decimal(self, children: list[Token]) -> Node:
        token = children[0]
        _digits(token)
        number = Decimal(str(token))
        if not -DIGITS_MAX <= number.adjusted() <= DIGITS_MAX or scale_of(number) > DIGITS_MAX:
            raise _refuse("overflow", "a number must fit into 64 bits", token.start_pos, _end(token))  # type: ignore[arg-type]
        return Literal(number, token.start_pos, _end(token))  # type: ignore[arg-type]

    def string(self, children: list[Token]) -> Node:
        token = children[0]
        quotes = 3 if token.startswith(('"""', "'''")) else 1
        try:
            return _text(unescape(str(token)[quotes:-quotes]), token)
        except InvalidLiteral as error:
            raise _refuse("syntax", str(error), token.start_pos, _end(token)) from None  # type: ignore[arg-type]

    def raw(self, children: list[Token]) -> Node:
        token = children[0]
        quotes = 3 if token[1:4] in ('"""', "'''") else 1
        return _text(str(token)[1 + quotes : -quotes], token)

    def true(self, children: list[Token]) -> Node:
        return Literal(True, children[0].start_pos, _end(children[0]))  # type: ignore[arg-type]

    def false(self, children: list[Token]) -> Node:
        return Literal(False, children[0].start_pos, _end(children[0]))  # type: ignore[arg-type]

    def null(self, children: list[Token]) -> Node:
        return Literal(None, children[0].start_pos, _end(children[0]))  # type: ignore[arg-type]

    def unsigned(self, children: list[Token]) -> Node:
        return _unsupported("an unsigned number", "leave the `u` out", children[0])

    def bytes(self, children: list[Token]) -> Node:
        return _unsupported("a string of bytes", None, children[0])

    def absolute(self, children: list[Token]) -> Node:
        start, end = children[0].start_pos, _end(children[1])
        return Unsupported("a name with a leading point", "leave the point out", start, end)  # type: ignore[arg-type]

    def parentheses(self, children: list[Any]) -> Node:
        opening, node, closing = children
        node.start, node.end = opening.start_pos, _end(closing)
        return node  # type: ignore[no-any-return]

    def map(self, children: list[Any]) -> Node:
        return Unsupported("a map", None, children[0].start_pos, _end(children[-1]))

    def message(self, children: list[Any]) -> Node:
        return Unsupported("a message", None, children[0].start, _end(children[-1]))

    def index(self, children: list[Any]) -> Node:
        of, number = children[0], children[1]
        return Call(of, "at", (number,), of.start, of.start, _end(children[-1]))


def _chain(operator: str, children: list[Node]) -> Node:
    first, second = children
    if isinstance(first, Logical) and first.operator == operator:
        return Logical(operator, (*first.arguments, second), first.start, second.end)
    return Logical(operator, (first, second), first.start, second.end)


def _unsupported(what: str, hint: str | None, token: Token) -> Node:
    return Unsupported(what, hint, token.start_pos, _end(token))  # type: ignore[arg-type]


def _digits(token: Token) -> None:
    if len(token) > DIGITS_MAX:
        raise _refuse("syntax", "a number has too many digits", token.start_pos, _end(token))  # type: ignore[arg-type]


def _text(value: str, token: Token) -> Node:
    if "\0" in value:
        raise _refuse("characters", "text cannot contain the character NUL", token.start_pos, _end(token))  # type: ignore[arg-type]
    return Literal(unicodedata.normalize("NFC", value), token.start_pos, _end(token))  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def _library() -> Lark:
    return parser(_Builder())


@lru_cache(maxsize=8192)
def parse(text: str) -> Expression | Problem:
    """Read one expression; the same text is read once."""
    problem = _bounds(text)
    if problem is not None:
        return problem
    try:
        root = cast(Node, _library().parse(text))
    except _Refused as refused:
        return refused.problem
    except LarkError as error:
        return _syntax(text, error)
    return measure(root) or Expression(text, root)


def _bounds(text: str) -> Problem | None:
    if len(text) > LENGTH_MAX:
        return Problem(
            "too-long",
            f"an expression has at most {LENGTH_MAX} characters",
            found=f"{len(text)} characters",
            hint="split it into computed fields or into several checks",
        )
    if match := FORBIDDEN.search(text):
        return Problem(
            "characters",
            "an expression contains a character that no text may have",
            found=f"U+{ord(match[0]):04X}",
            start=match.start(),
            end=match.end(),
        )
    if not text.strip():
        return Problem("syntax", "an expression is empty", end=len(text))
    return None


def measure(root: Node) -> Problem | None:
    """The problem of syntax that has too many parts or levels."""
    count = 0
    for node, depth in walk(root):
        count += 1
        if depth > DEPTH_MAX:
            return Problem(
                "too-deep",
                f"an expression is nested at most {DEPTH_MAX} deep",
                hint="split it into computed fields",
                start=node.start,
                end=node.end,
            )
    if count > NODES_MAX:
        return Problem(
            "too-many-nodes",
            f"an expression has at most {NODES_MAX} parts",
            found=f"{count} parts",
            hint="split it into computed fields or into several checks",
            start=root.start,
            end=root.end,
        )
    return None


def _syntax(text: str, error: LarkError) -> Problem:
    if isinstance(error, UnexpectedCharacters):
        start = error.pos_in_stream or 0
        return _unexpected_character(text, start)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        token = error.token
        start = token.start_pos or 0
        hint = f"write `{_WORDS[token]}`" if token in _WORDS else None
        return Problem("syntax", f"`{token}` is not expected here", hint=hint, start=start, end=start + len(token))
    if isinstance(error, UnexpectedToken | UnexpectedEOF):
        return Problem("syntax", "the expression ends too early", start=len(text), end=len(text))
    return Problem("syntax", "this is not an expression", end=len(text))


def _unexpected_character(text: str, start: int) -> Problem:
    character = text[start]
    hint = None
    message = f"`{character}` is not expected here"
    if character in "\"'":
        message, hint = "a text is not closed", f"end it with {character}"
    elif character == "=":
        hint = "compare with `==`"
    elif character in "&|":
        hint = f"write `{character * 2}`"
    elif not character.isascii():
        hint = "names have only the letters a to z, digits and `_`; other text stands in quotes"
    return Problem("syntax", message, hint=hint, start=start, end=start + 1)


_WRITTEN = {"None": "null", "True": "true", "False": "false"}


def constant(value: str | int | Decimal | bool | None) -> Expression | Problem:
    """A plain value of a document, e.g. a default, as an expression."""
    if isinstance(value, str):
        if match := FORBIDDEN.search(value):
            return Problem(
                "characters", "text contains a character that no text may have", found=f"U+{ord(match[0]):04X}"
            )
        value = unicodedata.normalize("NFC", value)
    text = value if isinstance(value, str) else _WRITTEN.get(str(value), str(value))
    return Expression(text, Literal(value, 0, len(text)), constant=True)
