"""HTTP to other services, for components: to declared hosts only, and to no address that is ours.

Its rules:

* A host has to be declared. One that is declared by a wildcard is reached by TLS, unless it says ``http://``.
* A name is resolved here, once. Every address it has must be public, or in a network that the deployment names; the
  connection goes to an address that was tested, so that no second answer of the name servers can change it.
* No redirect is followed, no proxy of the environment is used, certificates are verified.
* Time, headers and body are bounded.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import h11

from ..component import OutwardError, Reply

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_PORTS = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
# Protocol assignments, 6to4 relays and documentation, which not every Python knows, and what hosts of clouds answer on.
_NOT_PUBLIC: tuple[Network, ...] = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),
    IPv6Network("3fff::/20"),
)
_LONGEST_URL = 4_096
_MOST_HEADER_BYTES = 32_768
_CHUNK = 65_536
_OWN = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "upgrade", "te"})


@dataclass(frozen=True)
class Declared:
    """One host that may be reached, from ``[http://]name[:port]``; ``*`` stands for any public name or any port."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def read(cls, text: str) -> Declared:
        """The host that a manifest declares.

        Raises:
            ValueError: it is none.
        """
        scheme, separator, rest = text.partition("://")
        scheme, rest = (scheme, rest) if separator else ("https", text)
        if scheme not in _PORTS:
            raise ValueError(f"`{text}` is not a host")
        host, colon, port = rest.rpartition(":") if not rest.endswith("]") else (rest, "", "")
        host, port = (host, port) if colon else (rest, "")
        if not host or not (port in ("", "*") or (port.isdigit() and 0 < int(port) < 65_536)):
            raise ValueError(f"`{text}` is not a host")
        number = None if port == "*" else int(port) if port else _PORTS[scheme]
        return cls(scheme, host.strip("[]").lower(), number)

    def allows(self, scheme: str, host: str, port: int) -> bool:
        """Whether a place is what was declared."""
        if scheme != self.scheme or (self.port is not None and port != self.port):
            return False
        if self.host == "*":
            return True
        return host.endswith(self.host[1:]) if self.host.startswith("*.") else host == self.host


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system's resolver knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Outward:
    """Reaches the declared hosts of one kind of effect.

    Args:
        private: networks that may be reached although they are not public.
    """

    def __init__(self, hosts: Iterable[str], private: Sequence[Network] = (), resolver: Resolve = resolve) -> None:
        self._declared = tuple(Declared.read(host) for host in hosts)
        self._private = tuple(private)
        self._resolve = resolver

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        largest: int = 1_048_576,
        seconds: float = 20.0,
    ) -> Reply:
        """Ask, and give the whole answer.

        Raises:
            OutwardError: the place may not be reached, or did not answer as it should.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._send(method, url, headers or {}, content, largest)
        except TimeoutError:
            raise OutwardError("timeout") from None
        except ssl.SSLError:
            raise OutwardError("certificate") from None
        except h11.RemoteProtocolError:
            raise OutwardError("answer") from None
        except (h11.LocalProtocolError, UnicodeError, ValueError):
            raise OutwardError("request") from None
        except OSError:
            raise OutwardError("unreachable") from None

    def check(self, url: str) -> None:
        """Refuse an address that could never be reached, before anything is sent to it.

        Raises:
            OutwardError: it is none, or its host is not declared.
        """
        self._place(url)

    async def _send(self, method: str, url: str, headers: Mapping[str, str], content: bytes, largest: int) -> Reply:
        parts, host, port = self._place(url)
        address = await self._address(host, port)
        tls = _context() if parts.scheme == "https" else None
        reader, writer = await asyncio.open_connection(
            str(address), port, ssl=tls, server_hostname=host if tls else None, limit=_CHUNK
        )
        try:
            connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEADER_BYTES)
            writer.write(connection.send(_request(method, parts, host, port, headers, content)) or b"")
            writer.write(connection.send(h11.Data(data=content)) or b"")
            writer.write(connection.send(h11.EndOfMessage()) or b"")
            await writer.drain()
            return await _reply(connection, reader, largest)
        finally:
            writer.transport.abort()

    def _place(self, url: str) -> tuple[SplitResult, str, int]:
        try:
            parts = urlsplit(url)
            host, port = _host(parts), parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise OutwardError("url") from None
        if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise OutwardError("url")
        if parts.username is not None or parts.password is not None or not host:
            raise OutwardError("url")
        if not any(one.allows(parts.scheme, host, port) for one in self._declared):
            raise OutwardError("host")
        return parts, host, port

    async def _address(self, host: str, port: int) -> Address:
        found = [ip_address(one.partition("%")[0]) for one in await self._resolve(host, port)]
        if not found:
            raise OutwardError("unreachable")
        # A name with one address inside and one outside is an attempt, not a mistake.
        if not all(self._may_reach(one) for one in found):
            raise OutwardError("address")
        return found[0]

    def _may_reach(self, address: Address) -> bool:
        inner = _embedded(address)
        if any(inner.version == network.version and inner in network for network in self._private):
            return True
        return is_public(address)


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet: not ours, not a neighbour's, not one that stands for such."""
    inner = _embedded(address)
    if isinstance(inner, IPv6Address) and inner not in _UNICAST:
        return False
    if any(inner.version == network.version and inner in network for network in _NOT_PUBLIC):
        return False
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _embedded(address: Address) -> Address:
    """The address that is meant where IPv6 carries one of IPv4."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _request(
    method: str, parts: SplitResult, host: str, port: int, headers: Mapping[str, str], content: bytes
) -> h11.Request:
    named = f"[{host}]" if ":" in host else host
    given = [(name, value) for name, value in headers.items() if name.lower() not in _OWN]
    own: list[tuple[str, Any]] = [
        ("Host", named if port == _PORTS[parts.scheme] else f"{named}:{port}"),
        ("Connection", "close"),
        ("Accept-Encoding", "identity"),
        ("Content-Length", str(len(content))),
    ]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return h11.Request(method=method, target=target, headers=[*own, *given])


async def _reply(connection: h11.Connection, reader: asyncio.StreamReader, largest: int) -> Reply:
    head: h11.Response | None = None
    parts: list[bytes] = []
    size = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            size += len(event.data)
            if size > largest:
                raise OutwardError("too-large")
            parts.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            names = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            return Reply(head.status_code, names, b"".join(parts))
        elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
            raise OutwardError("answer")


@cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
