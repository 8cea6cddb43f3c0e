"""Templates in the language of Jinja, within bounds.

Its rules:

* Templates come from the configuration, values from anywhere: a value is never read as a template.
* In HTML every value is escaped; only ``content`` is markup, and it is sanitised here once more.
* A name that nothing was given for is a failure, not an empty place.
* Steps and results are bounded, so that a loop over a long list ends as a failure and not as a page without end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import nh3
from minijinja import Environment, Markup, TemplateError

from archwright_runtime.errors import Refusal, SettingError

LONGEST = 1_000_000
_STEPS = 200_000
_CONTENT = "content"
_MARKUP_FILTERS = ("safe", "urlencode")
_UNSAFE = re.compile(r"\|\s*safe\b|\bautoescape\b")


class Templates:
    """The templates of one kind.

    Args:
        sources: what is written, by name.
        escape: whether values are escaped for HTML.

    Raises:
        SettingError: one of them cannot be read.
    """

    def __init__(self, sources: Mapping[str, str], *, escape: bool) -> None:
        self._escape = escape
        self._names = frozenset(sources)
        self._environment = Environment(
            templates=dict(sources),
            undefined_behavior="strict",
            auto_escape_callback=lambda name: "html" if escape else None,
            fuel=_STEPS,
            keep_trailing_newline=True,
            finalizer=_shown,
        )
        for name, source in sources.items():
            self._test(name, source)

    def _test(self, name: str, source: str) -> None:
        if self._escape and _UNSAFE.search(source):
            raise SettingError(f"the template `{name}` turns escaping off; give markup as `{_CONTENT}`")
        try:
            self._environment.undeclared_variables_in_template(name)
        except TemplateError as error:
            raise SettingError(f"the template `{name}` cannot be read: {_first(error)}") from None

    def fill(self, name: str, data: Any = None, content: str | None = None) -> str:
        """The text of a template for these values.

        Raises:
            Refusal: there is no such template, a value is missing, or the text becomes too long.
        """
        if name not in self._names:
            raise Refusal("template-failed", f"there is no template `{name}`")
        if data is not None and not isinstance(data, Mapping):
            raise Refusal("template-failed", "the values of a template have names")
        values = dict(data or {})
        if content is not None:
            values[_CONTENT] = Markup(nh3.clean(content))
        try:
            made = self._environment.render_template(name, **values)
        except TemplateError as error:
            raise Refusal("template-failed", f"the template `{name}` cannot be filled: {_first(error)}") from None
        if len(made) > LONGEST:
            raise Refusal("template-failed", f"what the template `{name}` gives is too long")
        return unicodedata.normalize("NFC", made)


def _shown(value: Any) -> Any:
    """Times as the wire writes them; what is absent as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _first(error: TemplateError) -> str:
    """What is wrong, in one line and without any value."""
    kind = getattr(error, "kind", None) or "it fails"
    line = getattr(error, "line", None)
    return f"{kind}" + (f" in line {line}" if line else "")
