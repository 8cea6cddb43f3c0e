"""A request as it came, read lazily and within bounds.

Rules of this border:

* A path is percent-decoded once, per segment, as strict UTF-8; controls and dot segments are refused.
* A header that must be single and is not, is refused: two readers must never see two different requests.
* A cookie that came twice with different values counts as absent: nobody can say whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import unquote_to_bytes

from ..caller import ANONYMOUS, Caller
from ..errors import Refusal

if TYPE_CHECKING:
    from .forms import Form, FormLimits, Upload
    from .router import Endpoint

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_PARAMETERS = 100
MAX_COOKIES = 64
_SINGLE = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"origin",
        b"range",
        b"sec-fetch-site",
        b"traceparent",
        b"transfer-encoding",
    }
)
# C0 and C1 controls and DEL: no name or value that we take from an address needs them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Disconnected(Exception):
    """The client went away before its body was complete; nobody is left to answer."""


class Request:
    """One request. Everything but the method and the path is read when asked for."""

    __slots__ = (
        "_body",
        "_cookies",
        "_form",
        "_headers",
        "_query",
        "_receive",
        "body_limit",
        "caller",
        "endpoint",
        "id",
        "method",
        "parameters",
        "path",
        "query_string",
        "scope",
        "trace",
    )

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self._receive = receive
        self.method: str = scope["method"]
        self.path: str = ""
        self.query_string: bytes = scope["query_string"]
        self.parameters: dict[str, str] = {}
        self.endpoint: Endpoint | None = None
        self.caller: Caller = ANONYMOUS
        self.id = ""
        self.trace = ""
        self.body_limit = 1_048_576
        self._headers: dict[bytes, bytes] | None = None
        self._cookies: dict[str, str] | None = None
        self._query: dict[str, list[str]] | None = None
        self._body: bytes | None = None
        self._form: Form | None = None

    @property
    def headers(self) -> dict[bytes, bytes]:
        """Headers by lower-case name; those that came several times joined as RFC 9110 5.3 says."""
        if self._headers is None:
            raw = self.scope["headers"]
            headers = dict(raw)
            # Headers that are refused count as none for whatever tells so.
            self._headers = {}
            self._headers = headers if len(headers) == len(raw) else _merged(raw)
        return self._headers

    def header(self, name: bytes) -> str | None:
        """One header's value as text."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies by name, without those that came twice with different values."""
        if self._cookies is None:
            raw = self.headers.get(b"cookie")
            self._cookies = {} if raw is None else parse_cookies(raw.decode("latin-1"))
        return self._cookies

    @property
    def query(self) -> dict[str, list[str]]:
        """Query parameters in their order, each with all its values."""
        if self._query is None:
            self._query = parse_pairs(self.query_string) if self.query_string else {}
        return self._query

    def query_value(self, name: str) -> str | None:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else None

    @property
    def media(self) -> str:
        """The media type of the body without parameters, lower case; empty where there is none."""
        value = self.headers.get(b"content-type")
        if value is None:
            return ""
        return value.partition(b";")[0].strip().decode("latin-1").lower()

    async def chunks(self) -> Any:
        """The body as it arrives; no more bytes than ``body_limit``."""
        self._refuse_announced()
        taken = 0
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk = message.get("body", b"")
            more = message.get("more_body", False)
            taken += len(chunk)
            if taken > self.body_limit:
                raise self._too_large()
            if chunk:
                yield chunk

    async def body(self) -> bytes:
        """The whole body; refused where it is larger than ``body_limit``."""
        if self._body is None:
            self._body = await self._read()
        return self._body

    async def _read(self) -> bytes:
        self._refuse_announced()
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        first: bytes = message.get("body", b"")
        if len(first) > self.body_limit:
            raise self._too_large()
        if not message.get("more_body", False):
            return first
        parts = [first]
        taken = len(first)
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk = message.get("body", b"")
            more = message.get("more_body", False)
            taken += len(chunk)
            if taken > self.body_limit:
                raise self._too_large()
            parts.append(chunk)
        return b"".join(parts)

    async def form(self, limits: FormLimits | None = None) -> Form:
        """The body as a form, urlencoded or multipart; files spool to disk. Close it when done."""
        if self._form is None:
            from .forms import read_form

            self._form = await read_form(self, limits)
        return self._form

    async def file(self, most: int | None = None) -> Upload:
        """The body as one file of at most so many bytes; spools to disk."""
        from .forms import DEFAULT_LIMITS, Form, Upload

        file = cast(BinaryIO, SpooledTemporaryFile(max_size=DEFAULT_LIMITS.memory))  # noqa: SIM115
        came = Upload("file", self.media, 0, file)
        self._form = Form(files={"": [came]})
        async for chunk in self.chunks():
            came.size += file.write(chunk)
            if most is not None and came.size > most:
                raise Refusal("too-large", f"A file may have at most {most} bytes.")
        return came

    def close(self) -> None:
        """Give back what the body took (spooled files)."""
        if self._form is not None:
            self._form.close()

    def _refuse_announced(self) -> None:
        announced = self.headers.get(b"content-length")
        if announced is None:
            return
        # int() takes signs, spaces and underscores; RFC 9110 8.6 takes digits only.
        if not announced.isdigit() or len(announced) > 18:
            raise Refusal("malformed", "Content-Length is not a number.")
        if int(announced) > self.body_limit:
            raise self._too_large()

    def _too_large(self) -> Refusal:
        return Refusal("too-large", f"The body may have at most {self.body_limit} bytes.")


