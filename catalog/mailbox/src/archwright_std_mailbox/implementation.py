"""Joins the functions into what the runtime loads."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation

from .boxes import split as split_box
from .mails import read


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""

    async def parse(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        mail = await host.offload(read, await context.read(input["file"]))
        stored = [await context.store(one.content, name=one.name, media=one.media) for one in mail.attachments]
        return {**mail.values, "attachments": stored, "cut": mail.cut}

    async def split(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        content = await context.read(input["file"])
        mails, more = await host.offload(split_box, content, input.get("skip") or 0)
        named = [(f"mail-{number}.eml", mail) for number, mail in enumerate(mails, (input.get("skip") or 0) + 1)]
        return {
            "mails": [await context.store(mail, name=name, media="message/rfc822") for name, mail in named],
            "more": more,
        }

    return Implementation(capabilities={"parse": parse, "split": split})
