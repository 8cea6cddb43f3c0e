"""Joins the parts into what the runtime loads."""

from __future__ import annotations

from archwright_runtime.component import Host, Implementation

from .store import Store, connect


def create(host: Host) -> Implementation:
    """The store as it is configured in one service."""
    return Implementation(blobs=Store(connect(host), str(host.config.get("prefix", ""))))
