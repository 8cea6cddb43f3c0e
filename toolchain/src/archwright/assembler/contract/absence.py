"""Whether a value of an answer may be null, where a condition around it may have made sure of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..plan import Expr


def may_be_absent(tree: Expr, sure: tuple[Expr, ...] = ()) -> bool:
    """Whether an expression may give null, where the values ``sure`` are there."""
    if not tree.get("optional") or tree in sure:
        return False
    if tree.get("op") != "if":
        return True
    test = tree["test"]
    return may_be_absent(tree["then"], (*sure, *_proved(test, True))) or may_be_absent(
        tree["otherwise"], (*sure, *_proved(test, False))
    )


def _proved(test: Any, holds: bool) -> Iterator[Expr]:
    """What is there when a test holds, or when it does not."""
    match test.get("op"):
        case "present" if holds:
            yield test["value"]
        case "absent" if not holds:
            yield test["value"]
        case "not":
            yield from _proved(test["value"], not holds)
        case "and" if holds:
            for part in test["args"]:
                yield from _proved(part, holds)
        case "or" if not holds:
            for part in test["args"]:
                yield from _proved(part, holds)
