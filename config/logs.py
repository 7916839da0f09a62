"""Log formatters: the secrets in request addresses stay out; one line a message, as text or as JSON."""

from __future__ import annotations

import logging
import re
from typing import Any

import structlog

# The links of subjects and invited people are the only addresses that are secrets. Also as a part of another
# address, where the slash is written as %2F.
_SECRET = re.compile(
    r"((?:/|%2F)(?:consent|receipt|voice|voice-receipt|likeness|join)(?:/|%2F))[\w-]{16,}",
    re.ASCII | re.IGNORECASE,
)
_BEFORE_RENDERING: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.format_exc_info,
]


def without_secrets(text: str) -> str:
    """`text` without the secret part of links to consents, voices, receipts, likenesses and invitations."""
    return _SECRET.sub(r"\1[secret]", text)


class SecretsLeftOut(logging.Formatter):
    """Formats as usual; whoever reads the log can open nobody's link."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonLines(structlog.stdlib.ProcessorFormatter):
    """One JSON object a line: time (UTC), level, logger, event, and what the work is bound to.

    `request_id`, `partner_id` and `job_id` are there as soon as they are known, in messages of libraries too,
    so that one request, partner or job can be followed through web and workers. Secrets are left out.
    """

    def __init__(self) -> None:
        super().__init__(
            foreign_pre_chain=_BEFORE_RENDERING,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str),
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


def structlog_processors(log_format: str) -> list[Any]:
    """How messages of structlog reach the formatter of the same name, "plain" or "json"."""
    if log_format == "json":
        return [*_BEFORE_RENDERING, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["event", "request", "code"]),
    ]
