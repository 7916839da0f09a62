"""A reader process whose children are taken over: `python -m tests.provenance.verify.readers.hostile_reader`.

What a child tries is named by the path of its file; every other file is read as ever.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from provenance.sandbox.child import OPEN_FILES
from provenance.verify.evidence.reader_report import FileReport, ReadJob
from provenance.verify.reader import inspect, reader_server
from tests.provenance.verify.readers.lying_reader import FORGED, answer_to

PR_GET_DUMPABLE = 3
_LINE = json.dumps(answer_to("")).encode() + b"\n"
_read = inspect.inspect


def read_or_attack(job: ReadJob) -> FileReport:
    match str(job.path):
        case "say what is open":
            found = {name: str(Path(f"/proc/self/fd/{name}").readlink()) for name in open_descriptors()}
            return saying(found)
        case "say whether it can be looked into":
            return saying({"dumpable": ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)})
        case "say who reads":
            return saying(os.getpid())
        case "write to all that is open":
            for name in open_descriptors():
                write(lambda name=name: int(name))
            return FORGED
        case "write to all that the parent has open":
            parents = Path(f"/proc/{os.getppid()}/fd")
            with contextlib.suppress(OSError):
                for path in list(parents.iterdir()):
                    write(lambda path=path: os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            return FORGED
        case "answer with a list":
            return [FORGED]  # type: ignore[return-value]
        case _:
            return _read(job)


def saying(values: object) -> FileReport:
    """A report of the right form; what it says is in the title, as JSON."""
    return replace(FORGED, manifest=replace(FORGED.manifest, title=json.dumps(values)))


def open_descriptors() -> list[str]:
    """By trying each: the folder that lists them cannot be read."""
    found = []
    for number in range(OPEN_FILES):
        with contextlib.suppress(OSError):
            os.fstat(number)
            found.append(str(number))
    return found


def write(descriptor: Any) -> None:
    with contextlib.suppress(OSError):
        os.write(descriptor(), _LINE)


if __name__ == "__main__":
    inspect.inspect = read_or_attack
    reader_server.main()
