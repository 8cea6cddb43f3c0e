"""Assemblies of any size."""

from __future__ import annotations

import pytest
import yaml

from benchmarks import synthetic


@pytest.mark.parametrize("count", [1, 7])
def test_size_is_as_asked(count: int) -> None:
    """An assembly of n entities has n entities, n operations and n views."""
    document = yaml.safe_load(synthetic.text(count))

    sizes = [len(document[key]) for key in ("entities", "operations", "views")]

    assert sizes == [count] * 3
