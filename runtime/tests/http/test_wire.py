"""The edge behind a real uvicorn: what only bytes on a socket can show."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest

from archwright_runtime.http.limits import Limits
from archwright_runtime.http.protocol import join_headers
from archwright_runtime.operations.call import Outcome, StoredFile

from .support import exchange, listening, operation, pieces_of, random_bytes, service, value

_POST = b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 13\r\n"
_LIMITS = Limits(url=1_000, headers=50, header_bytes=8_000, seconds=1.0)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A service on a socket."""
    file = StoredFile("F" * 22, "a.bin", "application/octet-stream", 300_000, pieces_of(b"x" * 300_000))
    made = service(
        {
            "Get": operation("GET", "/x"),
            "Create": operation("POST", "/x", value("title", max=20), body_limit=5_000),
            "File": operation("GET", "/file"),
        },
        {"File": lambda call: Outcome(file=file)},
        limits=_LIMITS,
    )
    with listening(made.edge) as found:
        yield found


def _statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", received)]


def test_requests_follow_each_other_on_one_connection(port: int) -> None:
    """Kept alive and pipelined, each is answered once and in order."""
    one = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n"
    post = _POST + b"\r\n" + b'{"title":"a"}'

    assert _statuses(exchange(port, one + post + one)) == [200, 200, 200]


def test_a_request_may_come_byte_by_byte(port: int) -> None:
    """However the bytes are cut, the request is the same."""
    assert _statuses(exchange(port, b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n", pieces=1)) == [200]


def test_a_chunked_body_is_read(port: int) -> None:
    """Chunks are joined."""
    head = b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"

    assert _statuses(exchange(port, head + b'8\r\n{"title"\r\n5\r\n:"a"}\r\n0\r\n\r\n')) == [200]


def test_old_clients_are_answered_and_let_go(port: int) -> None:
    """HTTP/1.0 closes after its answer."""
    received = exchange(port, b"GET /x HTTP/1.0\r\n\r\n")

    assert _statuses(received) == [200]
    assert b"connection: close" in received


def test_a_large_file_is_streamed(port: int) -> None:
    """Every byte arrives."""
    received = exchange(port, b"GET /file HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")

    assert received.endswith(b"x" * 300_000)


def test_a_head_request_sends_no_body(port: int) -> None:
    """The next answer follows the head directly."""
    received = exchange(port, b"HEAD /x HTTP/1.1\r\nhost: a\r\n\r\nGET /x HTTP/1.1\r\nhost: a\r\n\r\n")

    assert _statuses(received) == [200, 200]
    assert received.count(b'{"input"') == 1


_SMUGGLED = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 5\r\ntransfer-encoding: chunked",
        b"transfer-encoding: chunked\r\ncontent-length: 5",
        b"content-length: 5\r\ncontent-length: 6",
        b"content-length: 5, 6",
        b"content-length: +5",
        b"content-length: -5",
        b"content-length: 0x5",
        b"content-length: 5 6",
        b"content-length:\x0b5",
        b"content-length : 5",
        b"transfer-encoding : chunked",
        b"transfer-encoding: xchunked",
        b"transfer-encoding: chunked, identity",
        b"transfer-encoding: identity, chunked\r\ntransfer-encoding: x",
        b"transfer-encoding:\x0bchunked",
        b"transfer-encoding: chun\x00ked",
        b"x: y\ntransfer-encoding: chunked",
        b" folded: value",
        b"x: y\r\n folded",
        b"x\x00y: z",
        b"x y: z",
        b": z",
        b"no colon",
        b"x: a\rb",
        b"x: a\x00b",
    ],
)
def test_no_request_hides_behind_another(port: int, head: bytes) -> None:
    """Where two readers could disagree about where a request ends, it is refused and what follows is not answered."""
    received = exchange(port, b"POST /x HTTP/1.1\r\nhost: a\r\n" + head + b"\r\n\r\n0\r\n\r\n" + _SMUGGLED)

    assert all(status >= 400 for status in _statuses(received)), received
    assert len(_statuses(received)) <= 1


@pytest.mark.parametrize(
    "line",
    [
        b"GET /x HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET /x y HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /x\x00 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /caf\xc3\xa9 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /x%0d%0aset-cookie:a=b HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /x/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /x/..\\..\\etc HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /x HTTP/9.9\r\nhost: a\r\n\r\n",
        b"GET /x HTTP/2.0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"FOO /x HTTP/1.1\r\nhost: a\r\n\r\n",
        b"CONNECT evil.test:443 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"\r\n" * 3 + b"\x00" * 100,
    ],
)
def test_a_strange_request_gets_no_answer_but_an_error(port: int, line: bytes) -> None:
    """Malformed first lines, other protocols and disguised paths are refused, and the service goes on."""
    received = exchange(port, line)

    assert all(status >= 400 for status in _statuses(received)), received
    assert b"set-cookie" not in received.lower()
    assert _statuses(exchange(port, b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n")) == [200]


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 1_100 + b" HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /x?" + b"a" * 1_100 + b" HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /x HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 60 + b"\r\n",
        b"GET /x HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 500_000,
        b"GET /x HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 500_000,
        b"GET /x HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 100_000,
    ],
)
def test_a_head_is_bounded(port: int, head: bytes) -> None:
    """Long addresses, many and large headers are refused, and ones without an end are not collected."""
    statuses = _statuses(exchange(port, head))

    assert statuses in ([400], [414], [431], [])


def test_a_body_beyond_its_limit_ends_the_connection(port: int) -> None:
    """The rest of a refused body is not read."""
    head = b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"

    received = exchange(port, head + b"x" * 100_000)

    assert _statuses(received) == [413]
    assert b"connection: close" in received


def test_a_body_that_never_comes_is_given_up(port: int) -> None:
    """A slow sender holds its request no longer than others."""
    head = b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head)

        assert _statuses(connection.recv(65_536)) == [504]


def test_noise_is_survived(port: int) -> None:
    """Random bytes get an error or silence."""
    for _ in range(20):
        assert all(status >= 400 for status in _statuses(exchange(port, random_bytes(500) + b"\r\n\r\n")))


def test_expecting_clients_are_told_to_go_on(port: int) -> None:
    """100 Continue is sent only once the body is wanted."""
    received = exchange(port, _POST + b"expect: 100-continue\r\n\r\n" + b'{"title":"a"}')

    assert _statuses(received) == [100, 200]


def test_answers_hold_what_they_say(port: int) -> None:
    """The body is as long as announced and the head has its date."""
    head, _, body = exchange(port, b"GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").partition(b"\r\n\r\n")
    headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])

    assert int(headers[b"content-length"]) == len(body)
    assert json.loads(body) == {"input": {}}
    assert b"date" in headers
    assert b"server" not in headers


@pytest.mark.parametrize("value_", [b"a\r\nb: c", b"a\nb", b"a\rb", b"a\x00b"])
def test_a_header_that_would_split_the_answer_is_refused(value_: bytes) -> None:
    """The last check before the wire counts line ends."""
    with pytest.raises(ValueError):
        join_headers([(b"x", value_)])
