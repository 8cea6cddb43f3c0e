"""For tests of assembled services: a service in this process, and a client that asks it without a network."""

from .client import Answer, Client
from .service import running

__all__ = ["Answer", "Client", "running"]
