"""Expressions: a closed and total subset of CEL, typed here and carried by the plan as a tree.

Example::

    scope = Scope({"this": Type.row("Ticket"), "caller": Type.ref("User").maybe()}, entities)
    typed = check(parse("this.owner == caller"), scope, Type.bool())
"""

from .check import check
from .parse import constant, parse
from .problems import Problem
from .syntax import Expression
from .template import parse_template
from .typed import Read, Typed
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
