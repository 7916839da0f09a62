"""Sends text messages by the gateway that LIKENESS_SMS_GATEWAY names, or into files on localhost.

A gateway is a function `(number, text) -> None`: the number in E.164 form (+ and 7 to 15 digits), the text in
one piece. It returns when the message was taken and raises any exception when it was not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.contact_errors import PhoneUnavailable

Gateway = Callable[[str, str], None]


def write_to_file(number: str, text: str) -> None:
    """The development gateway: one file a message in `LIKENESS_DATA_DIR/sms`, as e-mails are in `mail`."""
    folder = Path(settings.LIKENESS_DATA_DIR, "sms")
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns()}-{uuid4().hex[:8]}.txt"
    (folder / name).write_text(f"To: {number}\n\n{text}\n", encoding="utf-8")


def gateway() -> Gateway:
    """The gateway in use. Raises `PhoneUnavailable` where none is set, except on localhost."""
    if settings.LIKENESS_SMS_GATEWAY:
        named: Gateway = import_string(settings.LIKENESS_SMS_GATEWAY)
        return named
    if settings.LIKENESS_ON_LOOPBACK:
        return write_to_file
    raise PhoneUnavailable
