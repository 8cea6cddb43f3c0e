"""Every code that a finding may carry, with its title.

One module per area: ``TITLES`` maps the part after the slash to one sentence. A new module is a new area.
Each code has its page in ``diagnostics/pages/<area>/<name>.md``; a test keeps both sides equal.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module


@cache
def titles() -> dict[str, str]:
    """Every code with its title, sorted by code."""
    found: dict[str, str] = {}
    for area in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = import_module(f"{__name__}.{area}")
        found.update({f"{area}/{name}": title for name, title in sorted(module.TITLES.items())})
    return found


def title(code: str) -> str:
    """The title of a code; the code itself when it is not registered."""
    return titles().get(code, code)
