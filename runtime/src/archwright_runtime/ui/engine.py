"""What pages need of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..caller import Caller
from ..operations.call import Call, Outcome, PageRequest, Rows, StoredFile
from ..plan import Access, Select


class Engine(Protocol):
    """Runs operations and reads with a caller's rights."""

    async def run(self, name: str, call: Call) -> Outcome:
        """Run an operation; raises ``Refusal``."""
        ...

    async def read(self, select: Select, call: Call, page: PageRequest | None = None) -> Rows:
        """Rows in wire form; raises ``Refusal``."""
        ...

    async def may(self, access: tuple[Access, ...], caller: Caller) -> bool:
        """Whether the caller holds one of the roles."""
        ...

    async def file(self, operation_file: Mapping[str, Any]) -> StoredFile:
        """The bytes of a file value that the caller was allowed to read."""
        ...
