"""What turns a plan into files: the extension point of the assembler.

An emitter is a pure function of its facts: no clock, no network, no environment, no order that depends on hashing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .migration.schema import Schema
from .plan import Plan
from .promise.account import Account


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One distribution that the deployed image installs, pinned by hash."""

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    """``sha256:...``, as ``pip --require-hashes`` takes them."""
    licence: str | None = None
    requires: tuple[str, ...] = ()
    """Names of the distributions that it needs."""


@dataclass(frozen=True, kw_only=True)
class ComponentFacts:
    """What a certified component's manifest says, beyond what the plan needs."""

    summary: str = ""
    use_when: str = ""
    avoid_when: str = ""
    owner: str = ""
    licence: str | None = None
    egress: tuple[str, ...] = ()
    """Where it may reach: ``smtp``, ``https://api.example.com``."""
    clears: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    wheel: str | None = None
    """The file name of its wheel, where it brings code."""


@dataclass(frozen=True, kw_only=True)
class Declassification:
    """One place where the assembly lets a label drop, and why."""

    where: str
    to: str
    why: str
    transform: str | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that emitters may use."""

    plan: Plan
    schema: Schema
    archwright: str
    """The version of these tools."""
    runtime: str
    """The version of the runtime that the plan is for."""
    documents: Mapping[str, str] = field(default_factory=dict)
    """Digest of each document that was read, by path."""
    components: Mapping[str, ComponentFacts] = field(default_factory=dict)
    """By the name that the component has in this assembly."""
    wheels: tuple[Wheel, ...] = ()
    """The runtime, its dependencies and the components' distributions."""
    declassifications: tuple[Declassification, ...] = ()
    novel: Mapping[str, str] = field(default_factory=dict)
    """Pieces of own code, by name: why they exist."""
    contract: Account | None = None
    """How the service stands to its contract, where it has one."""
    earlier: Mapping[str, bytes] = field(default_factory=dict)
    """What other emitters have made already, by path."""


class Emitter(Protocol):
    """Makes some of the files of an emission."""

    def __call__(self, facts: Facts) -> Mapping[str, bytes]:
        """Files by path below the emission."""
        ...
