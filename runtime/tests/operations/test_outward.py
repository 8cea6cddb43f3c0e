"""What leaves reaches declared hosts at public addresses, and nothing else, whatever data asks for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from archwright_runtime.component import OutwardError
from archwright_runtime.operations.outward import Outward, is_public
from testing_support.servers import peer

LOCAL = (ip_network("127.0.0.0/8"),)


class Names:
    """Name servers that answer something else each time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The next answer."""
        return self.answers.pop(0)


async def _reason(outward: Outward, url: str) -> str:
    with pytest.raises(OutwardError) as refused:
        await outward.send("GET", url)
    return refused.value.reason


async def test_a_declared_host_is_asked() -> None:
    """Method, path, headers and body arrive, and the answer comes back whole."""
    async with peer(lambda request: (200, {"X-Kind": "test"}, request.body[::-1])) as other:
        outward = Outward([other.origin], LOCAL)

        reply = await outward.send("POST", f"{other.origin}/a?b=c", headers={"X-One": "1"}, content=b"abc")

        assert (reply.status, reply.headers["x-kind"], reply.content) == (200, "test", b"cba")
        assert (other.heard[0].method, other.heard[0].target) == ("POST", "/a?b=c")
        assert other.heard[0].headers["x-one"] == "1"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:53aa:64c:0:0:80ff:fffe",
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "3fff::1",
    ],
)
async def test_addresses_that_are_ours_are_never_reached(address: str) -> None:
    """A public name that points inside is refused before a connection is made."""
    outward = Outward(["*"], (), Names([address]))

    assert not is_public(ip_address(address))
    assert await _reason(outward, "https://innocent.example/") == "address"


async def test_one_address_inside_spoils_a_name() -> None:
    """A name with a public and a private address is refused as a whole."""
    outward = Outward(["*"], (), Names(["93.184.216.34", "127.0.0.1"]))

    assert await _reason(outward, "https://innocent.example/") == "address"


async def test_a_name_is_asked_for_once() -> None:
    """The connection goes to the address that was tested; a second answer of the name servers is never asked for."""
    async with peer() as other:
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        outward = Outward([f"http://rebound.test:{other.port}"], LOCAL, names)

        reply = await outward.send("GET", f"http://rebound.test:{other.port}/")

        assert reply.status == 204 and len(names.answers) == 1
        assert other.heard[0].headers["host"] == f"rebound.test:{other.port}"


async def test_a_redirect_is_an_answer() -> None:
    """Nothing is asked where a redirect points."""
    async with peer() as inside, peer(lambda request: (302, {"Location": inside.origin}, b"")) as other:
        reply = await Outward([other.origin], LOCAL).send("GET", other.origin)

        assert reply.status == 302 and inside.heard == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://other.example/", "host"),
        ("http://api.example/", "host"),
        ("https://api.example:8443/", "host"),
        ("https://api.example.evil.test/", "host"),
        ("https://api.example@evil.test/", "url"),
        ("https://evil.test#@api.example/", "host"),
        ("https://evil.test\\@api.example/", "url"),
        ("https://api.example\t/", "url"),
        ("https://api.example/a b", "url"),
        ("https://api.example/\r\nX: y", "url"),
        ("file:///etc/passwd", "url"),
        ("gopher://api.example/", "url"),
        ("https://", "url"),
        ("https://api.example:99999/", "url"),
        ("https://[::1", "url"),
        ("https://2130706433/", "host"),
        ("https://0x7f.1/", "host"),
        ("https://127.0.0.1/", "host"),
        ("https://api.example/" + "a" * 5000, "url"),
    ],
)
async def test_what_is_not_declared_is_not_reached(url: str, reason: str) -> None:
    """Whatever an address is dressed up as, its host must be one that was declared."""
    outward = Outward(["api.example"], (), Names(["93.184.216.34"]))

    assert await _reason(outward, url) == reason


async def test_numbers_in_disguise_are_resolved_and_refused() -> None:
    """With every public host allowed, other spellings of loopback are what the resolver says they are."""
    outward = Outward(["*"])

    for host in ("2130706433", "0x7f000001", "localhost", "127.1"):
        assert await _reason(outward, f"https://{host}/") in ("address", "unreachable")


async def test_an_endless_answer_ends() -> None:
    """An answer larger than its bound is not taken."""
    async with peer(lambda request: (200, {}, b"x" * 100_000)) as other:
        with pytest.raises(OutwardError) as refused:
            await Outward([other.origin], LOCAL).send("GET", other.origin, largest=10_000)

        assert refused.value.reason == "too-large"


async def test_headers_cannot_be_injected() -> None:
    """A header value with a line break is refused before anything is sent."""
    async with peer() as other:
        with pytest.raises(OutwardError) as refused:
            await Outward([other.origin], LOCAL).send("GET", other.origin, headers={"X-A": "b\r\nX-C: d"})

        assert refused.value.reason == "request" and other.heard == []


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.example")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("api.example")]), critical=False)
    pem = serialization.Encoding.PEM
    kept = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(kept + made.sign(key, hashes.SHA256()).public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


async def test_a_certificate_has_to_be_trusted(tmp_path: Path) -> None:
    """A server whose certificate nobody vouches for is not believed, and gets nothing."""
    async with peer(tls=_self_signed(tmp_path)) as other:
        outward = Outward([f"api.example:{other.port}"], LOCAL, Names(["127.0.0.1"]))

        assert await _reason(outward, f"https://api.example:{other.port}/") == "certificate"
        assert other.heard == []


async def test_the_environment_has_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that other clients obey change nothing."""
    async with peer() as other, peer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        monkeypatch.setenv("http_proxy", proxy.origin)

        await Outward([other.origin], LOCAL).send("GET", other.origin)

        assert len(other.heard) == 1 and proxy.heard == []


async def test_a_silent_service_is_given_up() -> None:
    """Who takes a connection and says nothing is not waited for longer than was said."""

    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(OutwardError) as refused:
            await Outward([origin], LOCAL).send("GET", origin, seconds=0.1)

        assert refused.value.reason == "timeout"
        await gone.wait()
