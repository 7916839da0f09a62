"""Says whether a folder holds LivePortrait's weights, and their digest.

python -m generation.animation.liveportrait FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from generation.animation.liveportrait.refusal import WeightsRefused
from generation.animation.liveportrait.weights import digest_of, find_files, read_weights


def main(arguments: list[str]) -> int:
    """Check the folder and write the line for the settings; 1 for one that does not fit, 2 without one."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m generation.animation.liveportrait FOLDER\n")
        return 2
    try:
        files = find_files(Path(arguments[0]))
        read_weights(files)
    except WeightsRefused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    sys.stdout.write(f"LIKENESS_LIVEPORTRAIT_DIGEST={digest_of(files)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
