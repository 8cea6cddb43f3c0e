"""How a process gives up what it does not need, step by step, never to get it back.

Each mechanism is used where the kernel offers it. What is then in force is not concluded from that: it is tried, from
inside such a process (``probe``).
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..component import Limits
from .confinements import kernel, landlock, namespaces, syscalls

_NOBODY = 65_534
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
_MOST_IN_NAMESPACE = 256


@dataclass(frozen=True)
class Confinement:
    """What this kernel offers to this process.

    Attributes:
        namespace: network and inter-process communication are empty ones.
        landlock: its version, 0 for none.
        syscalls: system calls can be refused.
        user: whose identity is taken on, where the service runs as the administrator; without it, calls are the
            administrator's by name, with none of the rights.
    """

    namespace: bool = False
    landlock: int = 0
    syscalls: bool = False
    user: int | None = None

    @classmethod
    def begin(cls) -> Confinement:
        """Ask the kernel, and leave the network for good; for the process that forks."""
        if not kernel.on_linux():
            return cls()
        namespace = namespaces.leave_network()
        with contextlib.suppress(OSError):
            kernel.be_unreadable()
        known = landlock.version()
        return cls(
            namespace,
            known if known and _works(lambda: landlock.confine(known, ())) else 0,
            syscalls.available() and _works(lambda: syscalls.confine(may_run=False)),
            _NOBODY if os.geteuid() == 0 and _works(_become_reader) else None,
        )

    def mechanisms(self) -> dict[str, list[str]]:
        """What is used for what, in words for the log."""
        network = [("namespace", self.namespace), ("system-calls", self.syscalls)]
        return {
            "network": [name for name, used in network if used],
            "files": ["landlock"] if self.landlock else [],
            "processes": ["system-calls"] if self.syscalls else [],
        }

    def own(self, directory: str) -> None:
        """Give a directory to whom calls run as."""
        if self.user is not None:
            os.chown(directory, self.user, self.user)

    def enter(self, directory: str, readable: Iterable[str], parent: int, *, run: bool) -> None:
        """Keep this process to one directory and to reading the interpreter and the libraries of the system.

        Raises:
            OSError: the kernel refuses what it did before; the call must not go on.
        """
        os.chdir(directory)
        os.umask(0o077)
        if not kernel.on_linux():
            return
        if self.user is not None:
            _become(self.user)
        kernel.drop_capabilities()
        kernel.gain_nothing()
        if self.landlock:
            landlock.confine(self.landlock, _rights(directory, readable, run))
        stay_with(parent)

    def seal(self, *, run: bool) -> None:
        """Refuse system calls; nothing of this class can be done afterwards.

        Raises:
            OSError: the kernel refuses what it did before; the call must not go on.
        """
        if self.syscalls:
            syscalls.confine(may_run=run)


def stay_with(parent: int) -> None:
    """End with the process that forked this one, also if it has ended already."""
    kernel.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def bound(limits: Limits, namespace: bool) -> None:
    """What this process may use from here on."""
    _most(resource.RLIMIT_CORE, 0)
    # The second more lets the signal that can be told apart come first.
    _most(resource.RLIMIT_CPU, limits.cpu, limits.cpu + 1)
    _most(resource.RLIMIT_AS, limits.memory)
    _most(resource.RLIMIT_FSIZE, limits.file)
    _most(resource.RLIMIT_NOFILE, limits.descriptors)
    if namespace and os.geteuid() != 0:
        _most(resource.RLIMIT_NPROC, _MOST_IN_NAMESPACE)


def _most(kind: int, soft: int, hard: int | None = None) -> None:
    _, ceiling = resource.getrlimit(kind)
    wanted = soft if hard is None else hard
    allowed = wanted if ceiling == resource.RLIM_INFINITY else min(wanted, ceiling)
    resource.setrlimit(kind, (min(soft, allowed), allowed))


def _become_reader() -> None:
    # An interpreter in the administrator's own folder is readable to nobody else.
    _become(_NOBODY)
    for file in (os.__file__, __file__):
        os.close(os.open(file, os.O_RDONLY))


def _become(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _works(step: Callable[[], None]) -> bool:
    """Whether a step can be taken, tried in a process of its own, since none can be taken back."""
    process = os.fork()
    if process == 0:
        try:
            kernel.gain_nothing()
            step()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def _rights(directory: str, readable: Iterable[str], run: bool) -> list[tuple[str, int]]:
    reach = landlock.RUN if run else landlock.READ
    places = {*_SYSTEM, sys.prefix, sys.base_prefix, *readable} - {"/"}
    return [
        *((place, reach) for place in sorted(places)),
        *((device, landlock.USE) for device in _DEVICES),
        (directory, landlock.KEEP),
    ]
