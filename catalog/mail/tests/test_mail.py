"""Mails reach a real server on this machine, exactly as composed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from archwright.language.component import read_component
from archwright_runtime.caller import ANONYMOUS
from archwright_runtime.errors import Refusal, SettingError
from archwright_std_mail import create
from testing_support.ports import free_port

MANIFEST = Path(__file__).parent.parent / "component.yaml"


class Inbox:
    """Keeps what arrives; answers recipients whose name says so with a failure."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("gone"):
            return f"550 {address} does not live here"
        if address.startswith("later"):
            return f"451 try {address} later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        parsed = message_from_bytes(envelope.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)
        return "250 OK"


@dataclass
class Service:
    """A host and a context at once."""

    config: dict[str, Any]
    secrets: dict[str, str] = field(default_factory=dict)
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    idempotency_key: str = "effect-1"
    source: str = ""
    caller: Any = ANONYMOUS

    def secret(self, name: str) -> str:
        return self.secrets[name]

    async def offload(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.to_thread(work, *arguments)

    def forget(self, session: str) -> None:
        raise NotImplementedError

    def rows(self, entity: str) -> Any:
        raise NotImplementedError

    async def send(self, to: str = "ada@example.org", template: str = "leave-decided", **data: Any) -> dict[str, Any]:
        """Send one mail."""
        values = {"name": "Ada", "status": "approved", **data}
        send = create(self).capabilities["send"]
        return await send(self, {"to": to, "template": template, "data": values})


TEMPLATES = {
    "leave-decided": {"subject": "Leave {{status}}", "text": "Hello {{ name }}, your leave was {{status}}."},
    "pretty": {"subject": "Hi", "text": "Hello {{name}}", "html": "<p>Hello <b>{{name}}</b></p>"},
}


def _config(port: int, **more: Any) -> dict[str, Any]:
    usual = {"sender": "hr@acme.test", "host": "localhost", "port": port, "security": "none", "templates": TEMPLATES}
    return {**usual, **more}


@pytest.fixture
def inbox() -> Inbox:
    """What the server received."""
    return Inbox()


@pytest.fixture
def serve(inbox: Inbox) -> Iterator[Callable[..., int]]:
    """Starts mail servers on loopback; gives the port."""
    running: list[Controller] = []

    def start(**options: Any) -> int:
        controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        running.append(controller)
        port: int = controller.port
        return port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def service(serve: Callable[..., int]) -> Service:
    """A service whose mail server takes everything."""
    return Service(_config(serve()))


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS with a certificate that this machine trusts for the length of the test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(encoding)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


async def test_a_mail_arrives_as_its_template_says(service: Service, inbox: Inbox) -> None:
    """Subject, text, sender and recipient are those of template and call."""
    await service.send()

    (mail,) = inbox.messages
    assert (mail["From"], mail["To"], mail["Subject"]) == ("hr@acme.test", "ada@example.org", "Leave approved")
    assert mail.get_content().strip() == "Hello Ada, your leave was approved."


async def test_delivering_an_effect_again_repeats_the_message_id(service: Service, inbox: Inbox) -> None:
    """A receiver can tell that two deliveries are one mail."""
    first = await service.send()
    again = await service.send()
    service.idempotency_key = "effect-2"
    other = await service.send()

    assert first == again != other
    assert [mail["Message-ID"] for mail in inbox.messages[:2]] == [first["message_id"]] * 2


async def test_values_are_escaped_in_html(service: Service, inbox: Inbox) -> None:
    """A name cannot bring markup into a mail."""
    await service.send(template="pretty", name="<script>alert(1)</script>")

    part = inbox.messages[0].get_body(("html",))
    assert part is not None
    assert "<b>&lt;script&gt;alert(1)&lt;/script&gt;</b>" in part.get_content()


async def test_a_value_cannot_begin_another_header(service: Service, inbox: Inbox) -> None:
    """Line breaks in a subject become spaces."""
    await service.send(status="approved\r\nBcc: eve@example.org")

    assert (inbox.messages[0]["Bcc"], inbox.messages[0]["Subject"]) == (None, "Leave approved Bcc: eve@example.org")


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "a@b.c, eve@d.e",
        "ada\0@example.org",
    ],
)
async def test_what_is_no_address_is_rejected(service: Service, to: str) -> None:
    """Nothing is sent to what is not exactly one address."""
    with pytest.raises(Refusal) as refusal:
        await service.send(to=to)

    assert refusal.value.kind == "mail.rejected"


