"""What ffprobe says about a file, read once into plain values."""

from __future__ import annotations

import msgspec

_LARGEST_SIDE = 16_384
_LONGEST = 86_400_000
_LONGEST_NAME = 60


class _Stream(msgspec.Struct, frozen=True):
    codec_type: str = ""
    codec_name: str = ""
    width: int = 0
    height: int = 0
    duration: str = ""


class _Format(msgspec.Struct, frozen=True):
    format_name: str = ""
    duration: str = ""


class _Probe(msgspec.Struct, frozen=True):
    streams: list[_Stream] = []
    format: _Format = _Format()


def described(output: bytes) -> dict[str, object] | None:
    """A video's length and size; None where there is no moving picture of a possible size."""
    try:
        probe = msgspec.json.decode(output, type=_Probe)
    except msgspec.MsgspecError:
        return None
    picture = next((stream for stream in probe.streams if stream.codec_type == "video"), None)
    if picture is None or not (0 < picture.width <= _LARGEST_SIDE and 0 < picture.height <= _LARGEST_SIDE):
        return None
    return {
        "milliseconds": _milliseconds(probe.format.duration or picture.duration),
        "width": picture.width,
        "height": picture.height,
        "container": probe.format.format_name[:_LONGEST_NAME],
        "codec": picture.codec_name[:_LONGEST_NAME],
        "sound": any(stream.codec_type == "audio" for stream in probe.streams),
    }


def _milliseconds(seconds: str) -> int:
    try:
        return max(0, min(round(float(seconds) * 1000), _LONGEST))
    except (ValueError, OverflowError):
        return 0
