"""Whatever happens in an isolated process, its caller gets a result or a refusal, and nothing is left behind."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from archwright_runtime.component import USUAL, Limits, Program
from archwright_runtime.errors import Refusal, StartError
from archwright_runtime.isolation.isolation import NEEDED, Isolation

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = "runtime.tests.isolation.hostile"
QUICK = Limits(seconds=1, cpu=1)


@pytest.fixture(scope="module")
def events() -> list[tuple[str, dict[str, Any]]]:
    """What the service is told."""
    return []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def isolation(events: list[tuple[str, dict[str, Any]]]) -> AsyncIterator[Isolation]:
    """Isolation as a service has it."""
    os.environ["A_SECRET_OF_THE_SERVICE"] = "never seen inside"
    started = Isolation(concurrent=2, waiting=2, report=lambda event, fields: events.append((event, dict(fields))))
    await started.start([HERE])
    yield started
    await started.stop()
    del os.environ["A_SECRET_OF_THE_SERVICE"]


async def run(isolation: Isolation, function: str, *arguments: Any, limits: Limits = USUAL) -> Any:
    """The result of one of the hostile functions."""
    return await isolation.call(f"{HERE}:{function}", arguments, limits, "invalid-file")


async def refused(isolation: Isolation, function: str, limits: Limits = USUAL) -> str:
    """The kind of its refusal."""
    with pytest.raises(Refusal) as caught:
        await run(isolation, function, limits=limits)
    return caught.value.kind


async def test_values(isolation: Isolation) -> None:
    """Plain values go in and come out as they are."""
    given = [1, "two", b"\x00three", None, True, {"four": [5, 6.5]}]

    assert await run(isolation, "echo", *given) == given


async def test_large(isolation: Isolation) -> None:
    """Twenty megabytes go in whole."""
    assert await run(isolation, "size", bytes(20 << 20)) == 20 << 20


async def test_surroundings(isolation: Isolation) -> None:
    """A call has no environment, an empty directory of its own, and no descriptors but those it talks over."""
    seen = await run(isolation, "surroundings")

    assert seen["environment"] == {}
    assert seen["files"] == []
    assert seen["descriptors"] == [0, 1, 2, 3]


async def test_everything_is_in_force(isolation: Isolation) -> None:
    """What is said to be in force was tried from inside."""
    assert set(isolation.in_force) == set(NEEDED)
    assert all(isolation.in_force.values())


async def test_attempts(isolation: Isolation, tmp_path: Path) -> None:
    """No socket, process, signal, file of others, link, folder or special call is possible from inside."""
    (tmp_path / "outside").write_bytes(b"of the service")

    outcomes = await run(isolation, "attempts", str(tmp_path / "outside"), os.getpid())

    assert {name for name, outcome in outcomes.items() if outcome == "done"} == set()


async def test_what_parsers_need(isolation: Isolation) -> None:
    """Threads and files in the own directory work."""
    assert await run(isolation, "write_and_thread") == 18


@pytest.mark.parametrize(
    ("function", "limits"),
    [
        ("spin", Limits(seconds=9, cpu=1)),
        ("sleep", QUICK),
        ("eat", USUAL),
        ("fill", Limits(file=1 << 20)),
        ("recurse", USUAL),
        ("shout", USUAL),
        ("flood", USUAL),
    ],
)
async def test_limits(isolation: Isolation, function: str, limits: Limits) -> None:
    """Time, memory, space, depth and length of the answer are bounded."""
    assert await refused(isolation, function, limits) == "too-complex"


@pytest.mark.parametrize("function", ["crash", "fail", "leave", "lie", "strange", "open_many", "missing"])
async def test_breaking(isolation: Isolation, function: str) -> None:
    """A call that crashes or answers nonsense is refused as its caller says."""
    assert await refused(isolation, function) == "invalid-file"


async def test_no_message_is_reported(isolation: Isolation, events: list[tuple[str, dict[str, Any]]]) -> None:
    """Of an exception its type and place are told, and not its message, which may hold what the file held."""
    events.clear()

    await refused(isolation, "fail")

    (name, fields), *_ = events
    assert (name, fields["error"]) == ("isolated-call-broke", "builtins.KeyError")
    assert "secret" not in str(fields)


async def test_own_refusal(isolation: Isolation) -> None:
    """What a function refuses is refused with its words."""
    with pytest.raises(Refusal, match="This is no picture") as caught:
        await run(isolation, "refuse")

    assert caught.value.kind == "invalid-picture"


async def test_queue(isolation: Isolation) -> None:
    """Two run, two wait, and the fifth is told to come again."""
    calls = [asyncio.create_task(run(isolation, "sleep", limits=QUICK)) for _ in range(4)]
    await asyncio.sleep(0)

    with pytest.raises(Refusal) as caught:
        await run(isolation, "echo")

    assert caught.value.kind == "busy" and caught.value.retry_after
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert await run(isolation, "echo", 1) == [1]


async def test_nothing_is_left(isolation: Isolation) -> None:
    """After calls that ended in every way no directory and no process is left."""
    scratch = isolation._scratch
    assert scratch is not None
    for function in ("write_and_thread", "fill", "crash"):
        await asyncio.gather(run(isolation, function, limits=Limits(file=1 << 20)), return_exceptions=True)

    assert list(scratch.glob("call-*")) == []


async def test_again_after_a_loss(isolation: Isolation) -> None:
    """When the process that forks is lost, waiting calls are refused and the next one has a new one."""
    waiting = asyncio.create_task(refused(isolation, "sleep"))
    await asyncio.sleep(0.05)
    assert isolation._forking is not None
    isolation._forking._process.kill()

    assert await waiting == "busy"
    assert await run(isolation, "echo", 2) == [2]


async def test_unknown_module(isolation: Isolation) -> None:
    """A module that does not exist stops the start, and says so."""
    with pytest.raises(StartError, match="nowhere"):
        await isolation.start(["nowhere"])


async def test_requirement(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that must isolate does not start where something cannot be shut off; one that may, says what is."""

    async def open_files(self: Isolation, forking: Any, target: str, *rest: Any) -> Any:
        return {"network": True, "files": False, "processes": True}

    monkeypatch.setattr(Isolation, "_run", open_files)
    strict, lenient = Isolation("require"), Isolation("available")

    with pytest.raises(StartError, match="shut off files"):
        await strict.start()
    await lenient.start()

    assert lenient.in_force["files"] == []
    await asyncio.gather(strict.stop(), lenient.stop())


