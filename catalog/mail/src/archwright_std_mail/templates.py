"""Templates: texts with ``{{name}}`` where a value goes. There is nothing else to them, so they always end."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archwright_runtime.errors import Refusal

_PLACE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Template:
    """One kind of mail.

    Attributes:
        html: the same for readers that show HTML; values in it are escaped.
    """

    subject: str
    text: str
    html: str | None = None

    def fill(self, data: Mapping[str, Any]) -> Filled:
        """The mail for these values.

        Raises:
            Refusal: a value is missing.
        """
        subject = " ".join(_fill(self.subject, data, str).split())
        markup = _fill(self.html, data, html.escape) if self.html is not None else None
        return Filled(subject[:_LONGEST_SUBJECT], _fill(self.text, data, str), markup)


@dataclass(frozen=True)
class Filled:
    """Subject and bodies, ready to be sent."""

    subject: str
    text: str
    html: str | None


def read(config: Mapping[str, Mapping[str, str]]) -> dict[str, Template]:
    """The templates of a service: those that come with the component, and its own."""
    return {**BUILT_IN, **{name: Template(**given) for name, given in config.items()}}


def _fill(text: str, data: Mapping[str, Any], escape: Callable[[str], str]) -> str:
    return _PLACE.sub(lambda place: escape(_value(place[1], data)), text)


def _value(name: str, data: Mapping[str, Any]) -> str:
    if name not in data:
        raise Refusal("mail.rejected", f"The template needs `{name}`, which was not given.")
    value = data[name]
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


BUILT_IN = {
    "password-reset": Template(
        "Choose a new password",
        "Hello {{name}},\n\nsomebody, probably you, asked for a new password. This link lets you choose one:\n\n"
        "{{link}}\n\nIf it was not you, nothing has to be done: your password stays as it is.\n",
    ),
    "invitation": Template(
        "Your account",
        "Hello {{name}},\n\nan account has been made for you. This link lets you choose its password:\n\n{{link}}\n",
    ),
}
"""What other first-party components send; a service may replace the wording."""
