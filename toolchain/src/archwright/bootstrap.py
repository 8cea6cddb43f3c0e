"""The one place that picks implementations: store, disk, emitters. Entrypoints call these functions."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .diagnostics import Collector, Diagnostic, Location
from .errors import InputError
from .files import read_bytes, read_tree, replace_tree, write_file

if TYPE_CHECKING:
    from .assembler.emit import Emission, Inputs
    from .assembler.emitter import ComponentFacts, Declassification, Wheel
    from .assembler.lock import Lock
    from .assembler.plan import Plan
    from .assembler.promise.account import Account
    from .assembler.promise.promise import Promise
    from .assembler.resolve import Resolution
    from .assembler.resolve.source import Source
    from .language.architecture import Architecture
    from .language.assembly import Assembly
    from .language.document import Document
    from .registry.catalog import Catalog

DOCUMENT = "assembly.yaml"
LAW = "architecture.yaml"
LOCK = "archwright.lock.json"
MIGRATIONS = "migrations"
_MOST = 16 * 1024 * 1024
"""Bytes of a document that are read at all; the reader of documents refuses far smaller ones."""


@dataclass(frozen=True)
class Outcome:
    """What a command has to show.

    Attributes:
        findings: sorted by place.
        sources: the text of each document that a finding may point into.
        plan: absent when a finding stops the build.
        output: the folder that was written or compared; ``count`` its number of files.
        changes: one line for each change of the database that this build brings.
        components: the folders of the Python packages that the service runs.
        contract: how the service stands to its contract, where it has one.
    """

    findings: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    plan: Plan | None = None
    output: Path | None = None
    count: int = 0
    changes: tuple[str, ...] = ()
    components: tuple[Path, ...] = ()
    folder: Path = field(default_factory=Path)
    contract: Account | None = None


def certified(
    catalog: Path | None, *, near: Path, wanted: Collection[str] | None = None
) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """The verified components of a catalogue: the given one, else the nearest above ``near``, else the shipped one."""
    from .registry.certification import certify
    from .registry.stores.directory import Directory

    return certify(Directory(catalog or _catalog_near(near)), wanted)


def write_index(catalog: Path) -> Path:
    """Write a catalogue's index from its folders as they are; to be done by those who certify."""
    from .registry.stores.directory import INDEX, index

    if not catalog.is_dir():
        raise InputError(f"there is no folder {catalog}", hint="name the folder of components with --catalog")
    write_file(catalog / INDEX, index(catalog))
    return catalog / INDEX


def check(assembly: Path, *, catalog: Path | None = None, contract: Path | None = None) -> Outcome:
    """Read, resolve and prove an assembly.

    Args:
        contract: the contract that it has to fulfil, instead of the one that it names.
    """
    return _assemble(assembly, catalog, contract)[0]


def build(
    assembly: Path,
    *,
    output: Path | None = None,
    catalog: Path | None = None,
    allow_drop: frozenset[str] = frozenset(),
    home: Path | None = None,
    contract: Path | None = None,
) -> Outcome:
    """Assemble and write ``dist/``, the lock and the migrations; everything or nothing.

    Args:
        home: where the lock and the migrations are kept; beside the assembly unless a trial run keeps its own.
        contract: the contract that it has to fulfil, instead of the one that it names.
    """
    outcome, resolution = _assemble(assembly, catalog, contract)
    if resolution is None:
        return outcome
    keep = home or outcome.folder
    emission, findings = _emit(outcome, resolution, keep, allow_drop)
    findings = (*outcome.findings, *findings)
    if emission is None:
        return Outcome(findings, outcome.sources, folder=outcome.folder)
    target = output or outcome.folder / "dist"
    replace_tree(target, emission.files)
    write_file(keep / LOCK, emission.files[LOCK])
    for path, content in emission.files.items():
        if path.startswith(f"{MIGRATIONS}/"):
            write_file(keep / path, content)
    return Outcome(
        findings,
        outcome.sources,
        outcome.plan,
        target,
        len(emission.files),
        emission.changes,
        outcome.components,
        outcome.folder,
        outcome.contract,
    )


@dataclass(frozen=True)
class Draft:
    """A first assembly: its files by path, or what is wrong with the contract."""

    findings: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    files: Mapping[str, bytes] = field(default_factory=dict)


def drafted(contract: Path, name: str) -> Draft:
    """Derive a first assembly from a contract, which comes to stand beside it."""
    from .assembler.promise.draft import draft
    from .assembler.promise.promise import read_promise

    content = read_bytes(contract, _MOST)
    copy = "openapi.json" if contract.suffix == ".json" else "openapi.yaml"
    promise, findings = read_promise(content, str(contract), name=copy)
    sources = {str(contract): content.decode(errors="replace")}
    return Draft(findings, sources, {} if promise is None else {**draft(promise, name), copy: content})


