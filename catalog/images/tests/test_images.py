"""Pictures come out as wished for and clean; files that attack are refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image, PngImagePlugin

from archwright_runtime.errors import Refusal
from archwright_std_images import create
from archwright_std_images.implementation import FORMATS, PIXELS, QUALITY
from testing_support.isolated import Workbench, stated_defaults, workbench

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE = Path(__file__).parent.parent
CHANGES: dict[str, dict[str, Any]] = {
    "resize": {"width": 40, "height": 40},
    "crop": {"width": 30, "height": 20},
    "convert": {"format": "webp"},
    "strip": {},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Workbench]:
    """The component as it comes."""
    async with workbench(create) as made:
        yield made


def picture(size: tuple[int, int] = (120, 60), mode: str = "RGB", format: str = "JPEG", **options: Any) -> bytes:
    """A picture, red on its left half."""
    image = Image.new(mode, size, 0)
    if mode == "RGB":
        image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    output = io.BytesIO()
    image.save(output, format, **options)
    return output.getvalue()


def telling() -> bytes:
    """A photo that tells the camera, the moment and the place, and lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[271], exif[272] = "Acme", "Snap 3"
    exif.get_ifd(0x8769)[36867] = "2026:01:02 03:04:05"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif, comment=b"written by Ann")


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_bomb(width: int, height: int) -> bytes:
    """A few bytes that claim to be a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A PNG whose comment unpacks to hundreds of megabytes."""
    comment = b"k\0\0" + zlib.compress(bytes(300 << 20), 9)
    whole = picture(format="PNG")
    return whole[:33] + chunk(b"zTXt", comment) + whole[33:]


def gif_bomb() -> bytes:
    """A GIF of 65,535 by 65,535 in some thirty bytes."""
    side = struct.pack("<HH", 65_535, 65_535)
    return b"GIF89a" + side + b"\xf0\0\0" + bytes(6) + b"," + bytes(4) + side + b"\0\x02\x02\x44\x01\0;"


async def refusal(bench: Workbench, content: bytes, capability: str = "resize") -> str:
    """The kind of refusal."""
    with pytest.raises(Refusal) as caught:
        await bench.call(capability, image=content, **CHANGES.get(capability, {}))
    return caught.value.kind


def opened(bench: Workbench, made: dict[str, Any]) -> Image.Image:
    """The picture that was stored."""
    return Image.open(io.BytesIO(bench.content(made["image"])))


async def test_info(bench: Workbench) -> None:
    """A picture's size, type, camera, moment, and that it tells a place."""
    assert await bench.call("info", image=telling()) == {
        "width": 120,
        "height": 60,
        "media": "image/jpeg",
        "frames": 1,
        "transparent": False,
        "taken": "2026:01:02 03:04:05",
        "camera": "Acme Snap 3",
        "located": True,
    }


async def test_resize(bench: Workbench) -> None:
    """A picture fits into its box and keeps its proportions."""
    made = await bench.call("resize", image=picture(), **CHANGES["resize"])

    assert (made["width"], made["height"]) == opened(bench, made).size == (40, 20)


async def test_never_larger(bench: Workbench) -> None:
    """A small picture stays as it is."""
    made = await bench.call("resize", image=picture((9, 7)), **CHANGES["resize"])

    assert (made["width"], made["height"]) == (9, 7)


async def test_crop(bench: Workbench) -> None:
    """A cut is exactly as large as asked for, around the middle."""
    made = await bench.call("crop", image=picture(), **CHANGES["crop"])

    image = opened(bench, made)
    left, right = image.getpixel((3, 10)), image.getpixel((27, 10))
    assert image.size == (30, 20)
    assert isinstance(left, tuple) and isinstance(right, tuple)
    assert left[0] > 200 and right[0] < 50


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
async def test_convert(bench: Workbench, mode: str, format: str) -> None:
    """Every kind of picture becomes each format, which its name then says."""
    source = picture(mode=mode, format="JPEG" if mode == "CMYK" else "PNG")
    file = bench.file(source, "my.photo.png")

    made = await bench.call("convert", image=file, format=format)

    assert opened(bench, made).format == format.upper()
    assert made["image"]["name"] == f"my.photo.{'jpg' if format == 'jpeg' else format}"


