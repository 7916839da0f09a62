"""Reading the newest entry of the log."""

from __future__ import annotations

import json
from typing import Any

from provenance.models import LogEntry


def newest_entry() -> dict[str, Any]:
    """The log's last entry as it was hashed."""
    row = LogEntry.objects.order_by("-index").first()
    assert row is not None
    entry: dict[str, Any] = json.loads(row.body)
    return entry
