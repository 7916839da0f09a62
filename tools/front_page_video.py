"""Makes the moving picture of the front page: `python -m tools.front_page_video`.

Starts a service of its own on loopback, makes a video of the sample Maya with it as any partner would, and
writes the first two phrases of it as static/hero.mp4, with static/hero.jpg to stand there before. The visible
label is that of the video; mark and credentials are a development installation's, and not meant to be found.
Needs FFmpeg.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from config.local_stack import LocalStack
from likeness import Client

STATIC: Final = Path(__file__).resolve().parents[1] / "static"
PHRASES_S: Final = 5.15  # "Good morning, and welcome. I would love to show you around the old harbor"
STILL_AT_S: Final = 0.9
SIDE: Final = 480
_FFMPEG: Final = ("ffmpeg", "-v", "error", "-y")


def main() -> int:
    """Make the video and its still."""
    with tempfile.TemporaryDirectory(prefix="likeness-front-page-") as folder:
        whole = Path(folder) / "maya.mp4"
        with LocalStack(Path(folder) / "service", port=0) as stack:
            key = json.loads(stack.manage("seed_demo"))["api_key"]
            with Client(stack.base_url, key) as client:
                maya = client.add_sample("maya")
                job = client.create_job(maya.portrait_id, maya.driving_audio_id, seed=7)
                client.download(client.wait(job.id).id, whole)
        cut_for_the_page(whole, STATIC)
    return 0


def cut_for_the_page(video: Path, folder: Path) -> None:
    """Write `hero.mp4` and `hero.jpg` into a folder."""
    moving = ("-t", str(PHRASES_S), "-vf", f"scale={SIDE}:{SIDE}:flags=lanczos", "-map_metadata", "-1")
    picture = ("-c:v", "libx264", "-preset", "veryslow", "-crf", "27", "-pix_fmt", "yuv420p")
    sound = ("-c:a", "aac", "-b:a", "48k", "-ac", "1", "-movflags", "+faststart")
    subprocess.run([*_FFMPEG, "-i", video, *moving, *picture, *sound, folder / "hero.mp4"], check=True)
    still = ("-ss", str(STILL_AT_S), "-i", folder / "hero.mp4", "-frames:v", "1", "-q:v", "4")
    subprocess.run([*_FFMPEG, *still, folder / "hero.jpg"], check=True)


if __name__ == "__main__":
    sys.exit(main())
