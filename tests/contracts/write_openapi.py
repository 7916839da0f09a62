"""Write docs/openapi.json, the reviewed description of the API: `make openapi`.

Says what changes by it. What would break a caller is refused, unless `--breaking` says that it is meant.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

from tests.contracts.openapi_changes import changes

SNAPSHOT = Path(__file__).resolve().parents[2] / "docs/openapi.json"


def served() -> dict[str, Any]:
    """The document that the service serves at /v1/openapi.json."""
    from config.api import api  # needs Django to be set up

    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return document


def reviewed() -> dict[str, Any]:
    """The document that was last reviewed."""
    document: dict[str, Any] = json.loads(SNAPSHOT.read_text())
    return document


def main(arguments: list[str]) -> int:
    """Write the file; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    document = served()
    found = changes(reviewed(), document) if SNAPSHOT.exists() else []
    broken = [change for change in found if change.is_breaking]
    for change in found:
        sys.stdout.write(f"{'breaks: ' if change.is_breaking else 'adds:   '}{change}\n")
    if broken and "--breaking" not in arguments:
        sys.stderr.write("make: the API would break its callers; see above. Nothing was written.\n")
        return 1
    SNAPSHOT.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