def decode_path(raw: bytes) -> list[str] | str:
    """A raw path as text, or as segments where one of them holds an escaped slash.

    Raises:
        Refusal: a broken escape, invalid UTF-8, a control character or a dot segment.
    """
    if b"%" not in raw:
        try:
            path = raw.decode("ascii")
        except UnicodeDecodeError:
            raise _bad_path() from None
        if ("/." in path or path.startswith(".")) and _has_dots(path.split("/")):
            raise _bad_path()
        if _CONTROL.search(path):
            raise _bad_path()
        return path
    segments = [decode_text(segment, plus=False) for segment in raw.split(b"/")]
    if _has_dots(segments):
        raise _bad_path()
    if any("/" in segment or "\\" in segment for segment in segments):
        return segments
    return "/".join(segments)


def decode_text(raw: bytes, *, plus: bool) -> str:
    """One percent-encoded value, decoded once as strict UTF-8 without control characters but tab and line ends.

    Raises:
        Refusal: it is none.
    """
    if plus and b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        if _BROKEN_ESCAPE.search(raw):
            raise Refusal("malformed", "An address holds a broken percent escape.")
        raw = unquote_to_bytes(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("malformed", "An address or form is not valid UTF-8.") from None
    if "\x00" in text:
        raise Refusal("malformed", "An address or form holds a NUL character.")
    if not plus and _CONTROL.search(text):
        raise _bad_path()
    return text


def parse_pairs(raw: bytes, most: int = MAX_PARAMETERS) -> dict[str, list[str]]:
    """``a=1&b=2`` by name (WHATWG form encoding, but strict about UTF-8 and escapes).

    Raises:
        Refusal: broken escapes, invalid UTF-8, NUL, or more than ``most`` pairs.
    """
    values: dict[str, list[str]] = {}
    pairs = raw.split(b"&", most)
    if len(pairs) > most:
        raise Refusal("malformed", f"At most {most} parameters are taken.")
    for pair in pairs:
        if not pair:
            continue
        name, _, value = pair.partition(b"=")
        values.setdefault(decode_text(name, plus=True), []).append(decode_text(value, plus=True))
    return values


def parse_cookies(raw: str) -> dict[str, str]:
    """A ``Cookie`` header by name; names that came twice with different values are left out."""
    cookies: dict[str, str] = {}
    doubted: set[str] = set()
    for pair in raw.split(";", MAX_COOKIES)[:MAX_COOKIES]:
        name, separator, value = pair.strip().partition("=")
        if not separator or not name:
            continue
        if cookies.setdefault(name, value) != value:
            doubted.add(name)
    for name in doubted:
        del cookies[name]
    return cookies


def _merged(raw: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in raw:
        if name not in headers:
            headers[name] = value
        elif name in _SINGLE:
            raise Refusal("malformed", f"The header {name.decode('latin-1')} came more than once.")
        else:
            headers[name] += (b"; " if name == b"cookie" else b", ") + value
    return headers


def _has_dots(segments: list[str]) -> bool:
    return "." in segments or ".." in segments


def _bad_path() -> Refusal:
    return Refusal("malformed", "The path is not a plain path.")
