"""Hands a message to a mail server.

A failure is told apart by who can do something about it: one that may pass is ``busy``, so the effect is delivered
again later; one that will not is ``mail.rejected``. Neither says to whom the mail was, nor what the server answered,
since servers repeat addresses in their answers.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from archwright_runtime.errors import Refusal

from .settings import Settings

_LATER = 60
_PERMANENT = 500


def deliver(settings: Settings, message: EmailMessage) -> None:
    """Send one message over a connection of its own; blocks.

    Raises:
        Refusal: ``busy`` where a later attempt may succeed, ``mail.rejected`` where none will.
    """
    with _failures(), _connection(settings) as server:
        server.send_message(message)


@contextmanager
def _connection(settings: Settings) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    with server:
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.password is not None:
            server.login(settings.login, settings.password)
        yield server


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=_PERMANENT)
        raise _failure(code) from None
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise Refusal("mail.rejected", "The mail server lacks what this mail needs.") from None
    except (OSError, smtplib.SMTPException):
        raise Refusal("busy", "The mail server cannot be reached.", retry_after=_LATER) from None


def _failure(code: int) -> Refusal:
    """RFC 5321, section 4.2.1: 5yz is permanent, 4yz may pass. A refused login is ours to mend, so it may pass too."""
    if code >= _PERMANENT and code not in (530, 534, 535, 538):
        return Refusal("mail.rejected", "The mail server refused the mail.")
    return Refusal("busy", "The mail server asks to come again later.", retry_after=_LATER)
