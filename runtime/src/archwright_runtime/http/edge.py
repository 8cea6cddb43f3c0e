"""The edge: every request comes in here and every answer leaves here.

In this order: room for it, its address, its endpoint, who asks, whether another site made the browser send it, how
often they ask; then the endpoint. Whatever happens, one answer, one log line, one count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter, time

from ..caller import ANONYMOUS, Caller
from ..errors import DatabaseError, Refusal
from ..telemetry.log import Level, RequestLine
from ..telemetry.metrics import OperationMetrics
from ..telemetry.telemetry import Telemetry
from ..telemetry.trace import Span, TraceContext, new_trace, parse_traceparent
from .cors import Cors
from .csrf import SAFE_METHODS, Origins
from .limits import Deadlines, Limits, Rate
from .problem import Failures
from .protocol import CYCLE, answer, join_headers
from .request import Disconnected, Receive, Request, Scope, Send, decode_path
from .response import Header, Kind, Response, length_header
from .router import Endpoint, Route, Router
from .security import Security
from .source import direct

Authenticate = Callable[[str, str], Awaitable[Caller | None]]
PageFailure = Callable[[Request, Response, Refusal], Awaitable[Response]]

CLOSED = 499
"""Logged for a client that went away before its answer."""
_NO_BODY = frozenset({204, 304})
# The rest of a refused body is not read: the connection ends instead.
_CLOSING = frozenset({408, 413, 414, 431, 504})


async def nobody(scheme: str, token: str) -> Caller | None:
    """Recognises no credential: for services without accounts."""
    return None


@dataclass
class Edge:
    """Answers requests.

    Attributes:
        authenticate: who presents a credential: scheme (``cookie`` or an ``Authorization`` scheme) and token.
        schemes: ``Authorization`` schemes that are taken, lower case.
        cookie: the session cookie's name on the wire.
        shared_count: how often a caller has asked an endpoint in this minute, over all processes; 0 where unknown.
        page_failure: turns a refusal on a page's address into a page.
    """

    router: Router
    telemetry: Telemetry
    failures: Failures
    origins: Origins
    security: Security = field(default_factory=Security)
    limits: Limits = field(default_factory=Limits)
    authenticate: Authenticate = nobody
    schemes: frozenset[str] = frozenset()
    cookie: str | None = None
    cors: Cors | None = None
    source: Callable[[Request], str] = direct
    page_failure: PageFailure | None = None
    shared_count: Callable[[str, str, float], Awaitable[int]] | None = None
    closing: bool = False

    def __post_init__(self) -> None:
        self.deadlines = Deadlines()
        self._headers: dict[Kind, tuple[Header, ...]] = self.security.headers()
        self._blocks = {kind: join_headers(headers) for kind, headers in self._headers.items()}
        self._metrics: dict[str, OperationMetrics] = {}
        self._rates: dict[str, Rate] = {}
        self.telemetry.metrics.gauge(
            "archwright_requests_running", "Requests being answered.", lambda: self.deadlines.running
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = perf_counter()
        request = Request(scope, receive)
        request.trace = new_trace()
        # Unique for us as well as the trace itself is, and one number less to draw.
        request.id = request.trace[:16]
        task = asyncio.current_task()
        assert task is not None
        span: Span | None = None
        self.deadlines.begin(task, began + self.limits.seconds)
        try:
            span = self._trace(request)
            response = await self._answer(request)
        except asyncio.CancelledError:
            if not self.deadlines.expired(task):
                raise
            response = self._failed(Refusal("timeout"), request)
        except Disconnected:
            self._record(request, CLOSED, began, span)
            return
        except Refusal as refusal:
            response = await self._refused(request, refusal)
        except Exception as error:
            response = await self._as_page(request, self._accident(request, error))
        finally:
            self.deadlines.end(task)
            request.close()
        try:
            await self._send(request, response, send)
        finally:
            self._record(request, response.status, began, span)

    async def _answer(self, request: Request) -> Response:
        if self.deadlines.running > self.limits.concurrent:
            raise Refusal("busy", "Too many requests at a time.", retry_after=1)
        route, method = self._route(request)
        endpoint = route.endpoints.get(method)
        if endpoint is None:
            return self._without_endpoint(request, route)
        request.endpoint = endpoint
        request.body_limit = endpoint.body_limit
        if endpoint.seconds is not None:
            self._hurry(endpoint.seconds)
        if endpoint.identify:
            headers = request.headers
            if b"authorization" in headers or b"cookie" in headers:
                request.caller = await self._identify(request)
            if endpoint.guarded and method not in SAFE_METHODS and not self.origins.accepts(request):
                raise Refusal("forbidden", "This request comes from another site, or lacks an `Origin` header.")
        if endpoint.rate is not None:
            self._count(endpoint, request)
            if self.shared_count is not None:
                await self._count_shared(endpoint, request)
        return await endpoint.handle(request)

    def _route(self, request: Request) -> tuple[Route, str]:
        scope = request.scope
        if scope["http_version"] not in ("1.1", "1.0"):
            raise Refusal("version")
        raw: bytes = scope["raw_path"]
        if len(raw) + len(request.query_string) > self.limits.url:
            raise Refusal("uri-too-long")
        if len(scope["headers"]) > self.limits.headers:
            raise Refusal("headers-too-large")
        path = decode_path(raw)
        request.path = path if isinstance(path, str) else "/".join(path)
        found = self.router.find(path)
        if found is None:
            raise Refusal("not-found")
        route, request.parameters = found
        method = request.method
        if method == "HEAD" and "HEAD" not in route.endpoints:
            method = "GET"
        return route, method

    def _without_endpoint(self, request: Request, route: Route) -> Response:
        request.endpoint = next(iter(route.endpoints.values()))
        if request.method != "OPTIONS":
            raise Refusal("method-not-allowed", headers={"allow": route.allow})
        if self.cors is not None:
            return self.cors.preflight(request, route.allow)
        return Response(204, b"", [(b"allow", route.allow.encode("ascii"))])

    async def _identify(self, request: Request) -> Caller:
        headers = request.headers
        authorization = headers.get(b"authorization")
        if authorization is not None:
            scheme, _, token = authorization.decode("latin-1").partition(" ")
            scheme = scheme.lower()
            caller = await self.authenticate(scheme, token) if token and scheme in self.schemes else None
            if caller is None:
                raise Refusal("unauthenticated", "The credentials are not valid.")
            return caller
        if self.cookie is not None:
            token = request.cookies.get(self.cookie, "")
            if token:
                return await self.authenticate("cookie", token) or ANONYMOUS
        return ANONYMOUS

    def _hurry(self, seconds: float) -> None:
        task = asyncio.current_task()
        if task is not None and seconds < self.limits.seconds:
            self.deadlines.begin(task, perf_counter() + seconds)

    def _count(self, endpoint: Endpoint, request: Request) -> None:
        rate = self._rates.get(endpoint.name)
        if rate is None:
            rate = self._rates[endpoint.name] = Rate(endpoint.rate or 1)
        rate.take(request.caller.id or self.source(request), perf_counter())

    async def _count_shared(self, endpoint: Endpoint, request: Request) -> None:
        """The same over all processes, by the minute."""
        assert self.shared_count is not None
        now = time()
        who = request.caller.id or self.source(request)
        if await self.shared_count(endpoint.name, who, now) > (endpoint.rate or 1):
            raise Refusal("too-many", "Too many requests.", retry_after=60 - int(now) % 60)

    def _trace(self, request: Request) -> Span | None:
        given = request.headers.get(b"traceparent")
        context = None if given is None else parse_traceparent(given.decode("latin-1"))
        if context is not None:
            request.trace = context.trace
        tracer = self.telemetry.tracer
        if not tracer.active:
            return None
        if context is None:
            context = TraceContext(request.trace, None, tracer.sample())
        return tracer.start(context, request.method, request.id)

    async def _refused(self, request: Request, refusal: Refusal) -> Response:
        response = self._failed(refusal, request)
        if self.page_failure is None:
            return response
        try:
            return await self.page_failure(request, response, refusal)
        except Exception as error:
            return self._accident(request, error)

    async def _as_page(self, request: Request, response: Response) -> Response:
        if self.page_failure is None:
            return response
        try:
            return await self.page_failure(request, response, Refusal("internal"))
        except Exception:
            return response

    def _failed(self, refusal: Refusal, request: Request) -> Response:
        return self.failures.response(refusal, request.id)

    def _accident(self, request: Request, error: Exception) -> Response:
        operation = "" if request.endpoint is None else request.endpoint.name
        self.telemetry.log.failure("accident", error, request=request.id, trace=request.trace, operation=operation)
        if isinstance(error, DatabaseError):
            return self._failed(Refusal("busy", "The service cannot reach its data.", retry_after=5), request)
        return self._failed(Refusal("internal", f"Something went wrong; quote {request.id} when asking."), request)

    async def _send(self, request: Request, response: Response, send: Send) -> None:
        status = response.status
        headers = response.headers
        if self.cors is not None and request.endpoint is not None:
            self.cors.mark(request, headers)
        if status not in _NO_BODY and response.stream is None:
            headers.append(length_header(len(response.body)))
        headers.append((b"x-request-id", request.id.encode("ascii")))
        closes = self.closing or status in _CLOSING
        body = b"" if request.method == "HEAD" or status in _NO_BODY else response.body
        cycle = request.scope.get(CYCLE)
        if cycle is not None and response.stream is None:
            if closes:
                cycle.keep_alive = False
            await answer(cycle, status, join_headers(headers) + self._blocks[response.kind], body)
            return
        if closes:
            headers.append((b"connection", b"close"))
        headers += self._headers[response.kind]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if response.stream is not None and request.method != "HEAD":
            await self._stream(response, send)
            return
        await send({"type": "http.response.body", "body": body})

    async def _stream(self, response: Response, send: Send) -> None:
        assert response.stream is not None
        async with asyncio.timeout(self.limits.stream_seconds):
            async for piece in response.stream:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _record(self, request: Request, status: int, began: float, span: Span | None) -> None:
        seconds = perf_counter() - began
        endpoint = request.endpoint
        name, template = ("", "") if endpoint is None else (endpoint.name, endpoint.template)
        metrics = self._metrics.get(name)
        if metrics is None:
            metrics = self._metrics[name] = self.telemetry.metrics.operation(name)
        metrics.observe(status, seconds)
        if span is not None:
            span.name = f"{request.method} {template}"
            span.attributes = {"http.response.status_code": status, "http.route": template}
            self.telemetry.tracer.end(span, failed=status >= 500)
        if endpoint is not None and endpoint.quiet and status < 500:
            return
        caller = request.caller.id
        level: Level = "info" if status < 500 else "error"
        self.telemetry.log.request(
            RequestLine(
                datetime.now(UTC),
                level,
                request.id,
                request.trace,
                request.method,
                template,
                name,
                status,
                round(seconds * 1000, 3),
                None if caller is None else self.telemetry.caller(caller),
            )
        )
