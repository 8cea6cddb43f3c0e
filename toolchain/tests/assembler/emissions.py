"""Whole emissions of the hand-made plans."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import archwright
from archwright.assembler.emit import Emission, Inputs, emit
from archwright.assembler.emitter import ComponentFacts, Declassification
from archwright.assembler.lock import LockedRuntime
from archwright.assembler.plan import Plan
from archwright.assembler.wheels import deployed_wheels
from toolchain.tests import plans

WHEELS = deployed_wheels((Path(archwright.__file__).parent / "runtime.lock").read_text("utf-8"))
ACCOUNTS = ComponentFacts(
    summary="People register, sign in and out.",
    use_when="A service must know who a caller is.",
    owner="team-archwright",
    licence="Apache-2.0",
    egress=("smtp",),
    clears=("personal",),
    claims=("stateless",),
    wheel="archwright-std-accounts",
)
INPUTS = Inputs(
    archwright="0.1.0",
    runtime=LockedRuntime(version="0.1.0"),
    documents={"assembly.yaml": "sha256:" + "2" * 64},
    components={"accounts": ACCOUNTS},
    wheels=WHEELS,
    declassifications=(
        Declassification(where="DecideLeave.mail", to="employee", why="they are told", transform="initials"),
    ),
    novel={"shorten": "no component shortens names"},
)


def emitted(plan: Plan, inputs: Inputs = INPUTS) -> Emission:
    """The emission of a plan that has no reason to be refused."""
    emission, findings = emit(plan, inputs)
    assert emission is not None, findings
    return emission


@cache
def leave_requests() -> Emission:
    """The emission of the leave requests."""
    return emitted(plans.leave_requests())


@cache
def helpdesk() -> Emission:
    """The emission of the helpdesk."""
    return emitted(plans.helpdesk())


def text(emission: Emission, path: str) -> str:
    """One file."""
    return emission.files[path].decode()
