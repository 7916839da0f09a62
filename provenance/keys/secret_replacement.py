"""Puts a new secret into the place of a stolen one. The old one stays in the file: what was made with it is
found and opened with it.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from django.conf import settings

from provenance.common.errors import CodedError
from provenance.keys.key_rotation import put_in_place
from provenance.keys.service_keys import SECRET_BYTES, secrets_in
from provenance.watermark.coding.payload import WatermarkSecrets

WATERMARK, COMMITMENT = "watermark", "commitment"
FILES: Final = {
    WATERMARK: "LIKENESS_WATERMARK_KEY_FILE",
    COMMITMENT: "LIKENESS_COMMITMENT_KEY_FILE",
}


class SecretNotReplaced(CodedError):
    """This secret cannot be replaced here."""

    code = "secret_not_replaced"
    status = 409
    message = "This secret cannot be replaced here."
    hint = "See Stolen keys in docs/runbook.md."


def replace_secret(which: str) -> int:
    """Use a new secret of a kind in `FILES` from now on; how many there are now.

    Raises `SecretNotReplaced`, and `SecretUnusable` where the present one cannot be read.
    """
    if which == WATERMARK and settings.LIKENESS_WATERMARK_KEY_CALLBACK:
        raise SecretNotReplaced("A function gives the watermark's keys, so that there is no file to change.")
    path = Path(getattr(settings, FILES[which]))
    present = secrets_in(path)
    if which == WATERMARK and len(present) >= WatermarkSecrets.MOST:
        raise SecretNotReplaced(f"The watermark's secret was replaced {len(present) - 1} times already.")
    lines = [secret.hex() for secret in (*present, secrets.token_bytes(SECRET_BYTES))]
    put_in_place(path, "".join(f"{line}\n" for line in lines), mode=0o600)
    return len(lines)
