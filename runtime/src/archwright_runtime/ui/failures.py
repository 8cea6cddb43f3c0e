"""What people read when something cannot be shown."""

from __future__ import annotations

from .views import Failure, Link

_WORDS = {
    400: ("This address does not work", "Something in it is not as it should be."),
    403: ("You may not open this", "Your account does not have the right to see this page or to do this."),
    404: (
        "This page does not exist",
        "It may have been moved or deleted, or you may not be allowed to see it.",
    ),
    405: ("That is not possible here", "This address cannot be used in this way."),
    409: ("This is no longer possible", "Somebody may have changed it meanwhile."),
    413: ("That is too large", "Send less at a time."),
    429: ("Too many requests", "Wait a little, then try again."),
    503: ("We are busy", "Please try again in a moment."),
    504: ("That took too long", "Please try again in a moment."),
}
_OURS = ("Something went wrong on our side", "It has been noted. Please try again in a moment.")
_THEIRS = ("This did not work", "Something about the request was not as it should be.")


def failure(status: int, detail: str | None, request: str, home: Link) -> Failure:
    """The page for a status; ``detail`` is said instead of the usual words where there is one."""
    title, usual = _WORDS.get(status, _OURS if status >= 500 else _THEIRS)
    return Failure(
        status=status,
        title=title,
        detail=detail if detail and status < 500 else usual,
        home=home,
        reference=request if status >= 500 else None,
    )
