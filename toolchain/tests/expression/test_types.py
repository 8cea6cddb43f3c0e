"""Types as values: how they are written, and what the plan is given of them."""

from __future__ import annotations

import pytest

from archwright.language.expression import Type


@pytest.mark.parametrize(
    ("type", "plan"),
    [
        (Type.text(40), {"kind": "text", "max": 40}),
        (Type.int(0, 5), {"kind": "int", "low": 0, "high": 5}),
        (
            Type.decimal(4, 2),
            {"kind": "decimal", "digits": 4, "scale": 2, "low": -9999, "high": 9999},
        ),
        (Type.enum(["a", "b"]), {"kind": "enum", "values": ["a", "b"]}),
        (Type.text(values=["a"]), {"kind": "text"}),
        (Type.date(), {"kind": "date"}),
        (Type.list(Type.ref("User"), 3), {"kind": "list", "max": 3, "item": {"kind": "ref", "entity": "User"}}),
        (Type.file(10, ["image/png"], kind="image"), {"kind": "image", "max": 10, "media": ["image/png"]}),
    ],
)
def test_to_plan(type: Type, plan: dict[str, object]) -> None:
    """The plan holds what a value must meet, and nothing that only the checker knows."""
    assert type.to_plan() == plan


def test_optional() -> None:
    """The same values may be absent without losing anything else."""
    assert Type.text(40).maybe().maybe(False) == Type.text(40)


def test_hashable() -> None:
    """Types can be members of sets, also records."""
    assert len({Type.record({"a": Type.bool()}), Type.text(3), Type.text(3)}) == 2
