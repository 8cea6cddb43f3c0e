"""Calls of other services, which say by a signature who they are.

Its rules:

* HMAC-SHA256 over the bytes as they came, compared in constant time, before anything else looks at them.
* Where the scheme signs a time, a call outside the tolerance is refused.
* A call that came before within a day gets the first one's answer: a repeat after a lost answer, or a replay.
* A secret may hold several, separated by white space, so that it can be changed without losing a call.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from ..caller import ANONYMOUS
from ..errors import Refusal, SettingError
from ..operations.call import Call, Outcome
from ..plan import Operation, Signature, Wire
from .endpoints import OperationHandler, Runner, Source
from .problem import Failures
from .request import Request
from .response import Response
from .security import Security

_SHORTEST_SECRET = 16
_STANDARD_PREFIX = "whsec_"
_MOST_SIGNATURES = 10
_LONGEST_TIME = 12

Headers = Mapping[bytes, bytes]


class Receiver(Runner, Protocol):
    """What runs operations that no person starts: the engine."""

    async def receive(self, name: str, call: Call) -> Outcome:
        """Run one as its own principal."""
        ...


class SignedHandler(OperationHandler):
    """Answers signed requests by running one operation as its own principal."""

    def __init__(
        self,
        name: str,
        operation: Operation,
        receiver: Receiver,
        failures: Failures,
        security: Security,
        source: Source,
        wire: Wire,
        secret: str,
    ) -> None:
        super().__init__(name, operation, receiver, failures, security, source, wire)
        assert operation.trigger.signature is not None
        self._verifier = Verifier(operation.trigger.signature, secret)
        self._receive: Callable[[str, Call], Awaitable[Outcome]] = receiver.receive

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        now = datetime.now(UTC)
        try:
            key = self._verifier.verify(request.headers, await request.body(), now)
            values, page = await self.inputs.read(request)
            call = Call(ANONYMOUS, values, page, None, key, now, request.id, self._source(request), signed=True)
            return await self._response(request, await self._receive(self._name, call))
        except Refusal as refusal:
            return self._failures.response(refusal, request.id, self._failures_declared)


class Verifier:
    """Tests the signatures of one sender.

    Raises:
        SettingError: the secret is not one.
    """

    def __init__(self, signature: Signature, secret: str) -> None:
        self._scheme = signature.scheme
        self._header = signature.header.lower().encode("ascii")
        self._tolerance = signature.tolerance
        self._keys = [_key(signature, one) for one in secret.split()]
        if not self._keys:
            raise SettingError(f"the secret `{signature.secret}` is empty")

    def verify(self, headers: Headers, body: bytes, now: datetime) -> str:
        """A key that is the same for each repeat of one call.

        Raises:
            Refusal: ``unauthenticated``; never says what was wrong.
        """
        signed: bytes
        signatures: Sequence[bytes]
        given = headers.get(self._header, b"").decode("latin-1")
        if self._scheme == "sha256":
            signed, signatures = body, [_hex(given.removeprefix("sha256="))]
        elif self._scheme == "stamped":
            signed, signatures = self._stamped(given, body, now)
        else:
            signed, signatures = self._standard(headers, given, body, now)
        if not self._matches(signed, signatures):
            raise _refused()
        if self._scheme == "standard":
            return "id:" + sha256(headers[b"webhook-id"]).hexdigest()
        return sha256(signed).hexdigest()

    def _stamped(self, given: str, body: bytes, now: datetime) -> tuple[bytes, Sequence[bytes]]:
        """``t=1492774577,v1=5257a869...``; the time, a point and the body are signed."""
        parts = [part.strip().partition("=") for part in given.split(",")[: _MOST_SIGNATURES + 1]]
        time = next((value for name, _, value in parts if name == "t"), "")
        self._in_time(time, now)
        return time.encode() + b"." + body, [_hex(value) for name, _, value in parts if name == "v1"]

    def _standard(self, headers: Headers, given: str, body: bytes, now: datetime) -> tuple[bytes, Sequence[bytes]]:
        """Standard Webhooks: id, time and body are signed; several signatures are separated by spaces."""
        id, time = headers.get(b"webhook-id", b""), headers.get(b"webhook-timestamp", b"")
        if not id:
            raise _refused()
        self._in_time(time.decode("latin-1"), now)
        parts = [part.partition(",") for part in given.split(" ")[:_MOST_SIGNATURES]]
        return b".".join((id, time, body)), [_base64(value) for version, _, value in parts if version == "v1"]

    def _in_time(self, time: str, now: datetime) -> None:
        is_number = time.isascii() and time.isdigit() and len(time) <= _LONGEST_TIME
        if not is_number or abs(now.timestamp() - int(time)) > self._tolerance:
            raise _refused()

    def _matches(self, signed: bytes, signatures: Iterable[bytes]) -> bool:
        expected = [hmac.digest(key, signed, "sha256") for key in self._keys]
        found = [hmac.compare_digest(one, given) for given in signatures for one in expected]
        return any(found)


def _key(signature: Signature, secret: str) -> bytes:
    if signature.scheme == "standard" and secret.startswith(_STANDARD_PREFIX):
        key = _base64(secret.removeprefix(_STANDARD_PREFIX))
    else:
        key = secret.encode()
    if len(key) < _SHORTEST_SECRET:
        raise SettingError(f"the secret `{signature.secret}` must have at least {_SHORTEST_SECRET} bytes")
    return key


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _refused() -> Refusal:
    return Refusal("unauthenticated", "The signature is missing or not valid.")
