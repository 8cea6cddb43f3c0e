"""What was promised, by what it is kept, and what is served beyond it."""

from __future__ import annotations

from ..promise.account import Account, Kept
from .markup import Markup, chip, code, join, table, tag


def contract(account: Account | None) -> Markup:
    """The operations of the contract; nothing without one."""
    if account is None:
        return Markup("")
    about = tag(
        "p",
        f"{account.name}, {len(account.kept)} operations, all of them proven to be served. ",
        tag("small", code(account.digest)),
        class_="meta",
    )
    rows = [[code(one.title), one.id or "", code(one.operation or ""), _notes(one)] for one in account.kept]
    kept = table(["Promised", "Called", "Kept by", "Notes"], rows, caption="Operations of the contract")
    if not account.beyond:
        return join((about, kept))
    more = tag("p", tag("b", "Served beyond the contract: "), [chip(name) for name in account.beyond])
    return join((about, kept, more))


def _notes(kept: Kept) -> Markup:
    """What deserves a look and does not break the contract."""
    return join(tag("div", finding.message.partition("`: ")[2]) for finding in kept.findings)
