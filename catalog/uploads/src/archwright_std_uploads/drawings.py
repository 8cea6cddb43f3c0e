"""SVG: read without entities; whatever could run or fetch something is a reason to refuse it."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError

from archwright_runtime.errors import Refusal

_SPACE = "{http://www.w3.org/2000/svg}"
_ACTING = frozenset(
    {"script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "animation", "audio", "video"}
)
_ANIMATED = frozenset({"set", "animate", "animatemotion", "animatetransform"})
_WITHIN = re.compile(r"#|data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)
_FETCHING = re.compile(r"@import|url\s*\(\s*['\"]?(?!#|['\"]?#)|expression\s*\(|javascript:", re.IGNORECASE)


def check(content: bytes) -> None:
    """Let a drawing pass.

    Raises:
        Refusal: it is none, or could act.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(content, forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError):
        raise Refusal("unwanted-file", "The drawing is no plain SVG.") from None
    if root.tag not in ("svg", f"{_SPACE}svg"):
        raise Refusal("unwanted-file", "The drawing is no SVG.")
    if any(_acts(element) for element in root.iter()):
        raise Refusal("unwanted-file", "The drawing holds scripts, or fetches something.")


def _acts(element: Element) -> bool:
    name = _local(element.tag)
    attributes = {_local(key): value for key, value in element.attrib.items()}
    if name in _ACTING or any(key.startswith("on") for key in attributes):
        return True
    if name in _ANIMATED and _local(attributes.get("attributename", "")) in ("href", "style"):
        return True
    if any(not _WITHIN.match(attributes[key].strip()) for key in ("href", "src") if key in attributes):
        return True
    styles = [element.text or ""] if name == "style" else []
    return any(_FETCHING.search(value) for value in (*attributes.values(), *styles))


def _local(name: object) -> str:
    return str(name).rpartition("}")[2].rpartition(":")[2].lower()
