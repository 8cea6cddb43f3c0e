"""Whether every value of one schema fits another one, and where not.

In a request the contract's values have to fit what the service takes; a bound of the service that the contract leaves
loose is a secure default and no difference. In an answer the service's values have to fit what the contract allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .difference import Difference, Side, Weight
from .interface import Spot
from .lengths import longest_match
from .schema import Atom, Conjunction, TooComplexError, atoms, is_a, same_in

_MOST_DEPTH = 48
_MOST_STEPS = 50_000
_MOST_DIFFERENCES = 100
_WORDS = {
    "null": "null",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
}
_WIDER = {
    "email": ("idn-email",),
    "uri": ("uri-reference", "iri", "iri-reference", "url"),
    "url": ("uri", "uri-reference", "iri", "iri-reference"),
    "date-time": ("datetime",),
    "uri-reference": ("iri-reference",),
    "hostname": ("idn-hostname",),
    "ipv4": ("ip",),
    "ipv6": ("ip",),
}
"""Formats whose values are values of these too."""
_CHECKED = frozenset(
    {"date-time", "date", "time", "duration", "email", "uuid", "uri", "uri-reference", "ipv4", "ipv6", "hostname"}
)
"""Formats that restrict texts; any other one is a note for readers."""
_LENGTHS = {"uuid": 36, "date": 10, "date-time": 35, "email": 254, "hostname": 253, "ipv4": 15, "ipv6": 45}
_INTEGERS = {"int32": 2**31 - 1, "int64": 2**63 - 1}


class Fitting:
    """Compares the schemas of one message."""

    def __init__(self, side: Side, *, textual: bool = False) -> None:
        self._side = side
        self._textual = textual
        """Whether values travel as text, so that a number is also a text."""
        self._open: set[tuple[Any, ...]] = set()
        self._steps = 0

    def compare(self, contract: Conjunction, ours: Conjunction) -> list[Difference]:
        """Every difference; none means that it is proven."""
        sub, sup = (contract, ours) if self._side is Side.REQUEST else (ours, contract)
        try:
            found = self._fits(sub, sup, "", 0)
        except TooComplexError:
            what = "the schema has more parts than are compared"
            return [Difference(Weight.UNPROVEN, "", what, contract[0])]
        rest = found[_MOST_DIFFERENCES:]
        if rest:
            heaviest = Weight.BROKEN if any(one.weight is Weight.BROKEN for one in rest) else rest[0].weight
            what = f"{len(rest)} more differences are not listed"
            found = [*found[:_MOST_DIFFERENCES], Difference(heaviest, "", what, contract[0])]
        return found

    # -- alternatives -------------------------------------------------------------------------------------------

    def _fits(self, sub: Conjunction, sup: Conjunction, member: str, depth: int) -> list[Difference]:
        self._steps += 1
        if depth > _MOST_DEPTH or self._steps > _MOST_STEPS:
            raise TooComplexError
        key = (*((id(spot.document), spot.pointer) for spot in (*sub, *sup)), len(sub))
        if key in self._open:
            return []  # Recursive schemas fit when everything else does.
        self._open.add(key)
        try:
            if all(spot.value is None or spot.value is True or spot.value == {} for spot in sup):
                return []
            wanted, given = atoms(sup), atoms(sub)
            return [one for atom in given for one in self._alternative(atom, wanted, sup, member, depth)]
        finally:
            self._open.discard(key)

    def _alternative(
        self, atom: Atom, wanted: list[Atom], sup: Conjunction, member: str, depth: int
    ) -> list[Difference]:
        """How one alternative differs from the nearest one on the other side."""
        if atom.enum is not None:
            return self._values(atom, wanted, sup, member)
        candidates = [other for other in wanted if self._same_type(atom, other)]
        best: list[Difference] | None = None
        for candidate in candidates:
            found = self._atom(atom, candidate, member, depth)
            if not found:
                return []
            if best is None or _heaviness(found) < _heaviness(best):
                best = found
        if best is not None:
            return best
        if atom.untyped and self._side is Side.REQUEST:
            return []  # The contract names no type: ours is stricter where it is loose.
        return [self._other_type(atom, wanted, sup, member)]

    def _same_type(self, atom: Atom, other: Atom) -> bool:
        if atom.type == other.type or (atom.type, other.type) == ("integer", "number"):
            return True
        return self._textual and other.type == "string" and atom.type in ("integer", "number", "boolean")

    def _other_type(self, atom: Atom, wanted: list[Atom], sup: Conjunction, member: str) -> Difference:
        types = " or ".join(dict.fromkeys(_WORDS[other.type] for other in wanted)) or "nothing"
        spot = self._contract(atom.place("type"), wanted[0].place("type") if wanted else sup[0])
        if self._side is Side.REQUEST:
            message, expected, found = "is not taken", _WORDS[atom.type], types
        else:
            message, expected, found = "may be answered", types, _WORDS[atom.type]
        return self._broken(member, f"{_WORDS[atom.type]} {message}", spot, expected, found)

    def _values(self, atom: Atom, wanted: list[Atom], sup: Conjunction, member: str) -> list[Difference]:
        """Listed values are tried one by one."""
        bad = [value for value in atom.enum or () if not any(_admits(other, value) for other in wanted)]
        if not bad:
            return []
        named = ", ".join(f"`{_short(value)}`" for value in bad[:5])
        spot = self._contract(atom.place("enum"), wanted[0].place("enum") if wanted else sup[0])
        listed = next((other.enum for other in wanted if other.enum is not None), None)
        known = None if listed is None else ", ".join(f"`{_short(value)}`" for value in listed[:8])
        if self._side is Side.REQUEST:
            return [self._broken(member, f"{named} is not taken", spot, named, known)]
        return [self._broken(member, f"{named} may be answered", spot, known, named)]

    # -- one alternative against one ------------------------------------------------------------------------------

    def _atom(self, sub: Atom, sup: Atom, member: str, depth: int) -> list[Difference]:
        found = list(self._beyond(sub, sup, member))
        if sup.enum is not None and not (sub.type == "boolean" and len(sup.enum) == 2):
            found.append(self._enumerated(sub, sup, member))
        match sup.type:
            case "string" if sub.type == "string":
                found += self._string(sub, sup, member)
            case "integer" | "number":
                found += self._number(sub, sup, member)
            case "array":
                found += self._array(sub, sup, member, depth)
            case "object":
                found += self._object(sub, sup, member, depth)
            case _:
                pass
        return found

    def _enumerated(self, sub: Atom, sup: Atom, member: str) -> Difference:
        values = ", ".join(f"`{_short(value)}`" for value in (sup.enum or ())[:8])
        spot = self._contract(sub.spot, sup.place("enum"))
        if self._side is Side.REQUEST:
            return self._broken(member, "only some values are taken", spot, _WORDS[sub.type], f"one of {values}")
        return self._broken(member, "other values may be answered", spot, f"one of {values}", _WORDS[sub.type])

    def _beyond(self, sub: Atom, sup: Atom, member: str) -> Iterator[Difference]:
        """Keywords of the wider side that nobody compares; on the other side they only narrow."""
        for keyword in sorted(sup.beyond):
            if self._side is Side.ANSWER:
                message = f"`{keyword}` is not compared"
                yield Difference(Weight.UNPROVEN, member, message, sup.place(keyword))

    def _string(self, sub: Atom, sup: Atom, member: str) -> Iterator[Difference]:
        yield from self._bound("minLength", sub, sup, member, (sub.shortest or None, sup.shortest or None), least=True)
        yield from self._bound("maxLength", sub, sup, member, (_length(sub), sup.longest), least=False)
        for pattern in sup.patterns:
            yield from self._pattern(pattern, sub, sup, member)
        for format_ in sup.formats:
            yield from self._format(format_, sub, sup, member)

    def _pattern(self, pattern: str, sub: Atom, sup: Atom, member: str) -> Iterator[Difference]:
        if pattern in sub.patterns or (self._side is Side.REQUEST and not sub.patterns):
            return
        spot = self._contract(sub.place("pattern"), sup.place("pattern"))
        mine = ", ".join(f"`{one}`" for one in sub.patterns) or None
        if self._side is Side.ANSWER and not sub.patterns:
            yield self._broken(member, "texts of another form may be answered", spot, f"`{pattern}`", "any text")
            return
        expected, found = (f"`{pattern}`", mine) if self._side is Side.ANSWER else (mine, f"`{pattern}`")
        yield Difference(Weight.UNPROVEN, member, "two patterns are not compared", spot, expected, found)

    def _format(self, format_: str, sub: Atom, sup: Atom, member: str) -> Iterator[Difference]:
        if format_ not in _CHECKED or any(one == format_ or format_ in _WIDER.get(one, ()) for one in sub.formats):
            return
        if self._side is Side.REQUEST and not any(one in _CHECKED for one in sub.formats):
            return
        spot = self._contract(sub.place("format"), sup.place("format"))
        mine = ", ".join(f"`{one}`" for one in sub.formats) or "any text"
        if self._side is Side.REQUEST:
            yield self._broken(member, f"only the format `{format_}` is taken", spot, mine, f"`{format_}`")
        else:
            yield self._broken(member, "texts of another format may be answered", spot, f"`{format_}`", mine)

    def _number(self, sub: Atom, sup: Atom, member: str) -> Iterator[Difference]:
        low, high = sup.low, sup.high
        if self._side is Side.ANSWER:
            widest = min((_INTEGERS[one] for one in sup.formats if one in _INTEGERS), default=None)
            if widest is not None:
                low = -widest - 1 if low is None else max(low, -widest - 1)
                high = widest if high is None else min(high, widest)
        yield from self._bound("minimum", sub, sup, member, (sub.low, low), least=True)
        yield from self._bound("maximum", sub, sup, member, (sub.high, high), least=False)
        if sup.multiple is not None and sub.multiple != sup.multiple and sup.multiple != 1:
            if self._side is Side.REQUEST and sub.multiple is None:
                return
            spot = self._contract(sub.place("multipleOf"), sup.place("multipleOf"))
            yield self._broken(member, "other multiples are possible", spot, str(sup.multiple), str(sub.multiple))

    def _array(self, sub: Atom, sup: Atom, member: str, depth: int) -> Iterator[Difference]:
        yield from self._bound("minItems", sub, sup, member, (sub.shortest or None, sup.shortest or None), least=True)
        yield from self._bound("maxItems", sub, sup, member, (sub.longest, sup.longest), least=False)
        if sup.unique and not sub.unique and self._side is Side.ANSWER:
            yield self._broken(
                member, "a value may be answered twice", sup.place("uniqueItems"), "each value once", None
            )
        if sup.items and (sub.items or self._side is Side.ANSWER):
            yield from self._fits(tuple(sub.items) or (_anything(sub),), tuple(sup.items), f"{member}[]", depth + 1)

    def _bound(
        self, keyword: str, sub: Atom, sup: Atom, member: str, bounds: tuple[Any, Any], *, least: bool
    ) -> Iterator[Difference]:
        """A bound of the wider side; in a request one that the contract leaves loose is a secure default."""
        inner, outer = bounds
        if outer is None or (inner is not None and (inner >= outer if least else inner <= outer)):
            return
        if inner is None and self._side is Side.REQUEST:
            return
        spot = self._contract(sub.place(keyword), sup.place(keyword))
        word = "at least" if least else "at most"
        mine = "no bound" if inner is None else f"{word} {inner}"
        if self._side is Side.REQUEST:
            yield self._broken(member, f"`{keyword}` is stricter", spot, mine, f"{word} {outer}")
        else:
            yield self._broken(member, f"`{keyword}` is not kept", spot, f"{word} {outer}", mine)

    # -- objects --------------------------------------------------------------------------------------------------

    def _object(self, sub: Atom, sup: Atom, member: str, depth: int) -> Iterator[Difference]:
        hidden = "readOnly" if self._side is Side.REQUEST else "writeOnly"
        for name in sub.names:
            theirs = sub.named(name) or ()
            if any(spot.followed().at(hidden).flag for spot in theirs):
                continue
            yield from self._member(name, theirs, sub, sup, _below(member, name), depth)
        yield from self._required(sub, sup, member, hidden)
        yield from self._rest(sub, sup, member)
        if self._side is Side.ANSWER:
            yield from self._never(sub, sup, member)
            yield from self._bound("minProperties", sub, sup, member, (len(sub.required), sup.shortest), least=True)

    def _member(
        self, name: str, theirs: Conjunction, sub: Atom, sup: Atom, member: str, depth: int
    ) -> Iterator[Difference]:
        allowed = sup.named(name)
        if allowed is None:
            if self._side is Side.REQUEST:
                message, spot = "the member is not taken", theirs[0]
            else:
                message, spot = "the member is answered and not allowed", sup.place("additionalProperties")
            yield self._broken(member, message, spot, None, None)
        elif allowed:
            yield from self._fits(theirs, allowed, member, depth + 1)

    def _required(self, sub: Atom, sup: Atom, member: str, hidden: str) -> Iterator[Difference]:
        for name, spot in sup.required.items():
            if name in sub.required or any(one.followed().at("writeOnly").flag for one in sup.named(name) or ()):
                continue
            below = _below(member, name)
            if self._side is Side.REQUEST:
                place = next(iter(sub.named(name) or ()), sub.spot)
                yield self._broken(below, "the member must be sent", place, "optional", "required")
            elif sub.knows(name):
                yield self._broken(below, "the member may be absent", spot, "always there", "sometimes absent")
            else:
                yield self._broken(below, "the member is never answered", spot, "always there", "not part of it")

    def _rest(self, sub: Atom, sup: Atom, member: str) -> Iterator[Difference]:
        """Members that nobody names."""
        if self._side is Side.ANSWER:
            if sub.rest is not False and sup.rest is False:
                yield self._broken(member, "any other member may be answered", sup.place("additionalProperties"),
                                   "no other member", "any")  # fmt: skip
        elif sub.rest is True and sup.rest is False:
            spot = sub.place("additionalProperties")
            yield self._broken(member, "other members are not taken", spot, "any other member", "no other member")

    def _never(self, sub: Atom, sup: Atom, member: str) -> Iterator[Difference]:
        """Optional members of the contract that no answer holds."""
        for name in sup.names:
            if name in sup.required or sub.knows(name) or sub.rest is not False:
                continue
            spots = sup.named(name) or ()
            if not any(spot.followed().at("writeOnly").flag for spot in spots):
                place = spots[0] if spots else sup.spot
                yield Difference(Weight.ABSENT, _below(member, name), "the member is never answered", place)

    # -- helpers ----------------------------------------------------------------------------------------------------

    def _contract(self, sub: Spot, sup: Spot) -> Spot:
        """The place that belongs to the contract."""
        return sub if self._side is Side.REQUEST else sup

    def _broken(self, member: str, message: str, contract: Spot, expected: str | None, found: str | None) -> Difference:
        return Difference(Weight.BROKEN, member, message, contract, expected, found)


def _heaviness(found: list[Difference]) -> tuple[int, int]:
    return sum(1 for one in found if one.weight is Weight.BROKEN), len(found)


def _below(member: str, name: str) -> str:
    return f"{member}.{name}" if member else name


def _anything(atom: Atom) -> Spot:
    """A schema that holds for everything, at the place of another one."""
    return Spot(atom.spot.document, (*atom.spot.pointer, "items"), {})


def _length(atom: Atom) -> int | None:
    """The greatest length that bounds, patterns and formats leave."""
    implied = [_LENGTHS[one] for one in atom.formats if one in _LENGTHS]
    implied += [found for one in atom.patterns if (found := longest_match(one)) is not None]
    known = [*implied, *([atom.longest] if atom.longest is not None else ())]
    return min(known, default=None)


def _admits(atom: Atom, value: Any) -> bool:
    """Whether a plain value is one of an alternative's; of lists and objects only the type is looked at."""
    if not is_a(value, atom.type) or (atom.enum is not None and not same_in(value, atom.enum)):
        return False
    if isinstance(value, str):
        return (atom.shortest or 0) <= len(value) and (atom.longest is None or len(value) <= atom.longest)
    if atom.type in ("integer", "number"):
        return (atom.low is None or value >= atom.low) and (atom.high is None or value <= atom.high)
    return True


def _short(value: Any) -> str:
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= 40 else f"{text[:37]}..."
