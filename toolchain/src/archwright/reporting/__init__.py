"""How findings look to a reader: a person, a program, a code host, a bot. Values in, text out."""

from __future__ import annotations

from .json import json
from .markdown import markdown
from .sarif import sarif
from .text import text
from .todo import Task, todo

__all__ = ["Task", "json", "markdown", "sarif", "text", "todo"]
