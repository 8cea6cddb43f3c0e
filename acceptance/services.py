"""Examples as they are deployed: built, migrated, seeded and served in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from archwright.bootstrap import build, read_demo
from archwright.diagnostics import Severity
from testing_support.ports import free_port

ROOT = Path(__file__).parent.parent
EXAMPLES = tuple(sorted(path.parent.name for path in (ROOT / "examples").glob("*/assembly.yaml")))
TOKENS = {"conduit": ("/api/users/login", "user", "Token")}
"""Examples whose own operation signs in: its path, the member of its bodies, and the word before a token."""
SECRETS = {"ARCHWRIGHT_SECRET_SERVICE_KEY": "a-key-that-only-these-tests-ever-use-0123456789"}
_PATIENCE = 60.0


@dataclass(frozen=True)
class Built:
    """A service that was built, and what it takes to run it."""

    name: str
    dist: Path
    components: tuple[Path, ...]
    people: Mapping[str, str] = field(default_factory=dict)
    demo: Path | None = None
    cast: tuple[str, ...] = ()
    """As few demo people as hold every role between them, by the name before the address' ``@``."""

    @property
    def openapi(self) -> dict[str, Any]:
        """What the service says of itself."""
        document: dict[str, Any] = json.loads((self.dist / "openapi.json").read_bytes())
        return document

    def environment(self) -> dict[str, str]:
        """The variables of the service's process."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ARCHWRIGHT_")}
        return {**inherited, **SECRETS, "PYTHONPATH": os.pathsep.join(map(str, self.components))}

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the runtime to its end, e.g. ``migrate``."""
        line = [sys.executable, "-m", "archwright_runtime", command, str(self.dist), *arguments]
        return subprocess.run(
            line, env=self.environment(), capture_output=True, text=True, timeout=_PATIENCE, check=False
        )


@dataclass
class Service:
    """A running service and the people who may sign in."""

    built: Built
    database: str
    address: str
    log: Path
    _sessions: dict[str, str] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.database.partition(":")[0]

    def visitor(self) -> httpx.Client:
        """A client that nobody signed in with; says where it comes from, as browsers do."""
        return httpx.Client(base_url=self.address, headers={"Origin": self.address}, timeout=30)

    def client(self, person: str) -> httpx.Client:
        """A client with the session of a demo person, such as ``erin``."""
        client = self.visitor()
        client.headers["Cookie"] = self.session(person)
        return client

    def recognised(self, person: str) -> dict[str, str]:
        """The headers that say who a demo person is: a cookie, or a token where a contract of others demands it."""
        if self.built.name not in TOKENS:
            return {"Cookie": self.session(person)}
        if person not in self._sessions:
            path, member, scheme = TOKENS[self.built.name]
            email, password = self.credentials(person)
            with self.visitor() as client:
                answer = client.post(path, json={member: {"email": email, "password": password}})
            assert answer.status_code == 200, answer.text
            self._sessions[person] = f"{scheme} {answer.json()[member]['token']}"
        return {"Authorization": self._sessions[person]}

    def session(self, person: str) -> str:
        """The cookie of a demo person, made once."""
        if person not in self._sessions:
            email, password = self.credentials(person)
            with self.visitor() as client:
                answer = client.post("/api/accounts/sign-in", json={"email": email, "password": password})
            assert answer.status_code == 200, answer.text
            self._sessions[person] = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        return self._sessions[person]

    def credentials(self, person: str) -> tuple[str, str]:
        """The address and the password of a demo person."""
        email = f"{person}@acme.test"
        return email, self.built.people[email]

    def id(self, person: str) -> str:
        """The id of a demo person."""
        with self.client(person) as client:
            found: str = client.get("/api/accounts/me").json()["id"]
        return found


def build_example(name: str, folder: Path) -> Built:
    """Build an example into a folder, leaving the example itself as it is."""
    example = ROOT / "examples" / name
    built = build_assembly(example, folder)
    data = read_demo(example / "demo.yaml")
    demo = folder / "demo.json"
    demo.write_text(json.dumps(data))
    people = {person["email"]: person["password"] for person in data["people"]}
    return Built(name, built.dist, built.components, people, demo, _cast(data["people"]))


def _cast(people: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    chosen: list[str] = []
    shown: set[str] = set()
    for person in sorted(people, key=lambda one: -len(one.get("roles", ()))):
        if not chosen or not shown.issuperset(person.get("roles", ())):
            chosen.append(str(person["email"]).partition("@")[0])
            shown.update(person.get("roles", ()))
    return tuple(chosen)


def build_assembly(assembly: Path, folder: Path, *, allow_drop: frozenset[str] = frozenset()) -> Built:
    """Build an assembly by the repository's own catalogue; the lock and the migrations stay in ``folder``."""
    outcome = build(assembly, output=folder / "dist", catalog=ROOT / "catalog", home=folder, allow_drop=allow_drop)
    errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
    assert outcome.output is not None and not errors, [f"{one.code}: {one.message}" for one in errors]
    return Built(assembly.name, outcome.output, tuple(path.resolve() for path in outcome.components))


@contextmanager
def serving(built: Built, database: str, folder: Path) -> Iterator[Service]:
    """Run a built service for as long as the block lasts, over plain HTTP, with secrets from its environment."""
    port = free_port()
    log = folder / f"{database.partition(':')[0]}.log"
    service = Service(built, database, f"http://127.0.0.1:{port}", log)
    command = ["serve", str(built.dist), "--database", database, "--port", str(port), "--transport", "http"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "archwright_runtime", *command],
            env=built.environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _await(process, service)
            yield service
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], service: Service) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"{service.built.name} ended with {process.returncode}: {service.log.read_text()}")
        try:
            if httpx.get(f"{service.address}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{service.built.name} was not ready: {service.log.read_text()}")
