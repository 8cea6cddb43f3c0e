"""Text with ``${expressions}`` in it: where each begins and ends, and what the whole is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from .parse import FORBIDDEN, constant, measure, parse
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
    Template,
    Unary,
    Unsupported,
)

TEMPLATE_MAX = 20_000
_OPENING = re.compile(r"\$?\$\{")
_SKIP = re.compile(
    r"""[rR]?(?:\"{3}.*?\"{3}|'{3}.*?'{3})|[rR]"[^"\n]*"|[rR]'[^'\n]*'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[^"'{}]""",
    re.DOTALL,
)


@lru_cache(maxsize=8192)
def parse_template(text: str) -> Expression | Problem:
    """Read text with ``${expressions}``; one alone keeps its type, others become text; ``$${`` stands for ``${``."""
    if "${" not in text:
        return constant(text)
    if len(text) > TEMPLATE_MAX:
        return Problem("too-long", f"a template has at most {TEMPLATE_MAX} characters", found=f"{len(text)} characters")
    if match := FORBIDDEN.search(text):
        return Problem(
            "characters", "text contains a character that no text may have", start=match.start(), end=match.end()
        )
    parts = _parts(text)
    if isinstance(parts, Problem):
        return parts
    if len(parts) == 1:
        whole = isinstance(parts[0], Literal) and parts[0].end - parts[0].start == len(text)
        return Expression(text, parts[0], constant=whole)
    root = Template(tuple(parts), 0, len(text))
    return measure(root) or Expression(text, root)


def _parts(text: str) -> list[Node] | Problem:
    parts: list[Node] = []
    plain, start, position = "", 0, 0
    for match in _OPENING.finditer(text):
        if match.start() < position:
            continue
        plain += text[position : match.start()]
        position = match.end()
        if match[0] == "$${":
            plain += "${"
            continue
        end = _closing(text, position)
        if end is None:
            return Problem("syntax", "`${` is not closed", hint="end it with `}`", start=match.start(), end=match.end())
        inner = parse(text[position:end])
        if isinstance(inner, Problem):
            return _moved(inner, position)
        if plain:
            parts.append(Literal(unicodedata.normalize("NFC", plain), start, match.start()))
        parts.append(_shifted(inner.root, position))
        plain, start, position = "", end + 1, end + 1
    plain += text[position:]
    if plain:
        parts.append(Literal(unicodedata.normalize("NFC", plain), start, len(text)))
    return parts


def _closing(text: str, position: int) -> int | None:
    depth = 0
    while position < len(text):
        character = text[position]
        if character == "}" and depth == 0:
            return position
        if character in "{}":
            depth += 1 if character == "{" else -1
            position += 1
        elif skipped := _SKIP.match(text, position):
            position = skipped.end()
        else:
            return None
    return None


def _moved(problem: Problem, by: int) -> Problem:
    return replace(problem, start=problem.start + by, end=problem.end + by)


def _shifted(node: Node, by: int) -> Node:
    """A copy of the syntax with its offsets counted from the start of the template."""
    start, end = node.start + by, node.end + by
    match node:
        case Literal():
            return Literal(node.value, start, end)
        case Name():
            return Name(node.name, start, end)
        case Select():
            return Select(_shifted(node.of, by), node.field, node.field_start + by, start, end)
        case Call():
            receiver = _shifted(node.receiver, by) if node.receiver else None
            arguments = tuple(_shifted(argument, by) for argument in node.arguments)
            return Call(receiver, node.function, arguments, node.function_start + by, start, end)
        case Sequence():
            return Sequence(tuple(_shifted(item, by) for item in node.items), start, end)
        case Unary():
            return Unary(node.operator, _shifted(node.value, by), start, end)
        case Binary():
            return Binary(node.operator, _shifted(node.left, by), _shifted(node.right, by), start, end)
        case Logical():
            return Logical(node.operator, tuple(_shifted(item, by) for item in node.arguments), start, end)
        case Conditional():
            return Conditional(
                _shifted(node.test, by), _shifted(node.then, by), _shifted(node.otherwise, by), start, end
            )
        case Template():
            return Template(tuple(_shifted(part, by) for part in node.parts), start, end)
        case Unsupported():
            return Unsupported(node.what, node.hint, start, end)
