"""The mailbox of one address, read from the files that a service on localhost writes instead of mail."""

from __future__ import annotations

import email
import email.policy
import re
import time
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 30


class MailMissing(RuntimeError):
    """No message with what was looked for came in time."""


@dataclass(frozen=True)
class Mailbox:
    """What was sent to `address`, in the folder `mail` of the service's data folder."""

    folder: Path
    address: str

    def newest(self, pattern: str) -> str:
        """The pattern's group in the newest message that has it; waits for one. Raises `MailMissing`."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            for text in reversed(self._messages()):
                match = re.search(pattern, text)
                if match is not None:
                    return match.group(1)
            if time.monotonic() > deadline:
                raise MailMissing(f"No message to {self.address} holds {pattern!r}.")
            time.sleep(0.2)

    def consent_link(self) -> str:
        """Where the request that came last is answered."""
        return self.newest(r"(https?://\S+/consent/[\w-]{43}/)")

    def code(self) -> str:
        """The one-time code that came last."""
        return self.newest(r"Your code: (\d{6})")

    def receipt_link(self) -> str:
        """Where the receipt that came last is."""
        return self.newest(r"(https?://\S+/receipt/[\w-]{43}/)")

    def likeness_link(self) -> str:
        """The link to "My likeness" that came last."""
        return self.newest(r"(https?://\S+/likeness/[\w-]{43}/)")

    def _messages(self) -> list[str]:
        """The bodies of all messages to the address, oldest first."""
        files = sorted(self.folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        found = []
        for file in files:
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if self.address in str(message["To"]):
                found.append(str(message.get_content()).partition("\n" + "-" * 79)[0])
        return found
