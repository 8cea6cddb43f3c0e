"""What the language can say and no runtime serves yet: a finding, because what is written must never be ignored."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Collector
from .source import Place, Source


def report(sources: tuple[Source, ...], findings: Collector) -> None:
    """Report every key that would have no effect, or not the whole effect that it promises."""
    for source in sources:
        for place in _found(source):
            findings.error(
                "assembly/unserved-key",
                place.key,
                f"`{place.path[-1]}` is part of the language, and no runtime serves it yet",
                expected="what the runtime of this version does",
                found=f"`{place.path[-1]}`",
                hint="leave it out for now",
            )


def _found(source: Source) -> Iterator[Place]:
    root = Place(source, ())
    if not source.is_certified:
        assembly = source.model
        if assembly.theme is not None and assembly.theme.logo is not None:
            yield root / "theme" / "logo"
    for path, page in source.model.pages.items():
        if page.icon is not None:
            yield root / "pages" / path / "icon"
