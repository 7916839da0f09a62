"""Verifies offline with a reader that has its libraries, as the service does, instead of one for each file.

To load them takes longer than to read a short clip. That both say the same is what
tests/provenance/verify/readers/test_readers.py shows; the command itself, which starts a reader for its one
file, is run by tests/provenance/verify/doors/test_offline.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from provenance.verify.reader.reader_pool import Readers
from provenance.verify.verify_file import verify_file
from tests.provenance.read_once import once


@pytest.fixture(scope="package", autouse=True)
def _offline_files_are_read_by_one_reader() -> Iterator[None]:
    pool = Readers(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("provenance.offline.verify_file", partial(verify_file, read=once(pool.read)))
        yield
    pool.close()
