"""``std/http-client``: HTTP interfaces of other services, declared by host and endpoint."""

from .implementation import create

__all__ = ["create"]
