"""What a reader says of a file, said again to the tests that verify the very same bytes.

A vector, a golden video and the clip of a test process come to each door, in each language, and under records
in every state, and reading is nearly all of the work of a verdict. What was said is kept for all test
processes of a run, for the same bytes, keys, trust and limits; what differs in a single one is read, and a
reader that fails is asked again. Tests of readers and of their sandbox do without.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from provenance.common.strict_json import to_plain
from provenance.sandbox.requirement import may_be_reduced, sandbox_state
from provenance.services import verify as service
from provenance.verify.evidence.reader_report import FileReport, ReadJob
from provenance.verify.reader import reader_pool
from provenance.verify.reader.reader_pool import Read

ANYWHERE = Path("file")
_readers = service._readers


def once(read: Read) -> Read:
    """`read`, which reads each content once a run."""

    def report(job: ReadJob, **patience: Any) -> FileReport:
        asked = (to_plain(replace(job, path=ANYWHERE)), _limits())
        key = hashlib.sha256(job.path.read_bytes() + repr(asked).encode()).hexdigest()
        kept = Path(os.environ["LIKENESS_TEST_DIR"], "read", key)
        if not kept.exists():
            said = read(job, **patience)
            kept.parent.mkdir(exist_ok=True)
            part = kept.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
            part.write_bytes(pickle.dumps(said))
            part.rename(kept)
        again: FileReport = pickle.loads(kept.read_bytes())  # noqa: S301 - our own
        return again

    return report


class ReadersOnce:
    """The service's readers, in their place."""

    def __init__(self, process_id: int) -> None:
        self.read = once(_readers(process_id).read)


def _limits() -> dict[str, Any]:
    limits = {name: value for name, value in vars(reader_pool).items() if name.isupper()}
    return limits | {"sandbox": (sandbox_state(), may_be_reduced())}
