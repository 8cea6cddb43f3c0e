"""Typed expression trees of the plan as Python functions and as SQL, with the same result on every path.

Example::

    allowed = compile_closure(grant.where)
    allowed({"this": row, "caller": caller.id})
"""

from .closure import Closure, compile_closure
from .dialects.sqlite import register_functions
from .hoisting import paths
from .sql import Parameter, SqlContext, SqlRow, SqlRows, compile_condition, compile_sql
from .tree import decode, names

__all__ = [
    "Closure",
    "Parameter",
    "SqlContext",
    "SqlRow",
    "SqlRows",
    "compile_closure",
    "compile_condition",
    "compile_sql",
    "decode",
    "names",
    "paths",
    "register_functions",
]
