"""Whether a component may be used at all: the only place that makes a ``Catalog``.

Today a component is certified when its bytes are the ones that the index of its store states, and its manifest says the
same name and version.
Signatures, certificates and revocation are decided here too, before the seal is set.
"""

from __future__ import annotations

from ..diagnostics import Collector, Diagnostic, Location
from ..language.component import Component, configured
from ..language.configuration import defaults
from ..language.nodes import Mapping
from ..language.reader import read
from . import digest
from .catalog import Catalog, Certified, _sealed
from .store import Package, Store

MANIFEST = "component.yaml"


def certify(store: Store) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """The components of a store that hold what was certified, and a finding for each one that does not.

    Trust is monotonic: a component that fails any check is absent from the catalogue, so nothing can choose it.

    Raises:
        CatalogError: the store itself cannot be read.
    """
    findings = Collector()
    accepted = [certified for package in store.packages() if (certified := _certify(package, findings)) is not None]
    return _sealed(accepted), findings.findings()


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
    reading = configured(tree.root, file, defaults(tree.root), tree.findings)
    findings.add(*reading.findings)
    if reading.document is None:
        return None
    return _accepted(package, reading.document.model, tree.root, file, findings)


def _accepted(package: Package, manifest: Component, root: Mapping, file: str, findings: Collector) -> Certified | None:
    if (manifest.component, manifest.version) != (package.name, package.version):
        findings.error(
            "registry/other-component", Location(file), "the manifest is not the one that the index names",
            expected=f"`{package.name}` {package.version}", found=f"`{manifest.component}` {manifest.version}",
        )  # fmt: skip
        return None
    return Certified(
        name=package.name,
        version=package.version,
        manifest=manifest,
        root=root,
        file=file,
        digest=package.digest,
        implementation=_implementation(package, manifest),
        folder=package.folder,
    )


def _implementation(package: Package, manifest: Component) -> str | None:
    """The digest of the Python package, by paths inside it: what an installed copy can be compared with."""
    if manifest.implementation is None:
        return None
    inside = f"src/{manifest.implementation.module.replace('.', '/')}/"
    return digest.of_files(
        {path.removeprefix(inside): content for path, content in package.files.items() if path.startswith(inside)}
    )
