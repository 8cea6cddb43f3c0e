"""What may be wrong with an expression."""

from __future__ import annotations

TITLES = {
    "absent-value": "A value may be absent",
    "aggregate": "An aggregate stands where there are no groups, or a value where there are",
    "arguments": "A function is given other values than it takes",
    "characters": "A character that no text may have",
    "computed-reference": "A computed reference is followed",
    "currency": "Amounts of different currencies meet",
    "encrypted-field": "An encrypted field is compared",
    "invalid-constant": "A constant is not of its type",
    "mixed-rows": "One expression reads rows that do not belong together",
    "no-members": "A value has no members",
    "not-a-value": "A list or mapping stands where a value is expected",
    "overflow": "A result may not fit into 64 bits",
    "shadowed-name": "A name in a macro hides another",
    "syntax": "An expression cannot be read",
    "too-deep": "An expression is nested too deeply",
    "too-long": "An expression is too long",
    "too-many-nodes": "An expression has too many parts",
    "type-mismatch": "A value has another type",
    "unknown-field": "A row has no such field",
    "unknown-function": "There is no such function",
    "unknown-name": "A name is not known here",
    "unknown-value": "An enum has no such value",
    "unsupported": "Something of CEL is not part of the language",
}
