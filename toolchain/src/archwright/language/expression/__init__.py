"""Expressions: a closed and total subset of CEL, typed here and carried by the plan as a tree.

Example::

    scope = Scope({"this": Type.row("Ticket"), "caller": Type.ref("User").maybe()}, entities)
    typed = check(parse("this.owner == caller"), scope, Type.bool())
"""

from .check import Read, Typed, check
from .parse import constant, parse, parse_template
from .problems import Problem
from .syntax import Expression
from .types import Entities, FieldInfo, Scope, Type

__all__ = [
    "Entities",
    "Expression",
    "FieldInfo",
    "Problem",
    "Read",
    "Scope",
    "Type",
    "Typed",
    "check",
    "constant",
    "parse",
    "parse_template",
]
