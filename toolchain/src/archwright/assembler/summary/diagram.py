"""Entities and what they refer to, drawn as SVG without any other tool.

Entities stand in columns: whoever refers stands to the right of what it refers to.
Within a column the order follows the neighbours in the column before, so that few lines cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..plan import Entity, Plan
from ..wording import type_name
from .markup import Markup, tag

_WIDTH = 224
_ROW = 22
_HEAD = 34
_GAP_X = 96
_GAP_Y = 28
_MARGIN = 16
_MOST_FIELDS = 9
_MOST_IN_COLUMN = 6
_CHARACTERS = 28


@dataclass(frozen=True)
class _Box:
    """An entity's place."""

    name: str
    x: int
    y: int
    fields: tuple[str, ...]
    hidden: int

    @property
    def height(self) -> int:
        return _HEAD + _ROW * (len(self.fields) + (1 if self.hidden else 0)) + 8

    def row(self, field: str) -> int:
        """The middle of a field's line; of the last one where the field is not shown."""
        position = self.fields.index(field) if field in self.fields else len(self.fields)
        return self.y + _HEAD + _ROW * position + _ROW // 2


def diagram(plan: Plan) -> Markup:
    """The picture; its content is in the tables below it as well."""
    boxes = _placed(plan)
    edges = list(_edges(plan, boxes))
    width = max((box.x for box in boxes.values()), default=0) + _WIDTH + _GAP_X // 2 + _MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + _MARGIN
    return tag(
        "svg",
        tag("title", f"Entities of {plan.name} and their references"),
        tag("desc", _description(plan)),
        tag("g", [curve for curve, _ in edges], class_="edges"),
        [_drawn(plan, box) for box in boxes.values()],
        tag("g", [end for _, end in edges], class_="edges"),
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        class_="diagram",
    )


def _description(plan: Plan) -> str:
    parts = [
        f"{name} refers to {', '.join(sorted(set(found.values())))}"
        for name, found in _references(plan).items()
        if found
    ]
    links = [f"{link.near} and {link.far} are linked many to many" for link in plan.links.values()]
    return ". ".join([*parts, *links]) or "No entity refers to another."


def _references(plan: Plan) -> dict[str, dict[str, str]]:
    """For each entity, the target of each of its references."""
    return {
        name: {
            key: field.type.entity
            for key, field in entity.fields.items()
            if field.type.kind == "ref" and field.generated is None and field.type.entity in plan.entities
        }
        for name, entity in plan.entities.items()
    }


def _placed(plan: Plan) -> dict[str, _Box]:
    boxes: dict[str, _Box] = {}
    x = _MARGIN
    for column in _columns(plan):
        y = _MARGIN
        for name in column:
            shown, hidden = _shown(plan.entities[name])
            box = _Box(name, x, y, shown, hidden)
            boxes[name] = box
            y += box.height + _GAP_Y
        x += _WIDTH + _GAP_X
    return boxes


def _columns(plan: Plan) -> list[list[str]]:
    references = _references(plan)
    depth: dict[str, int] = {}
    for name in sorted(references):
        _depth(name, references, depth, set())
    columns: list[list[str]] = []
    position: dict[str, float] = {}
    for level in sorted(set(depth.values())):
        names = sorted(name for name in depth if depth[name] == level)
        names.sort(key=lambda name: (_weight(name, references, position), name))
        for start in range(0, len(names), _MOST_IN_COLUMN):
            part = names[start : start + _MOST_IN_COLUMN]
            columns.append(part)
            position.update({name: float(index) for index, name in enumerate(part)})
    return columns


def _depth(name: str, references: Mapping[str, Mapping[str, str]], known: dict[str, int], above: set[str]) -> int:
    """How many steps a chain of references has at most; circles are cut where they close."""
    if name in known:
        return known[name]
    targets = {target for target in references[name].values() if target not in above and target != name}
    found = 1 + max((_depth(target, references, known, above | {name}) for target in sorted(targets)), default=-1)
    known[name] = found
    return found


def _weight(name: str, references: Mapping[str, Mapping[str, str]], position: Mapping[str, float]) -> float:
    """The average place of what it refers to."""
    known = [position[target] for target in references[name].values() if target in position]
    return sum(known) / len(known) if known else 0.0


def _shown(entity: Entity) -> tuple[tuple[str, ...], int]:
    """References first, then what people named; what every entity has is left out."""
    own = [key for key, field in entity.fields.items() if field.generated is None]
    own.sort(key=lambda key: entity.fields[key].type.kind != "ref")
    return tuple(own[:_MOST_FIELDS]), max(0, len(own) - _MOST_FIELDS)


def _drawn(plan: Plan, box: _Box) -> Markup:
    entity = plan.entities[box.name]
    right = box.x + _WIDTH - 12
    lines = []
    for key in box.fields:
        y = box.row(key) + 4
        kind = _cut(type_name(entity.fields[key].type), _CHARACTERS - 1 - min(len(key), 16))
        lines.append(tag("text", _cut(key, 16), x=box.x + 12, y=y, class_="field"))
        lines.append(tag("text", kind, x=right, y=y, class_="kind", text__anchor="end"))
    if box.hidden:
        lines.append(tag("text", f"and {box.hidden} more", x=box.x + 12, y=box.row("") + 4, class_="kind"))
    kind = "box component" if entity.component else "box"
    return tag(
        "g",
        tag("rect", x=box.x, y=box.y, width=_WIDTH, height=box.height, rx=10, class_=kind),
        tag("path", d=_head(box), class_="head component" if entity.component else "head"),
        tag("text", _cut(entity.label or box.name, 26), x=box.x + 12, y=box.y + 22, class_="name"),
        lines,
    )


def _head(box: _Box) -> str:
    """The upper part of a box with its rounded corners."""
    right = box.x + _WIDTH
    return (
        f"M{box.x} {box.y + _HEAD}V{box.y + 10}Q{box.x} {box.y} {box.x + 10} {box.y}H{right - 10}"
        f"Q{right} {box.y} {right} {box.y + 10}V{box.y + _HEAD}Z"
    )


def _edges(plan: Plan, boxes: Mapping[str, _Box]) -> Iterator[tuple[Markup, Markup]]:
    for name, references in _references(plan).items():
        for key, target in references.items():
            optional = not plan.entities[name].fields[key].present
            yield _edge(boxes[name], boxes[name].row(key), boxes[target], optional)
    for link in plan.links.values():
        if link.near in boxes and link.far in boxes:
            near = boxes[link.near]
            yield _edge(near, near.y + near.height - 10, boxes[link.far], False, "link")


def _edge(near: _Box, y: int, far: _Box, optional: bool, kind: str = "") -> tuple[Markup, Markup]:
    """A curve that leaves at a field's line and ends with a dot at the other head."""
    target = far.y + _HEAD // 2
    if near.x > far.x:
        start, end, bend = near.x, far.x + _WIDTH, -_GAP_X // 2
        curve = f"M{start} {y}C{start + bend} {y} {end - bend} {target} {end} {target}"
    else:
        start = end = near.x + _WIDTH
        end = far.x + _WIDTH if far.x == near.x else far.x
        out = max(start, end) + _GAP_X // 2
        curve = f"M{start} {y}C{out} {y} {out} {target} {end} {target}"
    style = " ".join(part for part in (kind, "optional" if optional else "") if part)
    return tag("path", d=curve, class_=style or None), tag("circle", cx=end, cy=target, r=4, class_="end")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(most - 1, 1)] + "…"
