"""Whether a component may be used at all: the only place that makes a ``Catalog``.

Today a component is certified when its bytes are the ones that the index of its store states, and its manifest says the
same name and version.
Signatures, certificates and revocation are decided here too, before the seal is set.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection

from ..diagnostics import Collector, Diagnostic, Location
from ..errors import CatalogError
from ..language.component import configured
from ..language.configuration import defaults
from ..language.nodes import Mapping, Node, Scalar
from ..language.reader import read
from . import digest
from .catalog import Catalog, Certified, _sealed
from .store import Package, Store

MANIFEST = "component.yaml"
PROJECT = "pyproject.toml"
_OWN = "archwright-runtime"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def certify(store: Store, wanted: Collection[str] | None = None) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """The components of a store that hold what was certified, and a finding for each one that does not.

    Trust is monotonic: a component that fails any check is absent from the catalogue, so nothing can choose it.

    Args:
        wanted: only these names are looked at; of all components also the manifest is validated.

    Raises:
        CatalogError: the store itself cannot be read.
    """
    findings = Collector()
    looked_at = (_certify(package, findings) for package in store.packages(wanted))
    accepted = [certified for certified in looked_at if certified is not None]
    if wanted is None:
        accepted = [certified for certified in accepted if _is_manifest(certified, findings)]
    return _sealed(accepted, store.names()), findings.findings()


def _certify(package: Package, findings: Collector) -> Certified | None:
    file = f"{package.folder}/{MANIFEST}"
    actual = digest.of_files(package.files)
    if actual != package.digest:
        findings.error(
            "registry/altered-component",
            Location(file),
            f"the files of `{package.name}` are not the ones that were certified",
            expected=package.digest,
            found=actual,
            hint="restore them, or have the change certified: `archwright catalog --index`",
        )
        return None
    tree = read(package.files.get(MANIFEST, b""), file)
    if not isinstance(tree.root, Mapping):
        findings.add(*tree.findings)
        return None
    return _accepted(package, tree.root, file, findings)


def _accepted(package: Package, root: Mapping, file: str, findings: Collector) -> Certified | None:
    stated = (_text(root, "component"), _text(root, "version"))
    if stated != (package.name, package.version):
        findings.error(
            "registry/other-component",
            Location(file),
            "the manifest is not the one that the index names",
            expected=f"`{package.name}` {package.version}",
            found=f"`{stated[0]}` {stated[1]}",
        )
        return None
    return Certified(
        name=package.name,
        version=package.version,
        root=root,
        file=file,
        digest=package.digest,
        implementation=_implementation(package, _text(root, "implementation", "module")),
        folder=package.folder,
        requires=_requires(package),
    )


def _is_manifest(certified: Certified, findings: Collector) -> bool:
    reading = configured(certified.root, certified.file, defaults(certified.root))
    findings.add(*reading.findings)
    return reading.document is not None


def _text(root: Mapping, *path: str) -> str | None:
    """A text of a manifest that has not been validated yet."""
    node: Node = root
    for key in path:
        entry = node.entries.get(key) if isinstance(node, Mapping) else None
        if entry is None:
            return None
        node = entry.value
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _requires(package: Package) -> tuple[str, ...]:
    """The distributions that the Python package depends on, without the runtime."""
    try:
        project = tomllib.loads(package.files.get(PROJECT, b"").decode()).get("project", {})
        names = [_NAME.match(one) for one in project.get("dependencies", ())]
    except (ValueError, AttributeError, TypeError):
        raise CatalogError(f"{package.folder}/{PROJECT} does not describe a Python project") from None
    return tuple(found[0] for found in names if found is not None and found[0] != _OWN)


def _implementation(package: Package, module: str | None) -> str | None:
    """The digest of the Python package, by paths inside it: what an installed copy can be compared with."""
    if module is None:
        return None
    inside = f"src/{module.replace('.', '/')}/"
    files = {path: content for path, content in package.files.items() if path.startswith(inside)}
    return digest.of_files({path.removeprefix(inside): content for path, content in files.items()})