async def test_in_containers() -> None:
    """Where a container runtime refuses namespaces, seccomp shuts the network alone, and everything is still shut."""
    script = Path(__file__).with_name("container.py")

    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == {
        "network": ["system-calls"],
        "files": ["landlock"],
        "processes": ["system-calls"],
    }


async def test_a_killed_service(tmp_path: Path) -> None:
    """A service that is killed in the middle of a call leaves no directory and no process."""
    script = Path(__file__).with_name("killed.py")
    environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}

    killed = subprocess.run([sys.executable, str(script), HERE], capture_output=True, text=True, env=environment)

    assert killed.returncode == -9, killed.stderr
    async with asyncio.timeout(20):
        while list(tmp_path.iterdir()):
            await asyncio.sleep(0.01)


async def test_a_cleaned_place(isolation: Isolation) -> None:
    """When somebody cleans up the place of private directories, calls go on."""
    assert isolation._scratch is not None
    shutil.rmtree(isolation._scratch)

    assert await run(isolation, "write_and_thread") == 18


async def execute(isolation: Isolation, path: str, *arguments: str, **options: Any) -> Any:
    """Run a program of the machine."""
    usual: dict[str, Any] = {"files": {}, "results": (), "limits": USUAL, "broken": "invalid-file"}
    return await isolation.execute(Program(path, os.path.realpath(path)), arguments, **{**usual, **options})


async def test_program(isolation: Isolation) -> None:
    """A program reads its files, and named results are taken."""
    finished = await execute(
        isolation, "/bin/cp", "in.txt", "out.txt", files={"in.txt": b"words"}, results=["out.txt", "absent.txt"]
    )

    assert (finished.code, finished.files) == (0, {"out.txt": b"words"})


async def test_program_has_no_shell(isolation: Isolation) -> None:
    """Arguments are what they are."""
    finished = await execute(isolation, "/bin/echo", "$HOME; ls * `id`")

    assert finished.output == b"$HOME; ls * `id`\n"


async def test_program_environment(isolation: Isolation) -> None:
    """A program is told nothing of the service's environment."""
    finished = await execute(isolation, "/usr/bin/env")

    assert set(finished.output.split(b"\n")) == {b"PATH=/usr/bin:/bin", b"LANG=C.UTF-8", b"HOME=.", b"TMPDIR=.", b""}


@pytest.mark.parametrize(
    "arguments",
    [
        ("/bin/cat", "/etc/passwd"),
        ("/bin/ls", "/"),
        ("/bin/sh", "-c", "echo > ../beside"),
        ("/bin/sh", "-c", "/bin/true | /bin/true"),
        ("/bin/ln", "-s", "/etc/passwd", "result"),
        ("/bin/mkdir", "folder"),
    ],
)
async def test_program_is_confined(isolation: Isolation, arguments: tuple[str, ...]) -> None:
    """A program reads no file of others, writes nowhere else, starts nothing and makes no links."""
    finished = await execute(isolation, *arguments, results=["result"])

    assert finished.code != 0 and finished.files == {} and finished.output == b""


async def test_program_limits(isolation: Isolation) -> None:
    """A program that never ends, or never stops writing, is refused."""
    for path, arguments in (("/bin/sleep", ("30",)), ("/usr/bin/yes", ())):
        with pytest.raises(Refusal) as caught:
            await execute(isolation, path, *arguments, limits=Limits(seconds=1, cpu=1, file=1 << 20))
        assert caught.value.kind == "too-complex"


@pytest.mark.parametrize("name", ["../x", "/x", "", ".", "a/b", "-x", "x\0", "x" * 101])
async def test_program_names(isolation: Isolation, name: str) -> None:
    """Files have plain names."""
    with pytest.raises(ValueError):
        await execute(isolation, "/bin/true", files={name: b""})
