"""A whole service as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import DatabaseError, PlanError, ServiceError
from ..http.cors import Cors
from ..http.csrf import FormTokens, Origins
from ..http.documentation import add_description
from ..http.edge import Edge
from ..http.endpoints import OperationHandler, Source, operation_endpoint
from ..http.health import Health, add_metrics
from ..http.problem import Failures
from ..http.request import Receive, Scope, Send
from ..http.router import Router
from ..http.security import Security
from ..http.signed import SignedHandler
from ..http.source import behind, direct
from ..operations.engine import Engine, Options
from ..persistence.database import Database
from ..persistence.migrate import migrate, pending, read_migrations, require_current
from ..persistence.opening import connect
from ..plan import Operation, Plan
from ..secrets.source import Secrets
from ..telemetry.telemetry import Telemetry
from .integrity import Distribution, load
from .observation import telemetry
from .settings import Deployment, read_settings
from .timed import TimedDatabase
from .vaults import open_secrets, required_secrets


class Application:
    """Runs what was built; an ASGI 3 application with a lifespan.

    Example::

        application = Application(Path("dist"), read_deployment(os.environ), os.environ)
        uvicorn.run(application)

    Args:
        directory: the built service.
        deployment: how it is run.
        variables: the environment, for settings and secrets.
        migrations: apply what is pending at start; else refuse to start on tables that are behind.
    """

    def __init__(
        self,
        directory: Path,
        deployment: Deployment,
        variables: Mapping[str, str],
        *,
        migrations: bool = False,
        secrets: Secrets | None = None,
    ) -> None:
        self.distribution: Distribution = load(directory)
        self.deployment = deployment
        self._migrations = migrations
        plan = self.distribution.plan
        self._settings: dict[str, Any] = read_settings(plan, variables)
        self.secrets = secrets or open_secrets(deployment, variables)
        self.secrets.require(required_secrets(plan))
        self.telemetry: Telemetry = telemetry(deployment, plan, self.secrets)
        driver = connect(deployment.database, connections=deployment.connections)
        self.database: Database = TimedDatabase(driver, self.telemetry.metrics.database)
        self.engine = Engine(
            plan,
            self.database,
            settings=self._settings,
            secrets=self.secrets,
            options=Options(
                remember_tokens=deployment.remember_tokens, isolation=deployment.isolation, private=deployment.private
            ),
            report=self._report,
        )
        self.router = Router()
        self.handlers: dict[str, OperationHandler] = {}
        self.health = Health({"database": self._reachable, "migrations": self._current})
        self._edge: Edge | None = None
        self._work: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI event stream."""
        if self._edge is not None and scope["type"] == "http":
            await self._edge(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            raise RuntimeError("the service has not started")

    async def start(self) -> None:
        """Open the database, compile every operation, take requests.

        Raises:
            StartError: the service must not start; the message says why.
        """
        await self.database.open()
        try:
            await self._prepare_tables()
            await self.engine.start()
            self._edge = self._checked_edge()
            self._edge.deadlines.start()
        except BaseException:
            await self.engine.stop()
            await self.database.close()
            raise
        if self.deployment.background:
            self._work = asyncio.get_running_loop().create_task(self.engine.work())
            self._work.add_done_callback(self._work_ended)
        if self.engine.isolation.in_force:
            self.telemetry.log.event("info", "isolation", **self.engine.isolation.in_force)
        self.telemetry.log.event(
            "info", "started", service=self.distribution.plan.name, operations=len(self.distribution.plan.operations)
        )

    async def stop(self) -> None:
        """Finish what runs within its bound, then let go of everything."""
        edge = self._edge
        given_up = 0
        if edge is not None:
            edge.closing = self.health.closing = True
            given_up = await edge.deadlines.drain(self.deployment.limits.drain_seconds)
            await edge.deadlines.stop()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        await self.engine.stop()
        await self.database.close()
        self.telemetry.log.event("info", "stopped", given_up=given_up)
        self.telemetry.close()

    def _checked_edge(self) -> Edge:
        try:
            return self._build()
        except ValueError as error:
            raise PlanError(f"the plan cannot be served: {error}") from None

    def _build(self) -> Edge:
        plan, deployment = self.distribution.plan, self.deployment
        security = Security(deployment.transport)
        schemes = self.engine.schemes if plan.identity is not None else ()
        cookie = self.engine.cookie if plan.identity is not None else None
        failures = Failures(plan.errors, ", ".join(scheme.capitalize() for scheme in schemes) or "Bearer")
        source = behind(deployment.proxies) if deployment.proxies else direct
        for name, operation in plan.operations.items():
            if operation.trigger.kind == "http" and operation.trigger.method is not None:
                handler = self._handler(name, operation, failures, security, source)
                self.handlers[name] = handler
                path = operation.trigger.path or "/"
                self.router.add(operation.trigger.method, path, operation_endpoint(name, operation, handler))
        self.health.add_to(self.router)
        if self.distribution.openapi:
            add_description(self.router, self.distribution.openapi)
        if deployment.metrics == "public":
            add_metrics(self.router, self.telemetry.metrics.text)
        edge = Edge(
            router=self.router,
            telemetry=self.telemetry,
            failures=failures,
            origins=Origins(deployment.transport, deployment.origin, frozenset(plan.cors)),
            security=security,
            limits=deployment.limits,
            authenticate=self.engine.authenticate,
            schemes=frozenset(schemes),
            cookie=None if cookie is None else security.cookie_name(cookie),
            cors=Cors(plan.cors) if plan.cors else None,
            source=source,
        )
        sharing = self.engine.service.sharing
        edge.shared_count = None if sharing is None else sharing.count
        if plan.pages:
            from ..ui.pages import Pages

            pages = Pages(plan, self.engine, FormTokens(self.secrets.key("form-tokens")), security, source=source)
            pages.add_to(self.router)
            edge.page_failure = pages.failure
        return edge

    def _handler(
        self, name: str, operation: Operation, failures: Failures, security: Security, source: Source
    ) -> OperationHandler:
        wire, signature = self.distribution.plan.wire, operation.trigger.signature
        if signature is None:
            cookies = _own_cookies(self.distribution.plan)
            return OperationHandler(name, operation, self.engine, failures, security, source, wire, cookies)
        secret = self.secrets.get(signature.secret).reveal()
        return SignedHandler(name, operation, self.engine, failures, security, source, wire, secret)

    async def _prepare_tables(self) -> None:
        migrations = read_migrations(self.distribution.migrations, self.database.dialect)
        if not self._migrations:
            await require_current(self.database, migrations)
            return
        for name in await migrate(self.database, migrations):
            self.telemetry.log.event("info", "migrated", migration=name)

    async def _reachable(self) -> bool:
        try:
            await self.database.fetch("SELECT 1")
        except DatabaseError:
            return False
        return True

    async def _current(self) -> bool:
        migrations = read_migrations(self.distribution.migrations, self.database.dialect)
        try:
            return not await pending(self.database, migrations)
        except DatabaseError:
            return False

    def _report(self, event: str, fields: Mapping[str, Any]) -> None:
        self.telemetry.log.event("warning", event, **fields)
        self.telemetry.metrics.count("archwright_events", event)

    def _work_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.telemetry.log.failure("work-ended", error)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except Exception as error:
            known = isinstance(error, ServiceError)
            self.telemetry.log.failure("start-refused", error)
            await send({"type": "lifespan.startup.failed", "message": str(error) if known else type(error).__name__})
            self.telemetry.close()
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _own_cookies(plan: Plan) -> frozenset[str]:
    """Names of cookies that operations set."""
    return frozenset(cookie.name for one in plan.operations.values() for cookie in one.returns.cookies)
