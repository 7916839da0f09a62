"""Log formatter that leaves the secrets in request addresses out of the process log."""

from __future__ import annotations

import logging
import re

# The links of subjects and invited people are the only addresses that are secrets. Also as a part of another
# address, where the slash is written as %2F.
_SECRET = re.compile(
    r"((?:/|%2F)(?:consent|receipt|likeness|join)(?:/|%2F))[\w-]{16,}", re.ASCII | re.IGNORECASE
)


def without_secrets(text: str) -> str:
    """`text` without the secret part of links to consents, receipts, likenesses and invitations."""
    return _SECRET.sub(r"\1[secret]", text)


class SecretsLeftOut(logging.Formatter):
    """Formats as usual; whoever reads the log can open nobody's link."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))
