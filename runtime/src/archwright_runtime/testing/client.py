"""Asks an ASGI application directly, as a browser or a program would over a network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec

Application = Callable[[Any, Any, Any], Awaitable[None]]

Sent = tuple[str, bytes, str]
"""A file as a browser sends it: its name, its bytes, its media type."""
_BOUNDARY = b"between-the-parts-of-a-form-0123456789"


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        headers: by lower-case name; of repeated ones the last.
        cookies: set by this answer, by name.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, str]

    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)

    @property
    def problems(self) -> dict[str, str]:
        """Codes of problem details by their pointers."""
        return {one["pointer"]: one["code"] for one in self.json().get("errors", ())}


@dataclass
class Client:
    """One browser or program: keeps its cookies and its token.

    Example::

        client = Client(application)
        await client.post("/api/accounts/sign-in", json={"email": "ada@example.org", "password": "..."})
        answer = await client.get("/api/tickets")
        assert answer.status == 200
    """

    application: Application
    token: str | None = None
    scheme: str = "Bearer"
    cookies: dict[str, str] = field(default_factory=dict)
    host: str = "service.test"
    address: str = "192.0.2.1"

    async def get(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Read."""
        return await self.request("GET", target, headers=headers)

    async def post(self, target: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Create or do."""
        return await self.request("POST", target, json=json, headers=headers)

    async def patch(self, target: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Change."""
        return await self.request("PATCH", target, json=json, headers=headers)

    async def delete(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Delete."""
        return await self.request("DELETE", target, headers=headers)

    async def submit(self, target: str, values: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Send a form as a page does."""
        media = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
        return await self.request("POST", target, body=urlencode(values).encode(), headers=media)

    async def upload(
        self,
        target: str,
        files: Mapping[str, Sent],
        values: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send files, and values beside them, as a form does."""
        body = b"".join(
            [
                *(_part(name, None, value.encode()) for name, value in (values or {}).items()),
                *(_part(name, (sent[0], sent[2]), sent[1]) for name, sent in files.items()),
                b"--" + _BOUNDARY + b"--\r\n",
            ]
        )
        media = {"content-type": f"multipart/form-data; boundary={_BOUNDARY.decode()}", **(headers or {})}
        return await self.request("POST", target, body=body, headers=media)

    async def request(
        self,
        method: str,
        target: str,
        *,
        json: Any = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and take its answer."""
        given = self._headers(headers or {})
        if json is not None:
            body = msgspec.json.encode(json)
            given.setdefault("content-type", "application/json")
        if body:
            given["content-length"] = str(len(body))
        answer = await self._exchange(method, target, body, given)
        for name, value in answer.cookies.items():
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        given = {"host": self.host, "sec-fetch-site": "same-origin"}
        if self.token is not None:
            given["authorization"] = f"{self.scheme} {self.token}"
        if self.cookies:
            given["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return given | {name.lower(): value for name, value in headers.items()}

    async def _exchange(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        raw_path, _, query = target.encode("ascii").partition(b"?")
        scope = {
            "type": "http",
            "method": method,
            "raw_path": raw_path,
            "path": raw_path.decode("ascii"),
            "query_string": query,
            "headers": [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()],
            "client": (self.address, 1),
            "http_version": "1.1",
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        pairs = [(name.decode("ascii"), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], dict(pairs), content, _cookies(pairs))


def _cookies(headers: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if name == "set-cookie":
            key, _, rest = value.partition("=")
            found[key] = rest.partition(";")[0]
    return found


def _part(name: str, file: tuple[str, str] | None, content: bytes) -> bytes:
    """One part of a form; the name of a file is escaped as browsers do (WHATWG, 4.10.21.8)."""
    head = f'content-disposition: form-data; name="{name}"'
    if file is not None:
        called = file[0].replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")
        head += f'; filename="{called}"\r\ncontent-type: {file[1]}'
    return b"--" + _BOUNDARY + b"\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"
