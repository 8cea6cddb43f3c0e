"""The bytes of files are kept in one place."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Related
from ..resolve.source import Place
from .proof import Proof, broken


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report each further component that would keep them."""
    stores = [source for source in proof.components if source.model.provides.blobs]
    for further in stores[1:]:
        yield broken(
            "several-blob-stores",
            Place(proof.assembly, ("components", further.alias)).key,
            f"`{further.alias}` keeps the bytes of files, and so does `{stores[0].alias}`",
            expected="one component that keeps them, or none: then the database does",
            found=", ".join(f"`{one.alias}`" for one in stores),
            hint=f"remove `{further.alias}` or `{stores[0].alias}`",
            path=(Related(Place(proof.assembly, ("components", stores[0].alias)).location, "already chosen here"),),
        )
