"""Decodes pictures and draws them anew; runs isolated only.

Its rules:

* Formats are a closed list. What a picture would need in memory is known, and bounded, before it is decoded.
* What comes out holds pixels and nothing else: no metadata, no colour profile, no bytes behind the end.
* Of an animation the first frame is taken.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageFile, ImageOps, PngImagePlugin

from archwright_runtime.errors import Refusal

Image.init()
ImageFile.LOAD_TRUNCATED_IMAGES = False
PngImagePlugin.MAX_TEXT_CHUNK = 1 << 20
PngImagePlugin.MAX_TEXT_MEMORY = 4 << 20

_LONGEST_SIDE = 30_000
_DATE, _MADE_BY, _MODEL, _EXIF, _GPS, _ORIGINAL = 306, 271, 272, 0x8769, 0x8825, 36867
# What the library raises about bytes; anything else is a crash to it and to us.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError)


def describe(content: bytes, formats: list[str], pixels: int) -> dict[str, Any]:
    """What a picture is and says about itself."""
    try:
        image = _open(content, formats, pixels)
        exif = image.getexif()
        details = exif.get_ifd(_EXIF)
        camera = " ".join(str(exif[tag]) for tag in (_MADE_BY, _MODEL) if exif.get(tag))
        return {
            "width": image.width,
            "height": image.height,
            "media": f"image/{(image.format or '').lower()}",
            "frames": getattr(image, "n_frames", 1),
            "transparent": image.has_transparency_data,
            "taken": _plain(details.get(_ORIGINAL) or exif.get(_DATE), 30),
            "camera": _plain(camera, 200),
            "located": bool(exif.get_ifd(_GPS)),
        }
    except _DAMAGED:
        raise _invalid() from None


def redraw(content: bytes, formats: list[str], pixels: int, wish: dict[str, Any]) -> dict[str, Any]:
    """The picture as it is wished for."""
    try:
        image = _open(content, formats, pixels)
        format = wish["format"] or {"GIF": "png"}.get(str(image.format), str(image.format).lower())
        drawn = _drawn(image, wish, alpha=format != "jpeg")
        output = io.BytesIO()
        drawn.save(output, format.upper(), **_options(format, wish["quality"]))
    except _DAMAGED:
        raise _invalid() from None
    return {"content": output.getvalue(), "format": format, "width": drawn.width, "height": drawn.height}


def _open(content: bytes, formats: list[str], pixels: int) -> Image.Image:
    # Ours is the limit; the one of the library warns at some other number.
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    try:
        image = Image.open(io.BytesIO(content), formats=[format.upper() for format in formats])
    except _DAMAGED:
        raise _invalid() from None
    if image.width * image.height > pixels or max(image.size) > _LONGEST_SIDE:
        raise Refusal("too-complex", f"The picture has more than {pixels} pixels.")
    return image


def _drawn(image: Image.Image, wish: dict[str, Any], *, alpha: bool) -> Image.Image:
    box = (wish["width"], wish["height"])
    if wish["change"] == "resize":
        # JPEG can be decoded at a fraction of its size; twice what is needed keeps it sharp.
        side = max(box) * 2
        image.draft(None, (side, side))
    image.load()
    upright = ImageOps.exif_transpose(image)
    plain = _plain_colours(upright, alpha)
    if wish["change"] == "resize":
        plain.thumbnail(box, Image.Resampling.LANCZOS)
    elif wish["change"] == "crop":
        plain = ImageOps.fit(plain, box, Image.Resampling.LANCZOS)
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean


def _plain_colours(image: Image.Image, alpha: bool) -> Image.Image:
    """In RGB as screens show it, over white where the format knows no transparency."""
    image = _without_profile(image)
    if not image.has_transparency_data:
        return image.convert("L" if image.mode in ("1", "L") else "RGB")
    seen = image.convert("RGBA")
    if alpha:
        return seen
    white = Image.new("RGB", seen.size, "white")
    white.paste(seen, mask=seen.getchannel("A"))
    return white


def _without_profile(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return changed or image


def _options(format: str, quality: int) -> dict[str, Any]:
    if format == "png":
        return {"optimize": False}
    if format == "webp":
        return {"quality": quality, "method": 4}
    return {"quality": quality, "optimize": True, "progressive": True}


def _plain(text: object, most: int) -> str | None:
    if not isinstance(text, str):
        return None
    kept = "".join(character for character in text if character.isprintable()).strip()
    return kept[:most] or None


def _invalid() -> Refusal:
    return Refusal("invalid-image", "This is no picture that can be read.")
