"""A reader process that does not keep to the rules: `python -m tests.provenance.verify.readers.lying_reader`.

As if somebody had reached the pipe for the answers to all orders. The path of the file names what is said.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from provenance.common.strict_json import to_plain
from provenance.manifest.states import ManifestReading, ManifestState
from provenance.verify.evidence.reader_report import FileReport
from provenance.verify.reader.reader_order import ReadAnswer

# Of the right form, and without the label that the file's own credentials have.
FORGED = FileReport(ManifestReading(ManifestState.TRUSTED_OURS), has_hidden_data=False, watermark=None)


def answer_to(nonce: str) -> dict[str, Any]:
    """An answer of the right form to the order with that nonce."""
    plain = to_plain(ReadAnswer(nonce, FORGED))
    assert isinstance(plain, dict)
    return plain


def main() -> None:
    """Say what each order asks for, until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        forged = answer_to(order["nonce"])
        text = json.dumps(forged).encode()
        match order["job"]["path"]:
            case "one line":
                said = text
            case "no object":
                said = b"]["
            case "no text":
                said = b"\xff\xfe"
            case "of an earlier order":
                said = json.dumps(forged | {"nonce": "0" * 32}).encode()
            case "without a nonce":
                said = json.dumps({"result": forged["result"]}).encode()
            case "no result":
                said = json.dumps(forged | {"result": None}).encode()
            case "result and failure":
                said = json.dumps(forged | {"failure": "time"}).encode()
            case "unknown failure":
                said = json.dumps(forged | {"result": None, "failure": "none"}).encode()
            case "unknown state":
                said = text.replace(b"trusted_ours", b"trusted_all")
            case "one key more":
                said = text.replace(b'"manifest": {', b'"manifest": {"extra": 1, ')
            case "text for a truth value":
                said = text.replace(b'"has_hidden_data": false', b'"has_hidden_data": "no"')
            case "a watermark that nobody asked for":
                watermark: dict[str, Any] = {
                    "state": "inconclusive", "extraction": None, "generator": None, "duration_s": None,
                    "looked_at": [], "watermarks": [], "seconds": [],
                }  # fmt: skip
                said = text.replace(b'"watermark": null', b'"watermark": ' + json.dumps(watermark).encode())
            case _:
                said = text + b"\n" + text
        os.write(1, said + b"\n")


if __name__ == "__main__":
    main()