def verify(
    assembly: Path, *, dist: Path | None = None, catalog: Path | None = None, contract: Path | None = None
) -> Outcome:
    """Assemble in memory and compare with what was built, byte for byte."""
    outcome, resolution = _assemble(assembly, catalog, contract)
    if resolution is None:
        return outcome
    target = dist or outcome.folder / "dist"
    if not target.is_dir():
        raise InputError(f"there is no build at {target}", hint="run `archwright build`, or name it with --dist")
    built = read_tree(target)
    emission, findings = _emit(outcome, resolution, outcome.folder, frozenset())
    collector = Collector((*outcome.findings, *findings))
    for path in sorted({*built, *(emission.files if emission else ())}):
        expected = emission.files.get(path) if emission else None
        if built.get(path) != expected:
            _differs(collector, target / path, built.get(path), expected)
    return Outcome(collector.findings(), outcome.sources, outcome.plan, target, len(built), folder=outcome.folder)


def _differs(collector: Collector, path: Path, built: bytes | None, expected: bytes | None) -> None:
    state = (
        "is missing"
        if built is None
        else "should not be there"
        if expected is None
        else "differs from what the assembly gives"
    )
    collector.error(
        "verify/different-file",
        Location(str(path)),
        f"`{path.name}` {state}",
        hint="run `archwright build`, or find out who changed it",
    )


def folder_of(assembly: Path) -> Path:
    """The folder that holds an assembly."""
    return assembly if assembly.is_dir() else assembly.parent


def read_demo(path: Path) -> dict[str, Any]:
    """People and rows for a first look.

    Raises:
        InputError: there are none, or they are not readable.
    """
    from .language.nodes import to_data
    from .language.reader import read

    tree = read(read_bytes(path, _MOST), str(path))
    data = to_data(tree.root) if tree.root is not None else None
    if not isinstance(data, dict) or set(data) - {"people", "rows"}:
        raise InputError(f"{path} holds no demo data", hint="it has the keys `people` and `rows`")
    return data


def _assemble(assembly: Path, catalog: Path | None, contract: Path | None = None) -> tuple[Outcome, Resolution | None]:
    from .assembler.invariants import prove
    from .assembler.promise.binding import bind
    from .assembler.promise.proof import fulfilment
    from .assembler.resolve import resolve
    from .language.assembly import read_assembly

    path = assembly / DOCUMENT if assembly.is_dir() else assembly
    content = read_bytes(path, _MOST)
    sources = {str(path): content.decode(errors="replace")}
    law, problems = _law(path.parent, sources)
    document, findings = read_assembly(content, str(path))
    collected = Collector((*problems, *findings))
    if document is None:
        return Outcome(collected.findings(), sources, folder=path.parent), None
    wanted = {one.use.name for one in document.model.components.values()}
    known, more = certified(catalog, near=path.parent, wanted=wanted)
    collected.add(*more)
    promise = _promise(document, path.parent, contract, sources, collected)
    if promise is None and (contract is not None or document.model.contract is not None):
        return Outcome(collected.findings(), sources, folder=path.parent), None
    bound = bind(document, promise, collected)
    resolution = resolve(bound.document, known, law)
    collected.add(*resolution.findings)
    if resolution.plan is not None:
        collected.add(*prove(resolution, law, date.today()))
    account = fulfilment(promise, bound, resolution) if promise is not None else None
    collected.add(*(account.findings if account is not None else ()))
    for source in resolution.sources:
        if source.certified is not None:
            sources[source.certified.file] = read_bytes(Path(source.certified.file)).decode(errors="replace")
    packages = tuple(
        Path(source.certified.folder) / "src" for source in resolution.sources if source.certified is not None
    )
    found = collected.findings()
    plan = None if collected.has_errors else resolution.plan
    outcome = Outcome(found, sources, plan, components=packages, folder=path.parent, contract=account)
    return outcome, resolution if plan is not None else None


def _promise(
    document: Document[Assembly], folder: Path, given: Path | None, sources: dict[str, str], findings: Collector
) -> Promise | None:
    """The contract that an assembly names, or the one that is given instead."""
    from .assembler.promise.promise import read_promise

    named = document.model.contract
    if given is None and named is None:
        return None
    path = given or folder / (named.document if named else "")
    if given is None and not path.resolve().is_relative_to(folder.resolve()):
        findings.error(
            "contract/outside",
            document.locate(("contract", "document")),
            f"`{path.name}` leads out of the folder of the assembly",
            expected="a document beside the assembly",
            hint="keep a copy beside the assembly, or name another place with `--contract`",
        )
        return None
    content = read_bytes(path, _MOST)
    sources[str(path)] = content.decode(errors="replace")
    name = named.document if named is not None and given is None else path.name
    promise, found = read_promise(content, str(path), name=name, base=named.base if named else None)
    findings.add(*found)
    return promise


