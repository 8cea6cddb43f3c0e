"""Joins the functions into what the runtime loads; numbers are whole millionths here."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archwright_runtime.component import Context, Host, Implementation

from . import figures


def create(host: Host) -> Implementation:
    """The component; there is nothing to configure."""

    async def describe(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await host.offload(figures.describe, _numbers(input["numbers"]))
        return found

    async def quantiles(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"cuts": await host.offload(figures.quantiles, _numbers(input["numbers"]), input["parts"])}

    async def histogram(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        edges, counts = await host.offload(figures.histogram, _numbers(input["numbers"]), input["bins"])
        return {"edges": edges, "counts": counts}

    async def regression(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        slope, start, fit = await host.offload(figures.regression, _numbers(input["x"]), _numbers(input["y"]))
        return {"slope": slope, "start": start, "fit": fit}

    return Implementation(
        capabilities={"describe": describe, "quantiles": quantiles, "histogram": histogram, "regression": regression}
    )


def _numbers(scaled: list[int]) -> list[Fraction]:
    return [Fraction(number, figures.UNIT) for number in scaled]
