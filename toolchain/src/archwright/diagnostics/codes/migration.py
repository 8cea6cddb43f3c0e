"""Why a database cannot follow a changed assembly."""

from __future__ import annotations

TITLES = {
    "changed-encryption": "A field changes whether it is encrypted",
    "impossible-change": "No rule turns the stored values into the new type",
    "loss": "Stored values would be lost",
    "narrowing": "Stored values may not fit the new type",
    "no-value-for-existing-rows": "Rows exist that have no value for a required field",
    "unused-allowance": "A loss is allowed that this build does not bring",
}
