"""An operation that runs within the transaction of the change that starts it.

Its rules:

* It has rights of its own and none of those of whoever made the change, so it does the same for everybody.
* ``caller`` is whoever made the change; ``row`` and ``old`` are the row after it and before it.
* A refusal takes the change back, also one that would keep what was written elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..authorization.policy import Standing
from ..errors import Refusal
from ..plan import Operation
from .call import Call
from .run import Bound, Run, first_names
from .service import Service
from .watches import ChangedRow

Steps = Callable[[Run], Awaitable[Any]]


class OwnReaction:
    """One such operation; what ``service.Reaction`` promises.

    Args:
        standing: its own rights.
        steps: runs them.
    """

    def __init__(self, service: Service, operation: Operation, standing: Standing, steps: Steps) -> None:
        self._service = service
        self._standing = standing
        self._steps = steps
        self._rows = {name: ChangedRow(service, operation, name) for name in ("row", "old")}

    @property
    def asks_old(self) -> bool:
        """Whether its steps look at the row as it was before."""
        return self._rows["old"].asked

    async def seen(self, run: Run, name: str, id: str) -> Bound:
        """The row as it is now, with the members that its steps look up under a name."""
        return await self._rows[name].read(self._own(run), id)

    async def react(self, run: Run, rows: Mapping[str, Any]) -> None:
        """Run the steps.

        Raises:
            Refusal: the change must not be.
        """
        own = self._own(run)
        own.names.update(rows)
        try:
            await self._steps(own)
        except Refusal as refusal:
            # Made anew: what the change's author lacks is never confused with what this operation lacks.
            raise Refusal(refusal.kind, refusal.detail, refusal.problems, refusal.retry_after) from None

    def _own(self, run: Run) -> Run:
        outer = run.call
        call = Call(outer.caller, now=outer.now, request_id=outer.request_id, source=outer.source)
        names = first_names(self._service, call)
        return Run(self._service, call, self._standing, names, run.attempt, run.transaction, after=run.after)
