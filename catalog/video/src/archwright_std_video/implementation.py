"""The capabilities: they hand a file to ffmpeg and keep what it made."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation, Limits, Program
from archwright_runtime.errors import Refusal

from . import arguments
from .description import described

_BROKEN = "invalid-video"
_LARGEST = 25 << 20
_LARGEST_IMAGE = 10 << 20
_SHORT = Limits(seconds=15, cpu=15, memory=2 << 30, file=64 << 20)
LENGTH = 60
SECONDS = 60
_WIDTH = 1280
_MEDIA = {"mp4": "video/mp4", "webm": "video/webm"}


class Videos:
    """The capabilities of one service."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._ffmpeg = host.program(host.config.get("ffmpeg") or "ffmpeg")
        self._ffprobe = host.program(host.config.get("ffprobe") or "ffprobe")
        self._length = host.config.get("length") or LENGTH
        seconds = host.config.get("seconds") or SECONDS
        # Several threads share the seconds of work.
        self._long = Limits(seconds=seconds, cpu=seconds * 2, memory=3 << 30, file=_LARGEST + (1 << 20))

    async def info(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """What a video is."""
        return await self._describe(await context.read(input["video"]))

    async def frame(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """What it shows at some moment."""
        video, moment = input["video"], input.get("milliseconds") or 0
        content = await context.read(video)
        known = await self._describe(content)
        if moment and moment >= known["milliseconds"]:
            raise Refusal("no-such-moment", f"The video ends after {known['milliseconds']} milliseconds.")
        wish = arguments.frame(moment, input.get("width") or _WIDTH)
        made = await self._make(self._ffmpeg, content, wish, arguments.FRAME, _SHORT)
        if len(made) > _LARGEST_IMAGE:
            raise Refusal("too-complex", "The picture would be too large.")
        stored = await context.store(made, name=f"{_stem(video['name'])}.jpg", media="image/jpeg")
        return {"image": stored}

    async def transcode(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """The video in another form."""
        video, format = input["video"], input["format"]
        content = await context.read(video)
        await self._describe(content)
        wish = arguments.video(format, input.get("width") or _WIDTH, self._length, _LARGEST)
        made = await self._make(self._ffmpeg, content, wish, arguments.VIDEO[format], self._long)
        if len(made) > _LARGEST:
            raise Refusal("too-complex", "The video would be too large.")
        stored = await context.store(made, name=f"{_stem(video['name'])}.{format}", media=_MEDIA[format])
        return {"video": stored}

    async def _describe(self, content: bytes) -> dict[str, Any]:
        finished = await self._host.execute(
            self._ffprobe, arguments.probe(), files={arguments.INPUT: content}, limits=_SHORT, broken=_BROKEN
        )
        if finished.code != 0:
            raise _invalid()
        known = described(finished.output)
        if known is None:
            raise _invalid()
        return known

    async def _make(self, program: Program, content: bytes, wish: list[str], result: str, limits: Limits) -> bytes:
        finished = await self._host.execute(
            program, wish, files={arguments.INPUT: content}, results=[result], limits=limits, broken=_BROKEN
        )
        made = finished.files.get(result)
        if finished.code != 0 or not made:
            raise _invalid()
        return made


def create(host: Host) -> Implementation:
    """The component as it is configured in one service.

    Raises:
        SettingError: ffmpeg or ffprobe is not installed.
    """
    made = Videos(host)
    return Implementation(capabilities={"info": made.info, "frame": made.frame, "transcode": made.transcode})


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _invalid() -> Refusal:
    return Refusal("invalid-video", "This is no video that can be read.")
