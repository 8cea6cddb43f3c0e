"""The components of the catalogue as a matrix, made from their manifests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from archwright.language.component import Component
from archwright.registry.catalog import Certified
from archwright.registry.certification import certify
from archwright.registry.stores.directory import Directory

_CATALOG = Path(__file__).resolve().parent.parent / "catalog"
_HEAD = """\
# Components

Every component of the catalogue and what it can be used for, generated from the manifests.
Each has a page of its own with its configuration and a worked example.

*Steps* are capabilities that operations call, with their effects: rows of its own (`persistence`), `files`, a `queue`,
long work (`compute`), chance (`random`), other machines (`egress`).
*Views* are capabilities without any effect; they also make columns of views and pages.
*Traits* are what entities take.
"""
_COLUMNS = (
    "Component",
    "What it does",
    "Steps",
    "Views",
    "Traits",
    "Also",
    "Keeps",
    "Reaches",
    "Secrets",
    "Libraries",
)
_LAST = "others"


def files() -> dict[str, str]:
    """Every page by its file name below ``docs/components``."""
    catalogue, _ = certify(Directory(_CATALOG))
    newest = [catalogue.versions(name)[-1] for name in catalogue.names]
    return {"README.md": "\n".join(_matrix(newest)) + "\n"}


def _matrix(components: Iterable[Certified]) -> Iterator[str]:
    families: dict[str, list[Certified]] = {}
    for one in components:
        families.setdefault(one.manifest.family or _LAST, []).append(one)
    yield _HEAD
    yield f"{sum(map(len, families.values()))} components."
    for family in sorted(families, key=lambda name: (name == _LAST, name)):
        yield f"\n## {family.replace('-', ' ').capitalize()}\n"
        yield f"| {' | '.join(_COLUMNS)} |"
        yield "|---" * len(_COLUMNS) + "|"
        yield from map(_row, families[family])


def _row(one: Certified) -> str:
    manifest = one.manifest
    folder = one.name.partition("/")[2]
    cells = (
        f"[`{one.name}`](../../catalog/{folder}/README.md)",
        manifest.summary,
        _capabilities(manifest, pure=False),
        _capabilities(manifest, pure=True),
        _code(manifest.provides.traits),
        ", ".join(_further(manifest)),
        _code(manifest.entities),
        _code(sorted({effect for effect in _effects(manifest) if effect.startswith("egress:")})),
        _code(secret.name for secret in manifest.requires.secrets),
        _code(one.requires),
    )
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _further(manifest: Component) -> Iterator[str]:
    provides = manifest.provides
    if provides.identity is not None:
        yield "identity"
    if provides.credentials:
        yield "credentials"
    if provides.blobs:
        yield "blob store"
    if manifest.pages or any(trait.pages for trait in provides.traits.values()):
        yield "pages"


def _capabilities(manifest: Component, *, pure: bool) -> str:
    chosen = {
        name: capability.effects
        for name, capability in manifest.provides.capabilities.items()
        if bool(capability.effects) != pure
    }
    return ", ".join(f"`{name}`" + (f" ({', '.join(effects)})" if effects else "") for name, effects in chosen.items())


def _effects(manifest: Component) -> Iterator[str]:
    for capability in manifest.provides.capabilities.values():
        yield from capability.effects


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
