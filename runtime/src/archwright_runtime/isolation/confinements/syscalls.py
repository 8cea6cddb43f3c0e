"""Seccomp: the kernel refuses the system calls that neither a function nor a converter of files has a use for.

Its rules:

* No socket of any family, no new process (threads are fine), no signal and no look into another process.
* Nothing that mounts, loads, tunes or names what belongs to the machine, and nothing that outlives the process.
* A call of another architecture's table ends the process, since its numbers mean something else.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from dataclasses import dataclass
from errno import ENOSYS, EPERM

from .kernel import prctl

_PR_SET_SECCOMP = 22
_FILTER = 2

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000

_EVERYWHERE = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_open": 434, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "process_mrelease": 448,
}  # fmt: skip
_X86_64 = {
    "socket": 41, "connect": 42, "bind": 49, "listen": 50, "accept": 43, "accept4": 288, "socketpair": 53,
    "fork": 57, "vfork": 58, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
    "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "setsid": 112, "setpgid": 109,
    "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
    "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248, "request_key": 249,
    "init_module": 175, "finit_module": 313, "delete_module": 176, "kexec_load": 246, "kexec_file_load": 320,
    "reboot": 169, "swapon": 167, "swapoff": 168, "personality": 135, "modify_ldt": 154, "iopl": 172, "ioperm": 173,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "quotactl": 179, "acct": 163, "settimeofday": 164,
    "clock_settime": 227, "adjtimex": 159, "syslog": 103, "setpriority": 141, "sched_setparam": 142,
    "sched_setscheduler": 144, "sched_setaffinity": 203, "sched_setattr": 314, "ioprio_set": 251,
    "migrate_pages": 256, "move_pages": 279, "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240,
}  # fmt: skip
_AARCH64 = {
    "socket": 198, "connect": 203, "bind": 200, "listen": 201, "accept": 202, "accept4": 242, "socketpair": 199,
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
    "tkill": 130, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "setsid": 157, "setpgid": 154,
    "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
    "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "keyctl": 219, "add_key": 217, "request_key": 218,
    "init_module": 105, "finit_module": 273, "delete_module": 106, "kexec_load": 104, "kexec_file_load": 294,
    "reboot": 142, "swapon": 224, "swapoff": 225, "personality": 92,
    "name_to_handle_at": 264, "open_by_handle_at": 265, "quotactl": 60, "acct": 89, "settimeofday": 170,
    "clock_settime": 112, "adjtimex": 171, "syslog": 116, "setpriority": 140, "sched_setparam": 118,
    "sched_setscheduler": 119, "sched_setaffinity": 122, "sched_setattr": 274, "ioprio_set": 30,
    "migrate_pages": 238, "move_pages": 239, "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180,
}  # fmt: skip


@dataclass(frozen=True)
class _Table:
    """The numbers of one architecture.

    Attributes:
        mark: how the kernel names the architecture to filters.
        own: kill and tgkill: only this process itself may be meant.
        limits: prlimit64: only this process itself may be meant.
    """

    mark: int
    refused: tuple[int, ...]
    run: tuple[int, ...]
    clone: int
    own: tuple[int, ...]
    limits: int
    x32: bool = False


_CLONE3 = 435
_TABLES = {
    "x86_64": _Table(0xC000003E, (*_EVERYWHERE.values(), *_X86_64.values()), (59, 322), 56, (62, 234), 302, x32=True),
    "aarch64": _Table(0xC00000B7, (*_EVERYWHERE.values(), *_AARCH64.values()), (221, 281), 220, (129, 131), 261),
}


def available() -> bool:
    """Whether this architecture's numbers are known."""
    return platform.machine() in _TABLES


def confine(*, may_run: bool) -> None:
    """Refuse such calls to this process for good.

    Args:
        may_run: leaves the calls that replace this process by a program.

    Raises:
        OSError: the kernel refuses.
    """
    table = _TABLES[platform.machine()]
    code = _program(table, os.getpid(), may_run)
    kept = ctypes.create_string_buffer(code)
    header = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(kept)))
    prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(header))


def _program(table: _Table, process: int, may_run: bool) -> bytes:
    code = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, table.mark, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if table.x32:
        code += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _KILL)]
    for number in (*table.refused, *(() if may_run else table.run)):
        code += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _FAIL | EPERM)]
    # Whoever asks for clone3 falls back to clone, whose flags a filter can read.
    code += [_step(_EQUAL, _CLONE3, 0, 1), _step(_RETURN, _FAIL | ENOSYS)]
    code += _unless_argument(table.clone, _ANY_BIT, _CLONE_THREAD)
    for number in table.own:
        code += _unless_argument(number, _EQUAL, process)
    code += _unless_argument(table.limits, _EQUAL, 0)
    code.append(_step(_RETURN, _ALLOW))
    return b"".join(code)


def _unless_argument(number: int, test: int, value: int) -> list[bytes]:
    """Refuse a call unless its first argument passes a test."""
    return [
        _step(_EQUAL, number, 0, 4),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(test, value, 1, 0),
        _step(_RETURN, _FAIL | EPERM),
        _step(_RETURN, _ALLOW),
    ]


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)
