"""System calls that Python has no names for."""

from __future__ import annotations

import ctypes
import functools
import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    """The result of a call.

    Raises:
        OSError: it failed.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def on_linux() -> bool:
    """Whether there is a Linux kernel to ask."""
    return sys.platform == "linux"


def prctl(option: int, *arguments: int) -> None:
    """Change something about this process.

    Raises:
        OSError: the kernel refuses.
    """
    padded = [*arguments, 0, 0, 0, 0][:4]
    checked(libc().prctl(ctypes.c_int(option), *(ctypes.c_ulong(one) for one in padded)))


def die_with_parent(signal: int) -> None:
    """Be killed when the process that forked this one ends."""
    prctl(_PR_SET_PDEATHSIG, signal)


def gain_nothing() -> None:
    """Programs run from here on gain no rights by being run."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def be_unreadable() -> None:
    """Keep other processes of this user out of this one's memory."""
    prctl(_PR_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up every right of an administrator, within a user namespace too.

    Raises:
        OSError: the kernel refuses.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    checked(libc().capset(ctypes.byref(header), ctypes.byref(nothing)))
