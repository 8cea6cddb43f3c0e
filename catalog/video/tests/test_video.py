"""Videos are described, shown and converted; files that make ffmpeg read other files are refused."""

from __future__ import annotations

import io
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from archwright_runtime.errors import Refusal, SettingError
from archwright_std_video import arguments, create
from archwright_std_video.implementation import LENGTH, SECONDS
from testing_support.isolated import Workbench, stated_defaults, workbench
from testing_support.programs import needs

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Workbench]:
    """The component, making videos of at most one second."""
    needs("ffmpeg", "ffprobe")
    async with workbench(create, length=1) as made:
        yield made


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of a moving picture with a tone, that tell who made them."""
    needs("ffmpeg")
    path = tmp_path_factory.mktemp("video") / "clip.mov"
    picture = ["-f", "lavfi", "-i", "testsrc=duration=2:size=162x98:rate=10"]
    tone = ["-f", "lavfi", "-i", "sine=duration=2"]
    told = ["-metadata", "artist=Ann of the test", "-c:v", "mpeg4", "-c:a", "aac"]
    subprocess.run(["ffmpeg", "-loglevel", "error", *picture, *tone, *told, str(path)], check=True)
    return path.read_bytes()


@pytest.fixture(scope="module")
def visits() -> Iterator[tuple[str, list[str]]]:
    """A server inside the network that nobody from outside may reach, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


async def refusal(bench: Workbench, content: bytes, capability: str = "info", **more: Any) -> str:
    """The kind of refusal."""
    with pytest.raises(Refusal) as caught:
        await bench.call(capability, video=content, **more)
    return caught.value.kind


async def test_info(bench: Workbench, clip: bytes) -> None:
    """How long a video is, how large, and what is in it."""
    known = await bench.call("info", video=clip)

    assert 1900 < known.pop("milliseconds") < 2200
    assert known == {
        "width": 162,
        "height": 98,
        "container": "mov,mp4,m4a,3gp,3g2,mj2",
        "codec": "mpeg4",
        "sound": True,
    }


async def test_frame(bench: Workbench, clip: bytes) -> None:
    """A frame is a picture that fits, of the moment that was asked for."""
    file = bench.file(clip, "holiday.mov")

    first = await bench.call("frame", video=file, width=80)
    later = await bench.call("frame", video=file, width=80, milliseconds=1500)

    image = Image.open(io.BytesIO(bench.content(first["image"])))
    assert (image.format, image.width, first["image"]["name"]) == ("JPEG", 80, "holiday.jpg")
    assert bench.content(first["image"]) != bench.content(later["image"])


async def test_no_such_moment(bench: Workbench, clip: bytes) -> None:
    """There is no frame after the end."""
    assert await refusal(bench, clip, "frame", milliseconds=5000) == "no-such-moment"


@pytest.mark.parametrize(("format", "codec"), [("mp4", "h264"), ("webm", "vp8")])
async def test_transcode(bench: Workbench, clip: bytes, format: str, codec: str) -> None:
    """A video becomes one that browsers play: bounded in length and width, and telling nothing."""
    made = await bench.call("transcode", video=bench.file(clip, "a.mov"), format=format, width=100)
    known = await bench.call("info", video=made["video"])

    assert (made["video"]["name"], made["video"]["media"]) == (f"a.{format}", f"video/{format}")
    assert (known["codec"], known["width"], known["sound"]) == (codec, 100, True)
    assert known["milliseconds"] < 1200
    assert b"Ann of the test" in clip and b"Ann of the test" not in bench.content(made["video"])


