"""The address that a request came from, as far as it can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from .request import Request

Network = IPv4Network | IPv6Network


def direct(request: Request) -> str:
    """The other end of the connection."""
    client = request.scope.get("client")
    return client[0] if client else ""


def behind(proxies: Sequence[Network]) -> Callable[[Request], str]:
    """The last address in ``X-Forwarded-For`` that is not one of our own proxies.

    Only what a trusted proxy appended is believed: entries count from the right, and only where the connection itself
    comes from a proxy.
    """

    def trusted(address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed.version == network.version and parsed in network for network in proxies)

    def source(request: Request) -> str:
        address = direct(request)
        forwarded = request.headers.get(b"x-forwarded-for")
        if forwarded is None or not trusted(address):
            return address
        for entry in reversed(forwarded.decode("latin-1").split(",")):
            address = entry.strip()
            if not trusted(address):
                break
        try:
            return str(ip_address(address))
        except ValueError:
            return direct(request)

    return source
