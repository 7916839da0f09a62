"""Put a sample voice through a portrait, live, and keep what came as a video that verifies."""

import os
import sys
from pathlib import Path

from likeness import Client, LiveStream, read_live_speech


def main(portrait_id: str, speech: str, video: str) -> None:
    """`LIKENESS_SERVER` and `LIKENESS_API_KEY` in the environment say where and as whom."""
    with Client(os.environ["LIKENESS_SERVER"], os.environ["LIKENESS_API_KEY"]) as likeness:
        with LiveStream(likeness.open_live(portrait_id, voice="own")) as live:
            live.speak_all(read_live_speech(speech))
        Path(video).write_bytes(live.received)
    print(f"{live.segments} seconds, {'each as it left the service' if live.is_whole else 'some changed'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
