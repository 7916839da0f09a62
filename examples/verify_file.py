"""Verify a video without asking anybody: with the service's public keys and the video's evidence bundle."""

import sys
from pathlib import Path

from likeness import verify_file

SHELF = Path(__file__).parents[1] / "tests/golden/0.1.0"


def main(video: Path = SHELF / "released.mp4") -> int:
    """Print the verdict and what it rests on; 0 if the video is as it was released."""
    found = verify_file(video, keys=SHELF / "keys.json", bundles=[SHELF / "released.bundle.json"])
    print(f"{found.verdict}: {found.sentence}")
    for reason in found.reasons:
        print(f"  {reason}")
    return 0 if found.is_intact else 3


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
