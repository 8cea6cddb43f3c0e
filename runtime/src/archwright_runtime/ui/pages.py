"""All pages of a service as endpoints.

A form posts to the address of its own page.
What it sends is checked against forgery, decoded like any other form, and run by the same engine as the API; then the
browser is sent on (303), or the page comes again with what was wrong (422).
Nothing about a person is kept between two requests but cookies without data: the session, which belongs to the accounts
component; ``form``, a random stand-in for it; ``notice``, which sentence comes next; ``scheme``, light or dark.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from ..errors import Refusal
from ..http.csrf import COOKIE, FIELD, FormTokens, new_binding
from ..http.download import download
from ..http.request import Request
from ..http.response import Response, html, local_address, redirect
from ..http.router import Endpoint, Router
from ..http.security import Security
from ..http.source import direct
from ..operations.call import SetCookie
from ..plan import Plan
from .answers import Again, Done
from .engine import Engine
from .failures import failure
from .opened import OpenedPage
from .renderer import SCHEME_PATH, SIGN_OUT_PATH, Renderer
from .shell import SCHEMES, Shells
from .views import Flash, Link, Shell
from .visit import Visit

NOTICE = "notice"
SCHEME = "scheme"
_NOTICE_SECONDS = 60
_YEAR = 31_536_000
_EXPIRED = "This form is too old, or your browser keeps no cookies. Open the page again and repeat what you did."


class Pages:
    """Answers requests for pages.

    Args:
        engine: runs what pages show and submit.
        tokens: guards forms against other sites.
        security: names and settings of cookies.
        logo: the picture that ``theme.logo`` names, with its media type.

    Raises:
        PlanError: a page of the plan cannot be drawn.
    """

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        tokens: FormTokens,
        security: Security,
        *,
        source: Callable[[Request], str] = direct,
        logo: tuple[str, bytes] | None = None,
    ) -> None:
        self._plan = plan
        self._engine = engine
        self._tokens = tokens
        self._security = security
        self._source = source
        self._renderer = Renderer(plan, logo)
        self._shells = Shells(plan)
        self._pages = [OpenedPage(plan, template) for template in plan.pages]
        self._notices = {key: words for page in self._pages for key, words in page.notices().items()}

    def add_to(self, router: Router) -> None:
        """Answer at the addresses of all pages, of their style and script, and of what the shell's forms do."""
        for page in self._pages:
            self._add_page(router, page)
        if "/" not in self._plan.pages and not any(route.template == "/" for route in router):
            router.add("GET", "/", Endpoint("page /", "/", self._start))
        assets = self._renderer.assets
        for path in assets.paths:
            router.add("GET", path, Endpoint("asset", "/static/{file}", assets.serve, identify=False, quiet=True))
        router.add("POST", SCHEME_PATH, Endpoint("appearance", SCHEME_PATH, self._choose_scheme, 4_096))
        router.add("POST", SIGN_OUT_PATH, Endpoint("sign-out", SIGN_OUT_PATH, self._sign_out, 4_096))

    async def failure(self, request: Request, response: Response, refusal: Refusal) -> Response:
        """A refusal as a page, for browsers; everybody else gets the answer as it was."""
        if not _reads_pages(request):
            return response
        if refusal.kind == "unauthenticated" and self._shells.sign_in and request.method in ("GET", "HEAD"):
            return self._to_sign_in(request)
        visit = self._visit(request, None)
        home = Link("Go to the start", "/")
        view = failure(response.status, refusal.detail, request.id, home)
        try:
            shell = await self._shells.shell(visit, self._scheme(request), None)
        except Exception:
            # Whatever keeps the shell from being drawn, the failure itself is still told.
            shell = Shell(here="/", scheme=self._scheme(request))
        page = html(self._renderer.failure(view, shell), response.status)
        page.headers += [header for header in response.headers if header[0] in (b"allow", b"retry-after")]
        return page

    def _add_page(self, router: Router, page: OpenedPage) -> None:
        async def open(request: Request) -> Response:
            return await self._open(page, request)

        async def take(request: Request) -> Response:
            return await self._take(page, request)

        name = f"page {page.template}"
        router.add("GET", page.template, Endpoint(name, page.template, open))
        if page.operations:
            router.add(
                "POST", page.template, Endpoint(name, page.template, take, body_limit=page.body_limit, rate=page.rate)
            )

    async def _open(self, page: OpenedPage, request: Request) -> Response:
        visit = self._visit(request, page.row(request.parameters))
        elsewhere = await self._elsewhere(page, visit)
        if elsewhere is not None:
            return elsewhere
        wanted = request.query_value("_file")
        if wanted is not None:
            return await self._file(page, visit, wanted)
        return await self._shown(page, visit)

    async def _take(self, page: OpenedPage, request: Request) -> Response:
        visit = self._visit(request, page.row(request.parameters))
        if not await visit.may(page.page.access):
            raise Refusal("unauthenticated" if visit.caller.id is None else "forbidden")
        form = await request.form()
        if not self._tokens.accepts(self._binding(request) or "", form.value(FIELD)):
            raise Refusal("forbidden", _EXPIRED)
        answer, index = await page.take(visit, form)
        if isinstance(answer, Again):
            return await self._shown(page, visit, answer, index)
        if isinstance(answer, Done):
            return self._gone_on(answer)
        return answer

    async def _elsewhere(self, page: OpenedPage, visit: Visit) -> Response | None:
        """Where the browser is sent instead: to sign in, or to a page that the person may open.

        Raises:
            Refusal: the person may not open the page, and there is nowhere else to go.
        """
        known = visit.caller.id is not None
        if known and page.template == self._shells.sign_in:
            return redirect(local_address(visit.request.query_value("next") or "/"))
        if await visit.may(page.page.access):
            return None
        if not known and self._shells.sign_in:
            return self._to_sign_in(visit.request)
        first = await self._shells.first(visit) if page.template == "/" else None
        if first is None:
            raise Refusal("forbidden" if known else "unauthenticated")
        return redirect(first)

    async def _start(self, request: Request) -> Response:
        visit = self._visit(request, None)
        first = await self._shells.first(visit)
        if first is not None:
            return redirect(first)
        if visit.caller.id is None and self._shells.sign_in:
            return redirect(self._shells.sign_in)
        raise Refusal("not-found")

    async def _shown(
        self, page: OpenedPage, visit: Visit, again: Again | None = None, at: int | None = None
    ) -> Response:
        binding = self._binding(visit.request)
        fresh = new_binding() if binding is None and page.operations else None
        if fresh is not None:
            visit.token = self._tokens.issue(fresh)
        view = await page.show(visit, again, at)
        notice = visit.request.cookies.get(self._security.cookie_name(NOTICE))
        words = self._notices.get(notice or "")
        shell = await self._shells.shell(visit, self._scheme(visit.request), Flash(words) if words else None)
        failed = again is not None and again.failed
        response = html(self._renderer.page(view, shell, failed=failed), again.status if again else 200)
        if fresh is not None:
            response.headers.append(self._security.cookie(SetCookie(COOKIE, fresh)))
        if notice is not None:
            response.headers.append(self._security.cookie(SetCookie(NOTICE, None)))
        return response

    def _gone_on(self, done: Done) -> Response:
        response = redirect(done.location)
        for cookie in done.cookies:
            response.headers.append(self._security.cookie(cookie))
        if done.notice is not None:
            response.headers.append(self._security.cookie(SetCookie(NOTICE, done.notice, _NOTICE_SECONDS)))
        return response

    async def _file(self, page: OpenedPage, visit: Visit, wanted: str) -> Response:
        index, row, column = [*wanted.split(".", 2), "", ""][:3]
        if not index.isascii() or not index.isdigit() or len(index) > 3 or int(index) >= len(page.parts):
            raise Refusal("not-found")
        value = await page.parts[int(index)].file(visit, column, row)
        return await download(visit.request, await self._engine.file(value))

    async def _choose_scheme(self, request: Request) -> Response:
        form = await request.form()
        chosen = form.value("scheme")
        response = redirect(local_address(form.value("next") or "/"))
        if chosen in SCHEMES:
            cookie = SetCookie(SCHEME, None if chosen == "auto" else chosen, _YEAR)
            response.headers.append(self._security.cookie(cookie))
        return response

    async def _sign_out(self, request: Request) -> Response:
        form = await request.form()
        if not self._tokens.accepts(self._binding(request) or "", form.value(FIELD)):
            raise Refusal("forbidden", _EXPIRED)
        if self._shells.sign_out is None:
            raise Refusal("not-found")
        visit = self._visit(request, None)
        outcome = await self._engine.run(self._shells.sign_out, visit.call())
        return self._gone_on(Done(self._shells.sign_in or "/", cookies=outcome.cookies))

    def _to_sign_in(self, request: Request) -> Response:
        here = str(request.path) + (
            f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
        )
        return redirect(f"{self._shells.sign_in}?next={quote(here, safe='')}")

    def _visit(self, request: Request, row: str | None) -> Visit:
        binding = self._binding(request)
        return Visit(
            engine=self._engine,
            request=request,
            address=quote(str(request.path)),
            row=row,
            token=self._tokens.issue(binding) if binding else "",
            source=self._source(request),
        )

    def _binding(self, request: Request) -> str | None:
        """What a form's token is bound to: the session, or a cookie of its own where there is none."""
        if request.caller.session:
            return request.caller.session
        return request.cookies.get(self._security.cookie_name(COOKIE)) or None

    def _scheme(self, request: Request) -> str:
        return request.cookies.get(self._security.cookie_name(SCHEME), "auto")


def _reads_pages(request: Request) -> bool:
    """Whether a browser asks: it names HTML, and does not prefer JSON."""
    accept = (request.header(b"accept") or "").lower()
    page, data = accept.find("text/html"), accept.find("json")
    return page >= 0 and (data < 0 or page < data)
