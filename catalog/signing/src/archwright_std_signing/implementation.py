"""Joins the functions into what the runtime loads."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

from . import paths, tokens
from .keys import Keys, read_keys

_LONGEST = timedelta(days=366)


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    keys = read_keys(host, str(host.config.get("algorithm") or "hmac"))
    return Implementation(capabilities={**_of_tokens(keys), **_of_paths(keys), "public_key": _public(keys)})


def _of_tokens(keys: Keys) -> dict[str, Any]:
    async def sign(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        expires = _expiry(context.now, input["lifetime"])
        return {"token": tokens.sign(keys, input["text"], input["purpose"], expires), "expires": expires}

    async def verify(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        text, expires = tokens.verify(keys, input["token"], input["purpose"])
        return {"text": text, "expires": _counting(expires, context.now)}

    return {"sign": sign, "verify": verify}


def _of_paths(keys: Keys) -> dict[str, Any]:
    async def sign_path(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        expires = _expiry(context.now, input["lifetime"])
        return {"path": paths.sign(keys, input["path"], expires), "expires": expires}

    async def verify_path(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        path, expires = paths.verify(keys, input["path"])
        return {"path": path, "expires": _counting(expires, context.now)}

    return {"sign_path": sign_path, "verify_path": verify_path}


def _public(keys: Keys) -> Any:
    async def public_key(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"key": keys.public}

    return public_key


def _expiry(now: datetime, lifetime: int) -> datetime:
    """The second in which something stops to count."""
    lasts = timedelta(microseconds=lifetime)
    if not timedelta(seconds=1) <= lasts <= _LONGEST:
        raise Refusal("bad-lifetime", "a signature counts for a second to a year")
    return (now + lasts).replace(microsecond=0)


def _counting(expires: datetime, now: datetime) -> datetime:
    if expires <= now:
        raise Refusal("expired", "this has expired")
    return expires
