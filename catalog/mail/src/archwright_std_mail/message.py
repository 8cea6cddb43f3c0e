"""The message itself, with headers that nobody can inject."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from archwright_runtime.errors import Refusal

from .settings import Settings
from .templates import Filled

_ID_LENGTH = 32
_LONGEST_LINE = 998
"""RFC 5322, section 2.1.1."""


def compose(settings: Settings, to: str, content: Filled, key: str, now: datetime) -> EmailMessage:
    """A message whose ``Message-ID`` is the same each time that one effect is delivered.

    Raises:
        Refusal: ``to`` is no address.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = address(settings.sender, settings.sender_name)
    message["To"] = address(to)
    if settings.reply_to:
        message["Reply-To"] = address(settings.reply_to)
    message["Subject"] = content.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = _identity(settings.sender, to, key)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text)
    if content.html is not None:
        message.add_alternative(content.html, subtype="html")
    return message


def offer_to_leave(message: EmailMessage, url: str) -> None:
    """The headers by which a mail program unsubscribes with one click (RFC 8058).

    Raises:
        Refusal: the address would begin another header, or end the one that it stands in.
    """
    if not url.isascii() or not url.isprintable() or any(one in url for one in "<> ,"):
        raise Refusal("mail.rejected", "This is not an address to unsubscribe at.")
    # Folded at the usual width, a long address would be taken apart into encoded words, which no program reads.
    message.policy = SMTP.clone(max_line_length=_LONGEST_LINE)
    message["List-Unsubscribe"] = f"<{url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Precedence"] = "bulk"


def address(written: str, name: str = "") -> Address:
    """One address; its domain as the name servers know it.

    Raises:
        Refusal: it is none, or holds what would begin another header.
    """
    local, _, domain = written.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
        made = Address(display_name=name, addr_spec=f"{local}@{ascii_domain}")
    except (ValueError, HeaderParseError, IndexError):
        raise Refusal("mail.rejected", "This is not an e-mail address.") from None
    if not (made.username and made.domain) or not written.isprintable():
        raise Refusal("mail.rejected", "This is not an e-mail address.")
    return made


def _identity(sender: str, to: str, key: str) -> str:
    """RFC 5322, section 3.6.4; a digest, so that the key and the address are not told to the world."""
    digest = hashlib.sha256(f"{key}\n{to}".encode()).hexdigest()[:_ID_LENGTH]
    return f"<{digest}@{address(sender).domain}>"
