"""What a part of a page does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from ..errors import Refusal
from ..http.forms import Form as SentForm
from .answers import Answer
from .place import Place
from .views import PartView
from .visit import Visit


class Part(ABC):
    """One visible part of a page, compiled when the service starts."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @abstractmethod
    async def view(self, visit: Visit) -> PartView | None:
        """What it shows to a person; None where it is not for them.

        Raises:
            Refusal: ``not-found`` where the record that the page is about does not exist for them.
        """

    async def submit(self, visit: Visit, form: SentForm) -> Answer:
        """Take what was filled in or pressed here.

        Raises:
            Refusal: nothing can be submitted here, or the person may not.
        """
        raise Refusal("not-found")

    async def file(self, visit: Visit, column: str, row: str) -> dict[str, Any]:
        """The file value in a column of one of the rows that are shown here.

        Raises:
            Refusal: there is none for this person.
        """
        raise Refusal("not-found")

    @property
    def operations(self) -> Iterable[str]:
        """The operations that may be run here."""
        return ()

    def notices(self) -> dict[str, str]:
        """What is said after something was done here, by its key."""
        return {}

    async def allowed(self, visit: Visit) -> bool:
        """Whether the part is for this person at all."""
        access = self.place.part.access
        return not access or await visit.may(access)
