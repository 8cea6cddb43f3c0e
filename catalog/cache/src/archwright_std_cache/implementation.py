"""The store: few commands, short time-outs; whatever goes wrong is an ``OSError``, and the service goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal, SettingError

_AT_ONCE = 500
_CONNECTIONS = 20


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    config = host.config
    password = host.secret("redis-password") if config.get("authentication") == "password" else None
    store = Store(config, password)

    async def forget(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        try:
            await store.clear()
        except OSError:
            raise Refusal("busy", "The cache cannot be reached.", retry_after=10) from None
        return {}

    return Implementation(capabilities={"forget": forget}, shared=store)


class Store:
    """Values that expire, in one Redis database."""

    def __init__(self, config: Mapping[str, Any], password: str | None) -> None:
        self._prefix = str(config.get("prefix", "archwright")) + ":"
        self._arguments: dict[str, Any] = {
            "host": config.get("host", "localhost"),
            "port": _port(config.get("port", 6379)),
            "db": config.get("database", 0),
            "username": config.get("user") or None,
            "password": password,
            "ssl": config.get("tls", True),
            "socket_timeout": config.get("timeout", 250) / 1000,
            "socket_connect_timeout": config.get("timeout", 250) / 1000,
            "max_connections": _CONNECTIONS,
        }
        self._client: Any = None

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values of keys, in their order."""
        async with self._commands() as redis:
            found: list[bytes | None] = await redis.mget([self._prefix + key for key in keys])
        return found

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep a value for so long at most."""
        async with self._commands() as redis:
            await redis.set(self._prefix + key, value, ex=max(1, seconds))

    async def count(self, key: str, seconds: int) -> int:
        """Count once more; forgotten so long after the first time."""
        async with self._commands() as redis, redis.pipeline(transaction=True) as both:
            both.incr(self._prefix + key)
            both.expire(self._prefix + key, max(1, seconds), nx=True)
            number, _ = await both.execute()
        return int(number)

    async def clear(self) -> None:
        """Forget everything."""
        async with self._commands() as redis:
            found: list[Any] = []
            async for key in redis.scan_iter(match=self._prefix + "*", count=_AT_ONCE):
                found.append(key)
                if len(found) == _AT_ONCE:
                    await redis.unlink(*found)
                    found = []
            if found:
                await redis.unlink(*found)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()

    @asynccontextmanager
    async def _commands(self) -> AsyncIterator[Any]:
        # Half a second of imports: only for those who use it, and not while the service is looked at.
        from redis.asyncio import Redis
        from redis.exceptions import RedisError

        if self._client is None:
            self._client = Redis(**self._arguments)
        try:
            yield self._client
        except RedisError as error:
            raise OSError(type(error).__name__) from None


def _port(given: Any) -> int:
    try:
        port = int(given)
    except (TypeError, ValueError):
        raise SettingError("cache: `port` must be a number") from None
    if not 0 < port < 65_536:
        raise SettingError("cache: `port` must be between 1 and 65535")
    return port
