"""What the capabilities share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archwright_runtime.component import Context, Host
from archwright_runtime.errors import Refusal

from .attempts import Attempts
from .passwords import Hasher
from .policy import Policy
from .sessions import Sessions


@dataclass(frozen=True)
class Parts:
    """Configured once, when the service starts."""

    host: Host
    policy: Policy
    hasher: Hasher
    sessions: Sessions
    attempts: Attempts

    @classmethod
    def configure(cls, host: Host) -> Parts:
        """The parts that a configuration asks for."""
        policy = Policy.read(host.config)
        return cls(
            host=host,
            policy=policy,
            hasher=Hasher(policy.hashing, host.offload),
            sessions=Sessions(policy, host.forget),
            attempts=Attempts(policy.lockout),
        )


async def find_user(context: Context, **where: Any) -> dict[str, Any] | None:
    """The one user with these values."""
    found = await context.rows("User").find(where)
    return found[0] if found else None


async def signed_in_user(context: Context) -> dict[str, Any]:
    """The user who asks.

    Raises:
        Refusal: nobody is signed in.
    """
    user = await find_user(context, id=context.caller.id) if context.caller.id is not None else None
    if user is None:
        raise Refusal("unauthenticated")
    return user
