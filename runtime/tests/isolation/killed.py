"""Begins a call that never ends, and is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from archwright_runtime.component import USUAL
from archwright_runtime.isolation.isolation import Isolation


async def main(module: str) -> None:
    """Wait until the call runs, and go."""
    isolation = Isolation()
    await isolation.start([module])
    call = asyncio.create_task(isolation.call(f"{module}:sleep", [], USUAL, "invalid"))
    assert isolation._scratch is not None
    while not list(isolation._scratch.glob("call-*")):
        await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
    await call


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
