"""Measures the time to load the face rig in fresh processes; MODEL_CARD.md quotes the milliseconds.

python -m benchmarks.rendering.rig_load [processes]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence

BAR_MS = 300
PROGRAM = """
import time
start = time.perf_counter()
from generation.animation.geometry.rig import FaceRig
imported = time.perf_counter()
FaceRig.load()
print(1000 * (imported - start), 1000 * (time.perf_counter() - imported))
"""


def main(arguments: Sequence[str]) -> None:
    processes = int(arguments[0]) if arguments else 11
    runs = [
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
        for _ in range(processes)
    ]
    imports, loads = zip(*(map(float, run.split()) for run in runs), strict=True)
    print(f"{processes} processes, milliseconds: median, slowest\n")
    print(f"importing numpy and safetensors  {statistics.median(imports):6.0f} {max(imports):6.0f}")
    print(f"FaceRig.load()                   {statistics.median(loads):6.0f} {max(loads):6.0f}")
    print(f"bar for FaceRig.load(): {BAR_MS}, {'met' if max(loads) < BAR_MS else 'MISSED'}")


if __name__ == "__main__":
    main(sys.argv[1:])
