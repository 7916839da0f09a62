"""What the log's tests share: hypothesis without deadlines, and the log's key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from provenance.log.keys import create_log_key
from tests.append_only import use_sanctioned_reset

# A busy machine is no failure: tests never assert a time.
hypothesis_settings.register_profile("log", deadline=None, max_examples=50)
hypothesis_settings.load_profile("log")
use_sanctioned_reset()


@pytest.fixture(autouse=True)
def _log_key(settings, tmp_path_factory) -> None:
    """A key of the tests' own, wherever the settings would have looked."""
    path: Path = tmp_path_factory.getbasetemp() / "log-key.pem"
    if not path.exists():
        create_log_key(path)
    settings.LIKENESS_LOG_KEY_FILE = path
