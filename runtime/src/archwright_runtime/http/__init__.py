"""Requests in, responses out: a bare ASGI edge without a framework."""
