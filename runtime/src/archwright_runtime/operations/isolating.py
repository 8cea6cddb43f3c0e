"""What a component may ask of isolation: functions and programs on the bytes of strangers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from ..component import USUAL, Finished, Limits, Program
from ..errors import SettingError
from ..isolation.isolation import Isolation


class Isolating:
    """The part of a component's host that runs things apart from the service."""

    def __init__(self, isolation: Isolation) -> None:
        self.isolated: list[str] = []
        self.needs_isolation = False
        self._isolation = isolation

    def isolates(self, *modules: str) -> None:
        """Say whose functions will be run by ``isolate``."""
        self.needs_isolation = True
        self.isolated.extend(modules)

    async def isolate(self, target: str, *arguments: Any, limits: Limits = USUAL, broken: str = "invalid") -> Any:
        """Run ``module:function`` on the bytes of strangers."""
        return await self._isolation.call(target, arguments, limits, broken)

    def program(self, name: str) -> Program:
        """A program of the machine."""
        found = shutil.which(name)
        if found is None or not os.path.isabs(found):
            raise SettingError(f"the program `{name}` is not installed on this machine")
        self.needs_isolation = True
        return Program(name, os.path.realpath(found))

    async def execute(
        self,
        program: Program,
        arguments: Sequence[str],
        *,
        files: Mapping[str, bytes],
        results: Sequence[str] = (),
        limits: Limits = USUAL,
        broken: str = "invalid",
    ) -> Finished:
        """Run a program on files."""
        return await self._isolation.execute(program, arguments, files, results, limits, broken)
