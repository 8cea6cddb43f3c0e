"""Masks values.

* A mask has the same length whatever it hides, except for numbers, whose grouping people know by heart.
* At most half of a value is shown, however much was asked for, so that a short one is not given away whole.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from archwright_runtime.component import Context, Handler, Host, Implementation

_WIDTH = 3


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    sign = str(host.config.get("sign", "•"))

    def handler(mask: Callable[..., str], shown: int | None = None) -> Handler:
        async def run(context: Context, input: dict[str, Any]) -> dict[str, Any]:
            if shown is None:
                return {"masked": mask(input["value"], sign)}
            asked = input.get("shown")
            return {"masked": mask(input["value"], sign, shown if asked is None else int(asked))}

        return run

    return Implementation(
        capabilities={
            "email": handler(email),
            "digits": handler(digits, 4),
            "initials": handler(initials),
            "text": handler(text, 2),
        }
    )


def email(value: str, sign: str) -> str:
    """``a•••@example.org``; of an address with one letter nothing before the domain."""
    local, at, domain = value.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}{sign * _WIDTH}{at}{domain}"


def digits(value: str, sign: str, shown: int) -> str:
    """``•••• •••• •••• 1234``; letters are hidden like digits."""
    hidden = sum(character.isalnum() for character in value)
    hidden -= min(shown, hidden // 2)
    made = []
    for character in value:
        if character.isalnum():
            made.append(sign if hidden > 0 else character)
            hidden -= 1
        else:
            made.append(character)
    return "".join(made)


def initials(value: str, sign: str) -> str:
    """``A. L.``; the mark alone for a name without letters."""
    words = (word for word in value.split() if unicodedata.category(word[0]).startswith("L"))
    found = [f"{word[0].upper()}." for word in words]
    return " ".join(found) or sign


def text(value: str, sign: str, shown: int) -> str:
    """The first characters and three marks."""
    return value[: min(shown, len(value) // 2)] + sign * _WIDTH
