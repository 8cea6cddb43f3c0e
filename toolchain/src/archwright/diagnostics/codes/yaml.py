"""What may be wrong with the text of any document, before its meaning is looked at."""

from __future__ import annotations

TITLES = {
    "anchor": "An anchor or alias is used",
    "byte-order-mark": "The document begins with a byte order mark",
    "directive": "The document begins with a directive",
    "duplicate-key": "A key appears twice in one mapping",
    "empty": "The document is empty",
    "encoding": "The document is not UTF-8",
    "hidden-character": "A character is not visible",
    "key-not-text": "A key is not text",
    "merge-key": "A merge key is used",
    "more-findings": "More findings are not shown",
    "number": "A number cannot be held exactly",
    "several-documents": "A second document begins in one file",
    "syntax": "The document is not YAML",
    "tag": "A tag is used",
    "too-deep": "The document is nested too deeply",
    "too-large": "The document is too large",
    "too-many-nodes": "The document has too many values",
    "value-too-long": "A value is too long",
}
