"""What can go wrong while the tools run: failures, never findings about a document.

::

    ArchwrightError
    ├── InputError          what the person named cannot be read or written (a path, a directory, a port)
    ├── CatalogError        the catalog is incomplete, altered or not readable
    ├── ToolError           a program that the tools call is missing or failed
    └── InternalError       a mistake of ours

A finding is a value (``archwright.diagnostics.Diagnostic``). A failure is translated once, in the entrypoint.
"""

from __future__ import annotations


class ArchwrightError(Exception):
    """Root of everything that the tools raise on purpose."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(ArchwrightError):
    """What the person named cannot be read or written."""


class CatalogError(ArchwrightError):
    """The catalog is incomplete, altered or not readable."""


class ToolError(ArchwrightError):
    """A program that the tools call is missing or failed."""


class InternalError(ArchwrightError):
    """A mistake of ours; the message says what was believed to be impossible."""
