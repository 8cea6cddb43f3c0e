"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Caller:
    """The person or job on whose behalf an operation runs.

    Attributes:
        id: the row of the accounts entity; None for an anonymous caller.
        roles: granted roles with everything they include; never ``anyone`` or ``signed-in``, which follow from ``id``.
        session: what a sign-out revokes; None where there is no session.
        via: ``cookie``, ``bearer`` or None: a cookie needs protection against forged requests.
        token: what a program presented, for contracts whose answers repeat it; never that of a cookie, which no
            script may read.
    """

    id: str | None = None
    roles: frozenset[str] = frozenset()
    session: str | None = field(default=None, repr=False)
    via: str | None = None
    token: str | None = field(default=None, repr=False)

    @property
    def principals(self) -> frozenset[str]:
        """Every name under which grants may be held by this caller."""
        return self.roles | ({"anyone"} if self.id is None else {"anyone", "signed-in"})


ANONYMOUS = Caller()
