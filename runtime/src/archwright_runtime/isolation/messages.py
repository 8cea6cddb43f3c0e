"""What the service, the process that forks and a forked process say to each other, as msgpack.

Nothing is pickled: whoever reads these bytes gets plain values.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..component import Limits


class Setup(msgspec.Struct, tag=True, array_like=True):
    """First of all: where private directories are made."""

    scratch: str


class Warm(msgspec.Struct, tag=True, array_like=True):
    """Import a module, so that every process forked later has it."""

    module: str


class Start(msgspec.Struct, tag=True, array_like=True):
    """Fork for one call; the descriptor of its data comes with the message.

    Attributes:
        target: ``module:function``; empty for a program.
    """

    call: int
    target: str
    limits: Limits


class Stop(msgspec.Struct, tag=True, array_like=True):
    """Nobody waits for this call any more."""

    call: int


class Ready(msgspec.Struct, tag=True, array_like=True):
    """The process that forks has confined itself as far as it can."""

    mechanisms: dict[str, list[str]]


class Warmed(msgspec.Struct, tag=True, array_like=True):
    """A module is imported, or why it is not."""

    module: str
    problem: str = ""


class Ended(msgspec.Struct, tag=True, array_like=True):
    """A call's process is gone, and so is its directory.

    Attributes:
        signal: what killed it; 0 where it ended by itself.
        late: it was killed at the end of its time.
        lost: it did not begin, or nobody knows how it ended; no fault of what it was given.
    """

    call: int
    signal: int = 0
    late: bool = False
    lost: bool = False


Order = Setup | Warm | Start | Stop
Notice = Ready | Warmed | Ended


class Execution(msgspec.Struct, array_like=True):
    """What a program is run with."""

    path: str
    arguments: list[str]
    files: dict[str, bytes]
    results: list[str]


class Value(msgspec.Struct, tag=True, array_like=True):
    """What the function returned."""

    value: Any


class Refused(msgspec.Struct, tag=True, array_like=True):
    """The function refused its input."""

    kind: str
    detail: str | None = None


class Exceeded(msgspec.Struct, tag=True, array_like=True):
    """A limit was reached."""

    what: str


class Broken(msgspec.Struct, tag=True, array_like=True):
    """The function failed in a way that nobody foresaw; the message of the exception stays where it was."""

    error: str
    at: list[str]


Answer = Value | Refused | Exceeded | Broken

encode = msgspec.msgpack.Encoder().encode
decode_order = msgspec.msgpack.Decoder(Order).decode
decode_notice = msgspec.msgpack.Decoder(Notice).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
decode_execution = msgspec.msgpack.Decoder(Execution).decode
decode_plain = msgspec.msgpack.Decoder().decode
