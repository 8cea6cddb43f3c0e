"""Mappings that say what they are by one of their keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from archwright.diagnostics import nearest

from .model import Problem

Name = TypeVar("Name", bound=str)
Problems = list[Problem]


def one_of(data: dict[str, Any], keys: tuple[Name, ...], noun: str, problems: list[Problem]) -> Name | None:
    """Return the one of ``keys`` that is given; report when it is none or several."""
    given = [key for key in keys if key in data]
    if len(given) == 1:
        return given[0]
    expected = "exactly one of " + ", ".join(f"`{key}`" for key in keys)
    if given:
        names = " and ".join(f"`{key}`" for key in given)
        problems.append(
            Problem(
                name="conflicting-keys",
                message=f"a {noun} has {names}",
                expected=expected,
                found=names,
                at=(given[1],),
                key=True,
            )
        )
    else:
        problems.append(_none_of(data, keys, noun, expected))
    return given[0] if given else None


def _none_of(data: dict[str, Any], keys: Sequence[str], noun: str, expected: str) -> Problem:
    for key in data:
        meant = nearest(str(key), keys)
        if meant is not None:
            return Problem(
                name="unknown-key",
                message=f"a {noun} has no key `{key}`",
                expected=expected,
                found=f"`{key}`",
                hint=f"did you mean `{meant}`?",
                at=(key,),
                key=True,
            )
    return Problem(
        name="missing-key",
        message=f"a {noun} says what it is by one of its keys",
        expected=expected,
        found=", ".join(f"`{key}`" for key in data) or "nothing",
        key=True,
    )
