"""What comes of a form or a button."""

from __future__ import annotations

from dataclasses import dataclass

from ..http.response import Response
from ..operations.call import SetCookie
from .views import PartView


@dataclass(frozen=True, slots=True)
class Done:
    """It worked: the browser goes on to another address.

    Attributes:
        notice: the key of what is said there, see ``notices``.
    """

    location: str
    notice: str | None = None
    cookies: tuple[SetCookie, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """The page is shown again, with this part in the place of the one that was used.

    Attributes:
        alone: nothing else is shown: a question stands by itself.
    """

    view: PartView
    status: int
    alone: bool = False
    title: str | None = None
    failed: bool = True


Answer = Done | Again | Response
