"""Landlock: the kernel lets a process reach the named parts of the file system and no others.

Numbers and layouts are those of ``linux/landlock.h``; what a kernel knows is asked first, since unknown rights are an
error.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from .kernel import checked, libc

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_REGULAR = 1 << 5, 1 << 8
_REFER, _TRUNCATE, _DEVICE = 1 << 13, 1 << 14, 1 << 15
_FIRST = (1 << 13) - 1
_NETWORK = 0b11
_SCOPES = 0b11

READ = _READ_FILE | _READ_DIR
RUN = READ | _EXECUTE
# No folders, links, pipes or devices: what is left behind is flat, and nothing in it leads elsewhere.
KEEP = READ | _WRITE_FILE | _REMOVE_FILE | _MAKE_REGULAR | _TRUNCATE
USE = _READ_FILE | _WRITE_FILE
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE


def version() -> int:
    """The version of Landlock that this kernel enforces; 0 for none."""
    found: int = libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    return max(0, found)


def confine(known: int, rights: Iterable[tuple[str, int]]) -> None:
    """Keep this process to these paths, each with its rights; a path that does not exist grants nothing.

    Args:
        known: what ``version`` gave.

    Raises:
        OSError: the kernel refuses.
    """
    handled = _handled(known)
    ruleset = _create(known, handled)
    try:
        for path, allowed in rights:
            _allow(ruleset, path, allowed & handled)
        checked(libc().syscall(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)))
    finally:
        os.close(ruleset)


def _handled(known: int) -> int:
    rights = _FIRST
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _DEVICE)):
        if known >= since:
            rights |= right
    return rights


def _create(known: int, handled: int) -> int:
    described = struct.pack("=Q", handled)
    if known >= 4:
        described += struct.pack("=Q", _NETWORK)
    if known >= 6:
        described += struct.pack("=Q", _SCOPES)
    return checked(libc().syscall(_CREATE, described, ctypes.c_size_t(len(described)), ctypes.c_uint32(0)))


def _allow(ruleset: int, path: str, allowed: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            allowed &= _OF_FILES
        rule = struct.pack("=Qi", allowed, place)
        checked(libc().syscall(_ADD, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0)))
    finally:
        os.close(place)
