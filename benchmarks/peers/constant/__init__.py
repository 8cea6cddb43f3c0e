"""The limit: an ASGI application that answers the same bytes to everything."""
