"""A reader process that does not keep to the rules: `python -m tests.provenance.verify.lying_reader`.

As if somebody had reached the pipe for the answers to all orders. The path of the file names what is said.
"""

from __future__ import annotations

import json
import os
import sys

FORGED = {"manifest": {"state": "forged"}, "mark": None, "has_hidden_data": False}


def main() -> None:
    """Say what each order asks for, until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        forged = {"nonce": order["nonce"], "result": FORGED}
        match order["job"]["path"]:
            case "one line":
                said = json.dumps(forged).encode()
            case "no object":
                said = b"]["
            case "no text":
                said = b"\xff\xfe"
            case "of an earlier order":
                said = json.dumps(forged | {"nonce": "0" * 32}).encode()
            case "without a nonce":
                said = json.dumps({"result": FORGED}).encode()
            case "no result":
                said = json.dumps({"nonce": order["nonce"]}).encode()
            case "unknown failure":
                said = json.dumps({"nonce": order["nonce"], "failure": "none", "stderr": ""}).encode()
            case _:
                said = json.dumps(forged).encode() + b"\n" + json.dumps(forged).encode()
        os.write(1, said + b"\n")


if __name__ == "__main__":
    main()
