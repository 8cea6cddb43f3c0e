"""What may be wrong with the components of a catalogue."""

from __future__ import annotations

TITLES = {
    "altered-component": "A component is not the one that was certified",
    "other-component": "A manifest is not the one that the index names",
}
