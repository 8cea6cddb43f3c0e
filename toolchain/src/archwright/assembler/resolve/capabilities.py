"""The capabilities of an assembly by their names in it, and what may be wrong with naming one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...diagnostics import did_you_mean
from ...language.component import Capability, Parameter
from ...language.expression import Type
from .components import short
from .source import Place, Source
from .types import of_field
from .world import World


@dataclass(frozen=True)
class Known:
    """A capability with the component that provides it.

    Attributes:
        name: in this assembly, such as `post.send` of a component chosen as `post`.
    """

    name: str
    source: Source
    written: Capability

    def input(self, name: str) -> Type:
        """The type of a parameter, there or not."""
        return self._type(self.written.input[name]).maybe(False)

    def output(self, name: str) -> Type:
        """The type of a result; absent where the manifest does not promise it."""
        parameter = self.written.output[name]
        return self._type(parameter).maybe(not parameter.spec.required)

    def _type(self, parameter: Parameter) -> Type:
        return of_field(parameter.spec.type, self.source.entity)


class Capabilities:
    """What the chosen components provide."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, Known] = {}
        self._named: dict[tuple[str, str], Known] = {}
        for source in world.sources:
            for name, capability in source.model.provides.capabilities.items() if source.alias else ():
                known = Known(f"{source.alias}.{short(name)}", source, capability)
                self._known[known.name] = known
                self._named[source.alias, name] = known

    def get(self, name: str) -> Known | None:
        """A capability by its name in this assembly."""
        return self._known.get(name)

    def called(self, written: str, source: Source) -> Known | None:
        """A capability as a document calls it; a component uses the name in the manifest that provides it."""
        if not source.alias:
            return self._known.get(written)
        others = (known for (_, name), known in self._named.items() if name == written)
        return self._named.get((source.alias, written)) or next(others, None)

    def missing(self, written: str, place: Place) -> None:
        """Report a capability that no component provides."""
        self._world.findings.error(
            "assembly/unknown-capability",
            place.location,
            f"no component of this assembly provides `{written}`",
            expected="a capability of a chosen component",
            found=f"`{written}`",
            hint=did_you_mean(written, self._known),
        )

    def fits(self, known: Known, given: Iterable[str], place: Place, call: Place) -> bool:
        """Whether every argument has a parameter, and every required parameter an argument; reports what does not."""
        given = tuple(given)
        unknown = [key for key in given if key not in known.written.input]
        for key in unknown:
            self._world.findings.error(
                "assembly/unknown-argument",
                (place / key).key,
                f"`{known.name}` takes no `{key}`",
                hint=did_you_mean(key, known.written.input),
            )
        missing = [key for key, one in known.written.input.items() if one.spec.required and key not in given]
        if missing:
            self._world.findings.error(
                "assembly/missing-argument", call.location, f"`{known.name}` needs `{missing[0]}`",
                expected=", ".join(f"`{key}`" for key in missing), found="nothing",
            )  # fmt: skip
        return not unknown and not missing
