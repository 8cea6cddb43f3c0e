"""The component's configuration as one value; the defaults are those that the manifest states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from archwright_runtime.errors import SettingError

_SPAN = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class PasswordRules:
    """Which passwords people may choose.

    Attributes:
        shortest: in code points.
        longest: in code points; also what bounds the work that a stranger can ask for.
        refuse_common: no well-known words, runs or repetitions.
        refuse_personal: neither the person's name nor the e-mail address within.
    """

    shortest: int = 12
    longest: int = 200
    refuse_common: bool = True
    refuse_personal: bool = True


@dataclass(frozen=True)
class Hashing:
    """Cost of argon2id; the defaults are the second recommended option of RFC 9106, section 4.

    Attributes:
        passes: number of passes over the memory.
        memory: in KiB.
        lanes: degree of parallelism.
        together: hashes computed at the same time by one process, since each holds ``memory``.
        waiting: hashes that may wait for their turn; further requests are told to come again.
    """

    passes: int = 3
    memory: int = 65536
    lanes: int = 4
    together: int = 2
    waiting: int = 64


@dataclass(frozen=True)
class Lockout:
    """When guessing is slowed down: after ``account`` or ``source`` failures each further one doubles the wait."""

    account: int = 5
    source: int = 50
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)
    window: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Policy:
    """Everything that an assembly may decide about its accounts."""

    session: str = "cookie"
    cookie: str = "session"
    scheme: str = "Bearer"
    registers_as: tuple[str, ...] = ()
    address: str = ""
    reset_page: str = "/reset-password"
    idle: timedelta = timedelta(days=1)
    absolute: timedelta = timedelta(days=30)
    remember: timedelta = timedelta(seconds=15)
    sessions: int = 20
    reset_lasts: timedelta = timedelta(hours=1)
    invitation_lasts: timedelta = timedelta(days=7)
    confirm_changes: bool = True
    password: PasswordRules = field(default_factory=PasswordRules)
    hashing: Hashing = field(default_factory=Hashing)
    lockout: Lockout = field(default_factory=Lockout)

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Policy:
        """The policy that a configuration states.

        Raises:
            SettingError: a length of time is not one.
        """
        return _read(cls(), config)


_Record = TypeVar("_Record")


def _read(default: _Record, config: Mapping[str, Any]) -> _Record:
    """``default`` with the members that the configuration gives, each read as its default's type."""
    kept = vars(default)
    given = {name: _value(kept[name], value, name) for name, value in config.items() if name in kept}
    return type(default)(**{**kept, **given})


def _value(default: Any, given: Any, name: str) -> Any:
    if isinstance(default, timedelta):
        return _span(given, name)
    if isinstance(default, tuple):
        return tuple(given)
    if isinstance(default, PasswordRules | Hashing | Lockout):
        return _read(default, given)
    return given


def _span(given: Any, name: str) -> timedelta:
    match = _SPAN.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise SettingError(f"accounts: `{name}` must be a length of time such as 15m or 30d")
    number, unit = match.groups()
    return timedelta(**{_UNITS[unit]: int(number)})
