"""The address that a request came from."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from archwright_runtime.http.request import Request
from archwright_runtime.http.source import behind, direct


def _request(client: str, forwarded: str | None) -> Request:
    async def receive() -> Any:
        return {}

    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    return Request({"method": "GET", "query_string": b"", "headers": headers, "client": (client, 1)}, receive)


@pytest.mark.parametrize(
    ("client", "forwarded", "found"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "<script>", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_only_what_our_proxies_append_is_believed(client: str, forwarded: str | None, found: str) -> None:
    """Entries count from the right, and only behind a proxy that is ours."""
    assert behind([ip_network("10.0.0.0/8")])(_request(client, forwarded)) == found


def test_without_proxies_the_connection_counts() -> None:
    """A header alone says nothing."""
    assert direct(_request("198.51.100.7", "203.0.113.1")) == "198.51.100.7"
