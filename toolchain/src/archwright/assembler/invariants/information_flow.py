"""No value reaches an audience that does not clear its classes.

The audience of a permission is the role that holds it, or the person whose data the row is. The audience of an
operation's answer, and of whether it fails, is everybody who may run it. The audience of a capability is what its
component clears. A field is an audience too: whoever may read it later. So is the presence of a row.

What is covered: explicit and control flows within the assembly. Not covered: timing, the inside of a component, and
the operators of the database. Columns, filters, sorts, searches and groups of views are masked row by row by the
reader's permissions when they run, so what is proved here about permissions holds for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from .flow.labels import Facts
from .flow.operations import Operation
from .flow.permissions import permissions, roles
from .flow.stored import defaults, retention
from .flow.views import introduced, secrets
from .proof import Proof


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report every flow to an audience that does not clear it, with its whole path."""
    facts = Facts(proof.resolution)
    yield from permissions(proof, facts)
    yield from roles(proof, facts)
    yield from defaults(proof, facts)
    yield from retention(proof, facts)
    yield from secrets(proof, facts)
    yield from introduced(proof, facts)
    for name, text, planned, place in proof.operations():
        yield from Operation(proof, facts, name, text, planned, place).findings()
