"""Forms that a contract demands: media types of bodies, parameters of lists, how long answers are kept."""

from __future__ import annotations

from dataclasses import replace

from ...language.operations import Operation as Written
from ...language.operations import PageNames
from .. import plan
from .inputs import FILE_KINDS, Inputs
from .selects import PAGE
from .source import Place
from .world import World

JSON = "application/json"
_FORM_MEDIA = ("application/x-www-form-urlencoded", "multipart/form-data")
_TEXT_KINDS = ("text", "markdown", "html")


class Forms:
    """Resolves what requests and lists look like, where an operation says so."""

    def __init__(self, world: World, inputs: Inputs, most: int) -> None:
        self._world = world
        self._inputs = inputs
        self._most = most

    def lenient(self, written: Written | None = None) -> bool:
        """Whether unknown members and parameters are ignored."""
        own = written.accepts.unknown if written is not None and written.accepts is not None else None
        return self._inputs.lenient if own is None else own == "ignore"

    def cache(self, written: Written) -> plan.Cache | None:
        """How long the answer may be kept."""
        if written.cache is None:
            return None
        return plan.Cache(seconds=written.cache.for_.seconds, shared=written.cache.shared)

    def media(self, written: Written, inputs: tuple[plan.Input, ...], place: Place) -> tuple[str, ...]:
        """The media types of the body."""
        usual = self._inputs.media(inputs)
        if written.accepts is None or not written.accepts.media:
            return usual
        whole = next((one for one in inputs if one.source == "whole-body"), None)
        for position, media in enumerate(written.accepts.media):
            if not _readable(media, whole):
                self._world.findings.error(
                    "assembly/unreadable-media",
                    (place / "accepts" / "media" / position).location,
                    f"no input of this operation can be read from `{media}`",
                    expected=_expected(whole, usual),
                    found=f"`{media}`",
                    hint=None if whole else "take the body as it is: give one input `from: whole-body`",
                )
        return written.accepts.media

    # -- lists ----------------------------------------------------------------------------------------------------

    def listed(self, written: Written, place: Place) -> int | None:
        """The position of the step whose list is answered."""
        lists = [number for number, step in enumerate(written.steps) if step.kind == "list" and step.each is None]
        body = written.returns.body if written.returns is not None else None
        shown = [number for number in lists if body == f"${{{written.steps[number].as_}}}"]
        if not lists and written.paging is not None:
            self._misplaced(place / "paging", "paging")
        returns = written.returns
        if returns is not None and not shown:
            for key, value in (("total", returns.total), ("envelope", returns.envelope is False or None)):
                if value is not None:
                    self._misplaced(place / "returns" / key, key)
        return next(iter(shown or lists), None)

    def _misplaced(self, place: Place, key: str) -> None:
        self._world.findings.error(
            "assembly/not-a-list",
            place.key,
            f"`{key}` belongs to an operation that answers a list",
            expected="a step `list` whose result is the body, such as `body: ${articles}`",
            hint=f"remove `{key}`, or answer what a step `list` bound",
        )

    def sized(self, written: Written, steps: tuple[plan.Step, ...], listed: int | None) -> tuple[plan.Step, ...]:
        """The steps, with the size of pages that the operation states."""
        if written.paging is None or listed is None or listed >= len(steps):
            return steps
        step = steps[listed]
        if step.select is None:
            return steps
        size, most = written.paging.size, min(written.paging.most or self._most, self._most)
        limit = min(size or (most if written.paging.by == "none" else PAGE), most)
        select = replace(step.select, limit=limit, most=most)
        return (*steps[:listed], replace(step, select=select), *steps[listed + 1 :])

    def paging(self, written: Written) -> plan.Paging | None:
        """How the list is read in parts; a list with a total is read by offset unless told otherwise."""
        paging, returns = written.paging, written.returns
        if paging is None:
            total = returns is not None and (returns.total is not None or returns.envelope is False)
            return plan.Paging(by="offset") if total else None
        names = {key: getattr(paging.names, key, None) or key for key in PageNames.model_fields}
        return plan.Paging(by=paging.by, clamp=paging.above == "clamp", **names)


def _readable(media: str, whole: plan.Input | None) -> bool:
    if whole is None:
        return media in (JSON, *_FORM_MEDIA) or media.endswith("+json")
    if whole.type.kind in FILE_KINDS:
        return True
    if whole.type.kind in _TEXT_KINDS and media.startswith("text/"):
        return True
    return media == JSON or media.endswith("+json")


def _expected(whole: plan.Input | None, usual: tuple[str, ...]) -> str:
    if whole is None:
        return ", ".join(f"`{media}`" for media in usual)
    return "`text/*`" if whole.type.kind in _TEXT_KINDS else f"`{JSON}`"
