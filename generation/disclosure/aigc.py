"""The metadata "AIGC" that China's rules ask whoever publishes to have in a file, as data."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _rules() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("aigc.json").read_text("utf-8"))
    return found


def aigc_metadata(*, producer: str, produce_id: str) -> dict[str, dict[str, str]]:
    """The fields of one video: that it is generated, by whom, and under which number of theirs.

    What whoever passes it on adds (propagator, reserved codes) is empty.
    """
    rules = _rules()
    known = {"Label": rules["generated"], "ContentProducer": producer, "ProduceID": produce_id}
    return {rules["key"]: {name: known.get(name, "") for name in rules["fields"]}}