@pytest.mark.parametrize("change", ["strip", "resize", "crop"])
async def test_nothing_is_told(bench: Workbench, change: str) -> None:
    """No camera, place, comment or profile comes out, and what lay on its side stands upright."""
    made = await bench.call(change, image=telling(), **CHANGES[change])

    image = opened(bench, made)
    assert not image.getexif() and "comment" not in image.info and "icc_profile" not in image.info
    assert b"Ann" not in bench.content(made["image"]) and b"Acme" not in bench.content(made["image"])
    assert change != "strip" or image.size == (60, 120)


async def test_text_of_png(bench: Workbench) -> None:
    """Comments inside a PNG are gone."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Ann", zip=True)

    made = await bench.call("strip", image=picture(format="PNG", pnginfo=info))

    assert opened(bench, made).info == {}


async def test_polyglots(bench: Workbench) -> None:
    """Whatever hides behind a picture, or in its comment, does not come out."""
    script = b"<script>alert(1)</script>"
    for image in (picture() + b"PK\x03\x04" + script, picture(comment=script), picture(format="GIF") + script):
        made = await bench.call("strip", image=image)

        assert script not in bench.content(made["image"]) and b"PK\x03\x04" not in bench.content(made["image"])


async def test_animation(bench: Workbench) -> None:
    """Of an animation the first frame is taken."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green")]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:])

    made = await bench.call("strip", image=output.getvalue())

    assert (await bench.call("info", image=output.getvalue()))["frames"] == 2
    assert opened(bench, made).format == "PNG"


@pytest.mark.parametrize("capability", ["info", *CHANGES])
@pytest.mark.parametrize(
    "content",
    [png_bomb(60_000, 60_000), png_bomb(40_000, 10), gif_bomb(), picture((7_000, 7_000), "1", "PNG")],
    ids=["png", "long", "gif", "honest"],
)
async def test_bombs(bench: Workbench, content: bytes, capability: str) -> None:
    """A picture of too many pixels is refused before it is decoded, whatever its size in bytes."""
    assert await refusal(bench, content, capability) == "too-complex"


async def test_text_bomb(bench: Workbench) -> None:
    """A comment that unpacks to hundreds of megabytes is no picture."""
    assert await refusal(bench, text_bomb()) == "invalid-image"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        picture()[:-200],
        picture(format="PNG")[:60],
        picture(format="PNG").replace(b"IDAT", b"IDAX"),
        picture(format="WEBP")[:40],
        picture(format="TIFF"),
        picture(format="BMP"),
        picture(format="PPM"),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file",
        b"GIF89a" + b"\xff" * 50,
        b"<html>",
    ],
    ids=["empty", "head", "jpeg", "png", "chunk", "webp", "tiff", "bmp", "ppm", "svg", "eps", "gif", "html"],
)
async def test_no_pictures(bench: Workbench, content: bytes) -> None:
    """Truncated and damaged pictures, other formats, drawings and documents are refused."""
    assert await refusal(bench, content) == "invalid-image"


async def test_closed_list() -> None:
    """A service that takes JPEG only refuses the rest."""
    async with workbench(create, formats=["jpeg"], pixels=10_000) as bench:
        assert await refusal(bench, picture(format="PNG")) == "invalid-image"
        assert await refusal(bench, picture((200, 100))) == "too-complex"


async def test_manifest() -> None:
    """The manifest has no findings, and states the defaults that the package has."""
    assert stated_defaults(HERE) == {"formats": list(FORMATS), "pixels": PIXELS, "quality": QUALITY}