def _law(folder: Path, sources: dict[str, str]) -> tuple[Architecture | None, tuple[Diagnostic, ...]]:
    """The architecture that an assembly stands under: the nearest one above it, if any."""
    from .language.architecture import read_architecture

    for parent in (folder.resolve(), *folder.resolve().parents):
        path = parent / LAW
        if path.is_file():
            content = read_bytes(path, _MOST)
            name = os.path.relpath(path)
            sources[name] = content.decode(errors="replace")
            document, findings = read_architecture(content, name)
            return document.model if document else None, findings
    return None, ()


def _catalog_near(folder: Path) -> Path:
    from .registry.stores.directory import INDEX

    shipped = Path(__file__).parent / "catalog"
    candidates = [parent / "catalog" for parent in (folder.resolve(), *folder.resolve().parents)]
    for candidate in (*candidates, shipped):
        if (candidate / INDEX).is_file():
            return Path(os.path.relpath(candidate)) if candidate.is_relative_to(Path.cwd()) else candidate
    raise InputError("there is no catalogue of components here", hint="name one with --catalog")


def _emit(
    outcome: Outcome, resolution: Resolution, home: Path, allow_drop: frozenset[str]
) -> tuple[Emission | None, tuple[Diagnostic, ...]]:
    from .assembler import lock as locks
    from .assembler.emit import emit
    from .assembler.identity import assign_ids, claimed_twice

    assert resolution.plan is not None
    claims = claimed_twice(resolution.renames, resolution.places, Location(str(outcome.folder / DOCUMENT)))
    if claims:
        return None, claims
    previous: Lock | None = None
    findings: tuple[Diagnostic, ...] = ()
    if (home / LOCK).is_file():
        previous, findings = locks.read(read_bytes(home / LOCK), str(home / LOCK))
        if previous is None:
            return None, findings
    plan = assign_ids(resolution.plan, previous, resolution.renames)
    return emit(plan, _inputs(outcome, resolution, home, previous, allow_drop))


def _inputs(
    outcome: Outcome, resolution: Resolution, home: Path, previous: Lock | None, allow_drop: frozenset[str]
) -> Inputs:
    from .assembler.emit import Inputs
    from .assembler.lock import LockedRuntime
    from .registry import digest

    version = _version()
    stored = read_tree(home / MIGRATIONS) if (home / MIGRATIONS).is_dir() else {}
    return Inputs(
        archwright=version,
        runtime=LockedRuntime(version=version),
        documents={
            **{
                Path(name).name: digest.of_bytes(text.encode())
                for name, text in outcome.sources.items()
                if Path(name).name in (DOCUMENT, LAW)
            },
            **({outcome.contract.name: outcome.contract.digest} if outcome.contract else {}),
        },
        contract=outcome.contract,
        previous=previous,
        migrations={f"{MIGRATIONS}/{path}": content for path, content in stored.items()},
        allow_drop=allow_drop,
        places=resolution.places,
        assembly=Location(str(outcome.folder / DOCUMENT)),
        components={source.alias: _facts(source) for source in resolution.sources if source.alias},
        wheels=_wheels(resolution),
        declassifications=tuple(_declassifications(resolution)),
        novel={
            piece.name: piece.why
            for source in resolution.sources
            if not source.is_certified
            for piece in source.model.novel
        },
    )


def _facts(source: Source) -> ComponentFacts:
    from .assembler.emitter import ComponentFacts

    manifest = source.model
    effects = {effect for one in manifest.provides.capabilities.values() for effect in one.effects}
    return ComponentFacts(
        summary=manifest.summary,
        use_when=manifest.use_when or "",
        avoid_when=manifest.avoid_when or "",
        owner=manifest.owner,
        licence=manifest.licence,
        egress=tuple(
            sorted(
                {effect.partition(":")[2] for effect in effects if effect.startswith(("egress:", "fetch:"))}
                | set(manifest.egress)
            )
        ),
        clears=tuple(sorted(manifest.clears)),
        claims=tuple(sorted(manifest.claims)),
        wheel=manifest.implementation.distribution if manifest.implementation else None,
    )


def _declassifications(resolution: Resolution) -> Iterator[Declassification]:
    from .assembler.emitter import Declassification

    for source in resolution.sources:
        for name, operation in source.model.operations.items():
            for step in operation.steps:
                if step.declassify is not None:
                    named = step.declassify
                    yield Declassification(
                        where=f"{source.name(name)}: {named.value}",
                        to=", ".join(named.to) or "nothing",
                        why=named.why,
                        transform=named.transform,
                    )


def _wheels(resolution: Resolution) -> tuple[Wheel, ...]:
    """What a deployed service carries from elsewhere: for the runtime and for its components."""
    from importlib.resources import files

    from .assembler.wheels import deployed_wheels

    text = files("archwright").joinpath("runtime.lock").read_text("utf-8")
    chosen = [source.certified for source in resolution.sources if source.certified is not None]
    return deployed_wheels(text, (name for one in chosen for name in one.requires))


def _version() -> str:
    from importlib.metadata import version

    return version("archwright")
