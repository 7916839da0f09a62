"""Encrypts recordings, each under a key of its own (AES-256-GCM), and reads them again.

The key is stored in the row, under the site's secret key. Destroying it makes every copy of the file noise;
backups of the database from before have it still, and nothing here reaches them.
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.access.encryption import box
from accounts.errors import MediaErased
from generation import storage
from generation.models import FaceRegistration, LiveRecording
from provenance.selectors.decisions import require_as_logged

FOLDER = "live-recordings"
_NONCE_BYTES = 12
_PURPOSE = "live recording"


def seal(recording: Path, sealed: Path) -> str:
    """Write the encrypted form of a file; its key, under the site's secret."""
    key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(_NONCE_BYTES)
    sealed.write_bytes(nonce + AESGCM(key).encrypt(nonce, recording.read_bytes(), None))
    return box(_PURPOSE).encrypt(base64.b64encode(key)).decode("ascii")


def unseal(row: LiveRecording | FaceRegistration) -> bytes:
    """The recording. The caller has checked who asks.

    Raises `MediaErased`, and `RowContradictsLog` where it is not that of the row's digest, which the log has.
    """
    if row.is_erased or not row.sealed_key:
        raise MediaErased("This recording was erased.")
    key = base64.b64decode(box(_PURPOSE).decrypt(row.sealed_key.encode("ascii")))
    with storage.open_file(row.file_key) as file:
        data = file.read()
    recording = AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None)
    is_other = hashlib.sha256(recording).hexdigest() != row.sha256
    require_as_logged("recording", row.pk, ["file_key", "sealed_key"] if is_other else [])
    return recording