async def test_an_international_domain_is_written_as_name_servers_know_it(service: Service, inbox: Inbox) -> None:
    """The domain is sent in its ASCII form."""
    await service.send(to="ada@bücher.example")

    assert inbox.messages[0]["To"] == "ada@xn--bcher-kva.example"


async def test_text_of_any_language_arrives(service: Service, inbox: Inbox) -> None:
    """Subject and text hold any characters."""
    await service.send(name="Zoë 🦩", status="genehmigt ✓")

    assert inbox.messages[0]["Subject"] == "Leave genehmigt ✓"
    assert "Zoë 🦩" in inbox.messages[0].get_content()


@pytest.mark.parametrize(("template", "missing"), [("nonsense", "nonsense"), ("password-reset", "link")])
async def test_a_template_that_cannot_be_filled_is_rejected(service: Service, template: str, missing: str) -> None:
    """An unknown template and a missing value are named."""
    with pytest.raises(Refusal) as refusal:
        await service.send(template=template)

    assert (refusal.value.kind, f"`{missing}`" in str(refusal.value)) == ("mail.rejected", True)


@pytest.mark.parametrize(("to", "kind"), [("gone@example.org", "mail.rejected"), ("later@example.org", "busy")])
async def test_a_refused_recipient_is_permanent_or_not(service: Service, to: str, kind: str) -> None:
    """What the server calls permanent is rejected; the rest is tried again. Neither names the address."""
    with pytest.raises(Refusal) as refusal:
        await service.send(to=to)

    assert (refusal.value.kind, to in repr(refusal.value), refusal.value.__cause__) == (kind, False, None)


async def test_a_server_that_is_away_may_come_back() -> None:
    """A connection that is refused is a reason to try again later."""
    service = Service(_config(free_port()))

    with pytest.raises(Refusal) as refusal:
        await service.send()

    assert (refusal.value.kind, refusal.value.retry_after) == ("busy", 60)


async def test_mail_is_encrypted_with_starttls(serve: Callable[..., int], inbox: Inbox, tls: ssl.SSLContext) -> None:
    """A server that insists on STARTTLS gets the mail."""
    service = Service(_config(serve(tls_context=tls, require_starttls=True), security="starttls"))

    await service.send()

    assert len(inbox.messages) == 1


async def test_without_starttls_nothing_is_sent(serve: Callable[..., int], inbox: Inbox) -> None:
    """A server (or somebody between) that does not offer encryption gets no mail in the clear."""
    service = Service(_config(serve(), security="starttls"))

    with pytest.raises(Refusal):
        await service.send()

    assert inbox.messages == []


async def test_a_certificate_of_a_stranger_is_not_accepted(
    serve: Callable[..., int], inbox: Inbox, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server whose certificate nobody vouches for gets no mail."""
    monkeypatch.delenv("SSL_CERT_FILE")
    service = Service(_config(serve(tls_context=tls), security="starttls"))

    with pytest.raises(Refusal):
        await service.send()

    assert inbox.messages == []


async def test_the_password_is_a_secret(serve: Callable[..., int], inbox: Inbox, tls: ssl.SSLContext) -> None:
    """A server that wants a login gets the name from the configuration and the password from the secrets."""

    def authenticate(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hr", b"sesame")
        return AuthResult(success=right, handled=False)

    port = serve(tls_context=tls, authenticator=authenticate, auth_required=True)
    config = _config(port, security="starttls", authentication="password", login="hr")

    await Service(config, {"smtp-password": "sesame"}).send()
    with pytest.raises(Refusal) as refusal:
        await Service(config, {"smtp-password": "wrong"}).send()

    assert (len(inbox.messages), refusal.value.kind) == (1, "busy")


@pytest.mark.parametrize("broken", [{"host": ""}, {"sender": ""}, {"port": "many"}, {"port": 0}])
def test_a_service_does_not_start_without_a_server(broken: dict[str, Any]) -> None:
    """What is missing is named at start and not at the first mail."""
    with pytest.raises(SettingError):
        create(Service({**_config(25), **broken}))


def test_the_manifest_has_no_findings() -> None:
    """The manifest is read without a finding and promises what the package provides."""
    document, findings = read_component(MANIFEST.read_bytes(), str(MANIFEST))

    assert findings == ()
    assert document is not None
    assert set(document.model.provides.capabilities) == {"mail.send"}
