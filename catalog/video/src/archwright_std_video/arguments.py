"""What ffmpeg and ffprobe are told.

Its rules:

* Formats are a closed list without playlists, scripts and pictures: what names other files or addresses is not opened.
* Files are the only protocol, so even a format that did name an address would reach nothing.
* Every result is bounded in length, width, frames per second and bytes.
"""

from __future__ import annotations

INPUT = "input"
FRAME = "frame.jpg"
VIDEO = {"mp4": "video.mp4", "webm": "video.webm"}

# Names of demuxers; those with several names are listed as ffmpeg prints them.
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpeg,mpegts,ogg,asf"
_SAFE = ["-protocol_whitelist", "file", "-format_whitelist", _FORMATS]
_QUIET = ["-hide_banner", "-nostdin", "-loglevel", "error"]
_MOST_RATE = 30
_THREADS = "2"
_CODECS = {
    "mp4": [
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "96k", "-ac", "2", "-movflags", "+faststart", "-f", "mp4",
    ],
    "webm": [
        "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-crf", "30", "-b:v", "1M",
        "-c:a", "libopus", "-b:a", "64k", "-ac", "2", "-f", "webm",
    ],
}  # fmt: skip


def probe() -> list[str]:
    """Describe the file as JSON."""
    shown = ["-show_entries", "format=format_name,duration:stream=codec_type,codec_name,width,height,duration"]
    return ["-hide_banner", "-loglevel", "error", *_SAFE, "-of", "json", *shown, f"file:{INPUT}"]


def frame(milliseconds: int, width: int) -> list[str]:
    """One frame as a JPEG picture."""
    moment = f"{milliseconds // 1000}.{milliseconds % 1000:03}"
    source = [*_SAFE, "-threads", _THREADS, "-ss", moment, "-i", f"file:{INPUT}"]
    shown = ["-map", "0:v:0", "-frames:v", "1", "-vf", _fitting(width), "-q:v", "4", "-map_metadata", "-1"]
    return [*_QUIET, *source, *shown, "-f", "image2", "-update", "1", f"file:{FRAME}"]


def video(format: str, width: int, seconds: int, size: int) -> list[str]:
    """The beginning of the video in another form."""
    source = [*_SAFE, "-threads", _THREADS, "-i", f"file:{INPUT}"]
    streams = ["-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"]
    bounds = ["-t", str(seconds), "-fs", str(size), "-r", str(_MOST_RATE), "-vf", _fitting(width), "-threads", _THREADS]
    return [*_QUIET, *source, *streams, *bounds, *_CODECS[format], f"file:{VIDEO[format]}"]


def _fitting(width: int) -> str:
    """No wider than asked for, no higher than twice that, and even, as codecs want it."""
    return (
        f"scale=w='min({width},iw)':h='min({width * 2},ih)':force_original_aspect_ratio=decrease,"
        "scale=w='max(2,trunc(iw/2)*2)':h='max(2,trunc(ih/2)*2)',setsar=1"
    )
