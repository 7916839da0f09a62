"""Let any speech synthesiser speak live: 16-bit PCM on standard input, a face on standard output.

espeak-ng --stdout "Good morning" | tail -c +45 |
    python -m examples.live_text_to_speech por_... 22050 | ffplay -
"""

import os
import sys
from collections.abc import Iterator

from likeness import Client, LiveStream, live_speech


def pieces() -> Iterator[bytes]:
    """What the synthesiser has said so far, as it comes."""
    while piece := os.read(sys.stdin.fileno(), 4096):
        yield piece


def main(portrait_id: str, rate: str) -> None:
    """`LIKENESS_SERVER` and `LIKENESS_API_KEY` in the environment say where and as whom."""

    def show(data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    with Client(os.environ["LIKENESS_SERVER"], os.environ["LIKENESS_API_KEY"]) as likeness:
        opened = likeness.open_live(portrait_id, voice="synthetic")
        with LiveStream(opened, on_media=show) as live:
            live.speak_all(live_speech(pieces(), int(rate)))


if __name__ == "__main__":
    main(*sys.argv[1:])
