"""Configured programs run on files; nothing that is given reaches them in any other way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from archwright_runtime.errors import Refusal, SettingError
from archwright_std_tools import create
from testing_support.isolated import Workbench, stated_defaults, workbench
from testing_support.programs import needs

pytestmark = pytest.mark.asyncio(loop_scope="module")


def tool(program: str, *arguments: str, **more: Any) -> dict[str, Any]:
    """A tool as it is configured."""
    usual = {"input": "in.txt", "output": "out.txt", "media": "text/plain"}
    return {"program": program, "arguments": list(arguments), **usual, **more}


TOOLS = {
    "head": tool(
        "sh",
        "-c",
        'head -n "$1" -- "$2" > "$3"; :',
        "sh",
        "{lines}",
        "{input}",
        "{output}",
    ),
    "copy": tool("cp", "--", "{input}", "{output}"),
    "sort": tool(
        "sort",
        "-o",
        "{output}",
        "--key",
        "{column}",
        "--sort",
        "{order}",
        "--",
        "{input}",
        values={"column": {"low": 1, "high": 9}, "order": {"one_of": ["numeric", "month"], "default": "numeric"}},
    ),
    "literal": tool("cp", "{input}", "a{output}"),
    "silent": tool("true"),
    "failing": tool("false"),
    "endless": tool("sleep", "30", seconds=1),
    "copy-secret": tool("cp", "/etc/passwd", "{output}"),
    "link": tool("ln", "-s", "/etc/passwd", "{output}"),
    "hard-link": tool("ln", "{input}", "{output}"),
}
TOOLS["head"]["values"] = {"lines": {"low": 1, "high": 5}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Workbench]:
    """The component with several tools."""
    async with workbench(create, tools=TOOLS) as made:
        yield made


async def refusal(bench: Workbench, name: str, **values: Any) -> str:
    """The kind of refusal."""
    with pytest.raises(Refusal) as caught:
        await bench.call("run", tool=name, file=b"2\n1\n", values=values)
    return caught.value.kind


async def test_running(bench: Workbench) -> None:
    """What a tool makes is kept under the file's name with its own ending."""
    file = bench.file(b"b 2\na 10\n", "list.of.things")

    made = await bench.call("run", tool="sort", file=file, values={"column": 2})

    assert bench.content(made["file"]) == b"b 2\na 10\n"
    assert (made["file"]["name"], made["file"]["media"]) == ("list.of.txt", "text/plain")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"column": 0},
        {"column": 10},
        {"column": -1},
        {"column": "1"},
        {"column": True},
        {"column": 1.0},
        {"column": [1]},
        {"column": 1, "order": "--files0-from=/etc/passwd"},
        {"column": 1, "order": "random"},
        {"column": 1, "order": "$(id)"},
        {"column": 1, "more": "x"},
        {"column": 1, "input": "/etc/passwd"},
    ],
)
async def test_values(bench: Workbench, values: dict[str, Any]) -> None:
    """Only values of the configuration are filled in."""
    assert await refusal(bench, "sort", **values) == "invalid-values"


async def test_text_of_pdf() -> None:
    """The example of the page works with the real program."""
    needs("pdftotext")
    template = ["-enc", "UTF-8", "-l", "{pages}", "{input}", "{output}"]
    values = {"pages": {"low": 1, "high": 50, "default": 10}}
    drawn = b"BT /F 12 Tf 20 100 Td (Words of a page) Tj ET"
    content = (
        b"%%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
        b"2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj\n"
        b"3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F "
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >> endobj\n"
        b"4 0 obj << /Length %d >>\nstream\n%s\nendstream endobj\ntrailer << /Root 1 0 R >>\n" % (len(drawn), drawn)
    )

    async with workbench(create, tools={"text": tool("pdftotext", *template, values=values)}) as bench:
        made = await bench.call("run", tool="text", file=content)

        assert b"Words of a page" in bench.content(made["file"])
        assert await refusal(bench, "text") == "tool-failed"


async def test_values_are_named(bench: Workbench) -> None:
    """A list of arguments is no values."""
    with pytest.raises(Refusal, match="by name"):
        await bench.call("run", tool="copy", file=b"x", values=["--help"])


@pytest.mark.parametrize("name", ["silent", "failing", "literal", "copy-secret", "link", "hard-link", "head"])
async def test_failing(bench: Workbench, name: str) -> None:
    """A tool that makes nothing, reads what it may not, or leaves a link, failed."""
    values = {"lines": 1} if name == "head" else {}
    assert await refusal(bench, name, **values) == "tool-failed"


async def test_endless(bench: Workbench) -> None:
    """A tool that does not end is ended."""
    assert await refusal(bench, "endless") == "too-complex"


async def test_unknown_tool(bench: Workbench) -> None:
    """A tool that is not configured is refused."""
    assert await refusal(bench, "rm") == "no-such-tool"


async def test_name_of_the_file(bench: Workbench) -> None:
    """What a file is called does not reach the tool."""
    file = bench.file(b"x", "--target-directory=..")

    assert bench.content((await bench.call("run", tool="copy", file=file))["file"]) == b"x"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "at least one"),
        ({"a": tool("no-such-program-anywhere")}, "not installed"),
        ({"a": tool("cp", "{nothing}")}, "no value"),
        ({"a": tool("cp", values={"n": {}})}, "either"),
        ({"a": tool("cp", values={"n": {"high": 3, "one_of": ["a"]}})}, "either"),
        ({"a": tool("cp", values={"n": {"high": 3, "default": 4}})}, "default"),
        ({"a": tool("cp", values={"input": {"high": 3}})}, "two things"),
        ({"a": tool("cp", input="same", output="same")}, "two things"),
    ],
)
async def test_start(given: dict[str, Any], message: str) -> None:
    """A service with a tool that cannot run does not start, and says why."""
    with pytest.raises(SettingError, match=message):
        async with workbench(create, tools=given):
            raise AssertionError("started")


async def test_manifest() -> None:
    """The manifest has no findings."""
    assert stated_defaults(Path(__file__).parent.parent) == {}
