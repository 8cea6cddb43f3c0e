"""Joins the parts into what the runtime loads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from archwright_runtime.component import Context, Host, Implementation, OutwardError, Reply
from archwright_runtime.errors import Refusal, SettingError

from .endpoints import REFUSED, Endpoint, kind, results

_RESULTS = {"status": "int(100..599)!"}
_KINDS = frozenset({"text", "int", "bool", "json", "slug", "email", "url"})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LATER = 30


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    outward = host.outward("https")
    endpoints = {name: Endpoint(**given) for name, given in host.config.get("endpoints", {}).items()}
    types = host.config.get("results") or _RESULTS
    pointers = host.config.get("pointers") or {}
    timeout, largest = host.config.get("timeout", 20), host.config.get("largest", 1_048_576)
    credentials = _credentials(host)
    _test(host, endpoints, types)

    async def request(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        endpoint = endpoints.get(input["endpoint"])
        if endpoint is None:
            raise Refusal(REFUSED, f"There is no endpoint `{input['endpoint']}`.")
        body = input.get("body")
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "User-Agent": "archwright",
            "Accept": "application/json",
            "Idempotency-Key": context.idempotency_key,
            **({"Content-Type": "application/json"} if content else {}),
            **endpoint.headers,
            **credentials,
        }
        url = endpoint.address(input.get("values") or {})
        try:
            reply = await outward.send(
                endpoint.method, url, headers=headers, content=content, largest=largest, seconds=float(timeout)
            )
        except OutwardError as error:
            raise _unreached(error) from None
        _accept(reply)
        return results(types, pointers, reply.status, reply.content)

    return Implementation(capabilities={"request": request})


def _test(host: Host, endpoints: Mapping[str, Endpoint], types: Mapping[str, Any]) -> None:
    """What can be known to be wrong before the first call."""
    outward = host.outward("https")
    for name, endpoint in endpoints.items():
        try:
            outward.check(endpoint.sample)
        except OutwardError as error:
            raise SettingError(f"http-client: the endpoint `{name}` cannot be called: {error.reason}") from None
        if not endpoint.is_sound:
            raise SettingError(f"http-client: in the endpoint `{name}`, a value would choose the host")
    for name, type in types.items():
        if kind(type) not in _KINDS:
            raise SettingError(f"http-client: the result `{name}` must be text, int, bool or json")


def _credentials(host: Host) -> dict[str, str]:
    how = host.config.get("authentication", "none")
    if how == "none":
        return {}
    token = host.secret("token")
    return {str(host.config.get("header", "Authorization")): f"Bearer {token}" if how == "bearer" else token}


def _unreached(error: OutwardError) -> Refusal:
    if error.is_final or error.reason == "too-large":
        return Refusal(REFUSED, f"The service may not be called: {error.reason}.")
    return Refusal("busy", "The service cannot be reached.", retry_after=_LATER)


def _accept(reply: Reply) -> None:
    if reply.status in _PASSING:
        after = reply.headers.get("retry-after", "")
        seconds = int(after) if after.isascii() and after.isdigit() and len(after) < 6 else _LATER
        raise Refusal("busy", f"The service answers {reply.status}.", retry_after=seconds)
    if not 200 <= reply.status < 300:
        raise Refusal(REFUSED, f"The service answers {reply.status}.")