def playlists(address: str, secret: Path) -> dict[str, bytes]:
    """Files that name other files or addresses, in the formats that ffmpeg knows."""
    return {
        "m3u8-url": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}/m3u8.ts\n#EXT-X-ENDLIST\n".encode(),
        "m3u8-file": f"#EXTM3U\n#EXTINF:1,\nconcat:file://{secret}|file:///etc/passwd\n#EXT-X-ENDLIST\n".encode(),
        "m3u8-crypto": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{address}/key"\n#EXTINF:1,\nx.ts\n'.encode(),
        "concat": f"ffconcat version 1.0\nfile '{secret}'\n".encode(),
        "concat-url": f"ffconcat version 1.0\nfile {address}/concat.mp4\n".encode(),
        "dash": f'<?xml version="1.0"?><MPD><Period><AdaptationSet><BaseURL>{address}/dash</BaseURL>'.encode(),
        "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/svg"/></svg>'.encode(),
        "subtitles": b"1\n00:00:00,000 --> 00:00:02,000\nwords\n",
    }


@pytest.mark.parametrize("name", playlists("", Path()))
async def test_playlists(
    bench: Workbench, visits: tuple[str, list[str]], tmp_path: Path, clip: bytes, name: str
) -> None:
    """What names other files or addresses is no video; nothing is read and nobody is asked."""
    (tmp_path / "secret.mov").write_bytes(clip)
    address, asked = visits

    assert await refusal(bench, playlists(address, tmp_path / "secret.mov")[name]) == "invalid-video"
    assert asked == []


@pytest.mark.parametrize("name", ["m3u8-url", "concat-url"])
async def test_converting_opens_no_playlists(bench: Workbench, visits: tuple[str, list[str]], name: str) -> None:
    """The program that converts has the same closed list as the one that describes."""
    address, asked = visits
    content = playlists(address, Path("/etc/passwd"))[name]
    program = bench.program("ffmpeg")

    for wish, result in ((arguments.frame(0, 100), arguments.FRAME), (arguments.video("mp4", 100, 1, 9), "video.mp4")):
        made = await bench.execute(program, wish, files={arguments.INPUT: content}, results=[result])

        assert made.code != 0 and not made.files
        assert b"whitelist" in made.errors or b"Invalid data" in made.errors
    assert asked == []


async def test_reference_inside(bench: Workbench, visits: tuple[str, list[str]], clip: bytes) -> None:
    """A movie whose tracks lie in another file does not make ffmpeg look for it."""
    address, asked = visits
    other = clip.replace(b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00")

    try:
        await bench.call("transcode", video=other, format="mp4")
    except Refusal as refused:
        kinds = [refused.kind]
    else:
        kinds = []

    assert asked == [] and set(kinds) <= {"invalid-video"} and address


@pytest.mark.parametrize("part", [0, 8, 0.3, 0.6])
async def test_damaged(bench: Workbench, clip: bytes, part: float) -> None:
    """A video of which a part is missing is refused."""
    size = int(len(clip) * part) if isinstance(part, float) else part

    assert await refusal(bench, clip[:size]) == "invalid-video"


async def test_no_videos(bench: Workbench) -> None:
    """Pictures, sounds and texts are no videos."""
    picture = io.BytesIO()
    Image.new("RGB", (50, 50)).save(picture, "GIF")

    assert await refusal(bench, picture.getvalue()) == "invalid-video"
    assert await refusal(bench, b"RIFF\x24\0\0\0WAVEfmt " + bytes(60)) == "invalid-video"
    assert await refusal(bench, b"/etc/passwd") == "invalid-video"


async def test_missing_program() -> None:
    """A service whose machine has no ffmpeg does not start, and says so."""
    with pytest.raises(SettingError, match="`no-such-ffmpeg` is not installed"):
        async with workbench(create, ffmpeg="no-such-ffmpeg"):
            raise AssertionError("started")


async def test_manifest() -> None:
    """The manifest has no findings, and states the defaults that the package has."""
    programs = {"ffmpeg": "ffmpeg", "ffprobe": "ffprobe"}
    assert stated_defaults(Path(__file__).parent.parent) == {**programs, "length": LENGTH, "seconds": SECONDS}
