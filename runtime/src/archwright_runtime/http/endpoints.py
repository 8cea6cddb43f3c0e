"""Operations as endpoints: a request becomes a call, its outcome a response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from ..caller import Caller
from ..errors import FieldProblem, Refusal
from ..operations.call import Call, Outcome, StoredFile
from ..operations.values import holds_files
from ..plan import OURS, Access, Cache, Operation, Wire
from .conditional import etag, if_match, none_match
from .download import download
from .inputs import Inputs
from .problem import Failures
from .request import Request
from .response import Header, Response, disposition, header_value
from .router import Endpoint
from .security import Security

JSON: Header = (b"content-type", b"application/json")
_MOST_KEY = 255
# What the edge decides alone; an operation that names one of these would contradict it.
_OWN = frozenset(
    {
        "content-length",
        "transfer-encoding",
        "connection",
        "set-cookie",
        "content-security-policy",
        "x-request-id",
        "date",
    }
)
_IN_ADDRESSES = "/?#&=%:@!$'()*+,;~-._"
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Runner(Protocol):
    """What runs operations: the engine."""

    async def run(self, name: str, call: Call) -> Outcome:
        """Run one; raises ``Refusal``."""
        ...

    async def may(self, access: tuple[Access, ...], caller: Caller) -> bool:
        """Whether the caller may."""
        ...


Source = Callable[[Request], str]


class OperationHandler:
    """Answers requests by running one operation."""

    __slots__ = (
        "_access",
        "_cache",
        "_conditional",
        "_failures",
        "_failures_declared",
        "_guards_body",
        "_idempotent",
        "_name",
        "_run",
        "_runner",
        "_security",
        "_source",
        "inputs",
    )

    def __init__(
        self,
        name: str,
        operation: Operation,
        runner: Runner,
        failures: Failures,
        security: Security,
        source: Source,
        wire: Wire = OURS,
        cookies: frozenset[str] = frozenset(),
    ) -> None:
        # Our own cookies are taken under the name that no other host can give to one.
        named = security.cookie_name
        self.inputs = Inputs(operation, wire, lambda name: named(name) if name in cookies else name)
        self._name = name
        self._runner = runner
        self._run: Callable[[str, Call], Awaitable[Outcome]] = runner.run
        self._failures = failures
        self._failures_declared = operation.failures
        self._security = security
        self._source = source
        self._access = operation.access
        self._cache = _cache(operation.cache)
        self._idempotent = operation.idempotent
        self._conditional = operation.trigger.method in ("PATCH", "PUT", "DELETE", "POST")
        # Nobody fills our disk with files that the operation would refuse anyway.
        self._guards_body = any(holds_files(entry.type) for entry in operation.input)

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        try:
            if self._guards_body:
                await self._refuse_strangers(request)
            values, page = await self.inputs.read(request)
            call = Call(
                request.caller,
                values,
                page,
                None,
                None,
                datetime.now(UTC),
                request.id,
                self._source(request),
            )
            if self._conditional:
                self._read_conditions(request, call)
            return await self._response(request, await self._run(self._name, call))
        except Refusal as refusal:
            return await self._refused(request, refusal)

    def _read_conditions(self, request: Request, call: Call) -> None:
        headers = request.headers
        if b"if-match" in headers:
            call.version = if_match(request.header(b"if-match"))
        if self._idempotent and b"idempotency-key" in headers:
            call.idempotency_key = _idempotency_key(headers[b"idempotency-key"])

    async def _refuse_strangers(self, request: Request) -> None:
        if not await self._runner.may(self._access, request.caller):
            raise Refusal("unauthenticated" if request.caller.id is None else "forbidden")

    async def _refused(self, request: Request, refusal: Refusal) -> Response:
        # Who may not ask at all is told so, instead of what was wrong with the question.
        if refusal.kind in ("invalid", "malformed", "unsupported-media"):
            try:
                await self._refuse_strangers(request)
            except Refusal as stranger:
                refusal = stranger
        return self._failures.response(refusal, request.id, self._failures_declared)

    async def _response(self, request: Request, outcome: Outcome) -> Response:
        if outcome.file is not None:
            response = await download(request, _renamed(outcome))
        elif outcome.version is not None and request.method in ("GET", "HEAD"):
            response = _tagged(request, outcome)
        else:
            response = _plain(outcome)
        if outcome.filename is not None and outcome.file is None:
            response.headers.append((b"content-disposition", disposition(outcome.filename)))
        if self._cache is not None and request.method in ("GET", "HEAD"):
            response.headers += self._cache[0 if request.caller.id is None else 1]
            response.kind = "asset"  # Which says itself how long it may be kept.
        if outcome.location is not None:
            response.headers.append((b"location", quote(outcome.location, safe=_IN_ADDRESSES).encode("ascii")))
        if outcome.headers:
            _add_headers(response, outcome.headers)
        for cookie in outcome.cookies:
            response.headers.append(self._security.cookie(cookie))
        return response


def operation_endpoint(name: str, operation: Operation, handler: OperationHandler) -> Endpoint:
    """The endpoint of an operation with an http trigger."""
    assert operation.trigger.path is not None
    return Endpoint(
        name=name,
        template=operation.trigger.path,
        handle=handler,
        body_limit=operation.body_limit,
        identify=operation.trigger.signature is None,
        rate=operation.rate,
        seconds=operation.seconds,
    )


def _cache(cache: Cache | None) -> tuple[list[Header], list[Header]] | None:
    """What strangers are told about keeping an answer, and what those are told who signed in."""
    if cache is None:
        return None
    own: Header = (b"cache-control", b"private, max-age=%d" % cache.seconds)
    all: Header = (b"cache-control", b"public, max-age=%d" % cache.seconds) if cache.shared else own
    vary: Header = (b"vary", b"authorization, cookie")
    return [all, vary], [own, vary]


def _renamed(outcome: Outcome) -> StoredFile:
    assert outcome.file is not None
    if outcome.filename is None:
        return outcome.file
    return msgspec.structs.replace(outcome.file, name=outcome.filename)


def _tagged(request: Request, outcome: Outcome) -> Response:
    tag = etag(outcome.version or 0)
    known = request.headers.get(b"if-none-match")
    if known is not None and outcome.settled and outcome.status == 200 and none_match(known.decode("latin-1"), tag):
        return Response(304, b"", [(b"etag", tag)])
    return Response(outcome.status, _body(outcome), [_content_type(outcome.media), (b"etag", tag)])


def _plain(outcome: Outcome) -> Response:
    if outcome.empty:
        return Response(outcome.status, b"", [] if outcome.version is None else [(b"etag", etag(outcome.version))])
    headers = [_content_type(outcome.media)]
    if outcome.version is not None:
        headers.append((b"etag", etag(outcome.version)))
    return Response(outcome.status, _body(outcome), headers)


def _body(outcome: Outcome) -> bytes:
    body = outcome.body
    if outcome.media == "application/json" or outcome.media.endswith("+json"):
        return _encode(body)
    if isinstance(body, bytes):
        return body
    return body.encode("utf-8") if isinstance(body, str) else _encode(body)


def _content_type(media: str) -> Header:
    if media == "application/json":
        return JSON
    suffix = "; charset=utf-8" if media.startswith("text/") else ""
    return b"content-type", header_value(media + suffix)


def _add_headers(response: Response, headers: Mapping[str, Any]) -> None:
    for name, value in headers.items():
        lower = name.lower()
        if lower in _OWN or not lower.replace("-", "").isalnum() or not lower.isascii():
            raise ValueError(f"an operation cannot set the header {name!r}")
        # Values come from rows: what cannot stand in a header is replaced, never passed on.
        plain = "".join(c if c == "\t" or 0x20 <= ord(c) < 0x7F or 0xA0 <= ord(c) <= 0xFF else " " for c in str(value))
        response.headers.append((lower.encode("ascii"), plain.encode("latin-1")))


def _idempotency_key(raw: bytes) -> str:
    if not 1 <= len(raw) <= _MOST_KEY or any(not 0x21 <= byte <= 0x7E for byte in raw):
        problem = FieldProblem("?idempotency-key", "format", f"Use 1 to {_MOST_KEY} visible ASCII characters.")
        raise Refusal("invalid", "The Idempotency-Key is not valid.", (problem,))
    return raw.decode("ascii")
