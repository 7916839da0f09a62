"""`make demo-tamper` catches everything, and says what caught it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


def test_every_attempt_is_caught_by_the_check_that_is_there_for_it() -> None:
    command = [sys.executable, "-m", "tools.tamper_drill"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    caught = {
        attempt.strip(): check
        for line in done.stdout.splitlines()
        if " caught by " in line
        for attempt, check in [line.split(" caught by ", 1)]
    }
    expected = {
        "a bit of the picture": "assertion.bmffHash.mismatch",
        "one pixel painted over": "recovered: by_watermark",
        "a box put behind the end": "assertion.bmffHash.mismatch",
        "data hidden in a free box": "container: hidden_data",
        "a word of the manifest": "assertion.hashedURI.mismatch",
        "the signature": "claimSignature.mismatch",
        "metadata stripped": "recovered: by_watermark",
        "encoded again": "recovered: by_watermark",
        "the manifest of another of our videos": "agreement: transplanted",
        "our manifest on a stranger's video": "watermark: not_found",
        "a certificate of another authority": "signingCredential.untrusted",
        "the signing key exchanged": "signing_key_unusable",
        "a time-stamp of an unknown clock": "signature_not_trusted",
        "an evidence bundle forged": "bundle_rejected",
        "a record set back to released": "log: not_proven",
        "the log's key exchanged": "log: not_proven",
        "a row of the log changed": "trigger",
        "the same after removing the triggers": "auditlog_fsck",
    }
    assert {attempt: check for attempt, check in expected.items() if check not in caught[attempt]} == {}
