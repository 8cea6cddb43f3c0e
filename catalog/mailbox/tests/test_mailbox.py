"""Mails are taken apart, and mails that attack are refused or made harmless."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_mailbox.boxes import split
from archwright_std_mailbox.mails import read
from testing_support.part import Part

FOLDER = Path(__file__).parent.parent


async def _parse(content: bytes) -> tuple[dict[str, Any], Part]:
    part = Part(FOLDER)
    return await part.run("parse", file=part.surroundings.given(content, "mail.eml")), part


def _mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ann Örtel <ann@example.org>"
    message["To"] = "bob@example.org, Eve <eve@example.org>"
    message["Subject"] = "Grüße 🎈"
    message["Date"] = "Sun, 01 Mar 2026 12:00:00 +0100"
    message["Message-ID"] = "<one@example.org>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Hello,\n\nä\n")
    return message


async def test_parse() -> None:
    """A mail has its headers and its text."""
    found, _ = await _parse(_mail(In_Reply_To="<zero@example.org>").as_bytes())

    assert found == {
        "subject": "Grüße 🎈", "sender": "ann@example.org", "sender_name": "Ann Örtel",
        "recipients": ["bob@example.org", "eve@example.org"], "sent": datetime(2026, 3, 1, 11, tzinfo=UTC),
        "message_id": "one@example.org", "reply_to_id": "zero@example.org", "text": "Hello,\n\nä\n",
        "attachments": [], "cut": False,
    }  # fmt: skip


async def test_alternatives_and_attachments() -> None:
    """HTML is sanitised, attachments are files whose names have no path."""
    message = _mail()
    message.add_alternative("<p onclick=x>Hi<script>alert(1)</script><img src=http://x/y></p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="../../etc/ä.pdf")
    message.add_attachment(b"x", maintype="text", subtype="plain", filename="note.txt")

    found, part = await _parse(message.as_bytes())

    assert "script" not in found["html"] and "onclick" not in found["html"] and "Hi" in found["html"]
    assert [(one["name"], one["size"]) for one in found["attachments"]] == [("ä.pdf", 4), ("note.txt", 1)]
    assert part.surroundings.files[found["attachments"][0]["id"]] == b"%PDF"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"hello", b"\x00" * 1000, b"X-Other: 1\n\nhi"])
async def test_no_mail(content: bytes) -> None:
    """What has no head of a mail is none."""
    with pytest.raises(Refusal) as caught:
        await _parse(content)
    assert caught.value.kind == "not-a-mail"


def _nested(depth: int) -> bytes:
    lines = [b"From: a@example.org"]
    for level in range(depth):
        lines += [b'Content-Type: multipart/mixed; boundary="b%d"' % level, b"", b"--b%d" % level]
    return b"\n".join([*lines, b"", b"deep"])


@pytest.mark.parametrize(
    "content",
    [
        _nested(5000),
        b"From: a@example.org\n" + b"X: y\n" * 100_000 + b"\nhi",
        b"From: a@example.org\nSubject: " + b"a" * 300_000 + b"\n\nhi",
        b"From: a@example.org\nSubject: " + b"a\n " * 20_000 + b"\n\nhi",
        b"From: a@example.org\n" + b"Content-Type: message/rfc822\n\n" * 3000 + b"hi",
        b'From: a@example.org\nContent-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * 5000 + b"--b--",
    ],
    ids=["depth", "headers", "long", "folded", "mails", "parts"],
)
async def test_bombs(content: bytes) -> None:
    """A mail that is made to be hard to read is refused."""
    with pytest.raises(Refusal) as caught:
        await _parse(content)
    assert caught.value.kind == "too-complex"


async def test_lies() -> None:
    """Unknown encodings, broken words, control characters and false dates do no harm."""
    content = (
        b"From: =?x-none?Q?=FF?= <ann@example.org>\nTo: <script>@x, , a@b@c, ok@example.org\n"
        b"Subject: =?utf-8?B?!!!?= a\x00b\x1b[31m =?utf-8?Q?=E2=80=AEgpj?=\n b\n"
        b"Date: Sun, 99 Foo 9999\nMessage-ID: no\n"
        b"Content-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: base64\n\n!!!!\xff"
    )

    found, _ = await _parse(content)

    assert found["recipients"][-1] == "ok@example.org" and "sent" not in found and "message_id" not in found
    assert not set(found["subject"]) & set("\x00\x1b\u202e\n")


async def test_much() -> None:
    """Of too many attachments and too long a text the first are kept, and it says so."""
    message = _mail()
    for number in range(60):
        message.add_attachment(b"x", maintype="image", subtype="png", filename=f"{number}.png")

    found, _ = await _parse(message.as_bytes())
    long, _ = await _parse(b"From: a@example.org\n\n" + b"a" * 600_000)

    assert len(found["attachments"]) == 50 and found["cut"]
    assert len(long["text"]) == 500_000 and long["cut"]


@given(st.binary(max_size=300))
def test_whatever_comes(content: bytes) -> None:
    """Every file is a mail or is refused."""
    for mail in (
        content,
        b"From: a@example.org\n" + content,
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + content,
    ):
        try:
            read(mail)
        except Refusal:
            continue


def _box(count: int) -> bytes:
    return b"".join(
        b"From a@b Sun Mar  1\nFrom: a@b\n\n%d\n>From here\nFrom there\n\n" % number for number in range(count)
    )


async def test_split() -> None:
    """A mailbox is taken apart, a hundred mails at once; quoted lines become what they were."""
    part = Part(FOLDER)
    file = part.surroundings.given(_box(150), "all.mbox")

    first = await part.run("split", file=file)
    rest = await part.run("split", file=file, skip=100)

    assert (len(first["mails"]), first["more"], len(rest["mails"]), rest["more"]) == (100, True, 50, False)
    assert part.surroundings.files[rest["mails"][0]["id"]] == b"From: a@b\n\n100\nFrom here\nFrom there\n\n"
    assert rest["mails"][0]["name"] == "mail-101.eml"


def test_no_mailbox() -> None:
    """What does not begin like one is no mailbox; one mail is one."""
    with pytest.raises(Refusal):
        split(b"Subject: x\n\nFrom a", 0)
    assert split(_box(1), 0)[1] is False and split(b"From ", 0) == ([], False)
