"""Convert the face descriptor of @vladmandic/face-api from its own layout to safetensors, values unchanged.

    npm pack @vladmandic/face-api@1.7.15 && tar xzf vladmandic-face-api-1.7.15.tgz
    python tools/model_assets/convert_face_descriptor.py package/model OUT.safetensors

The source holds the values of most tensors in 8 bits, with a scale and a least value; so does the result,
under `NAME`, `NAME.scale` and `NAME.least`. Only needed once: the result is committed, and its card has the
hashes.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

NAME = "face_recognition_model"
SOURCE = "npm @vladmandic/face-api 1.7.15, model/face_recognition_model.bin"


def main() -> None:
    """Write the file and print the SHA-256 of what was read and written."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    data = (folder / f"{NAME}.bin").read_bytes()
    (group,) = json.loads((folder / f"{NAME}-weights_manifest.json").read_text())
    tensors, at = {}, 0
    for weight in group["weights"]:
        count = int(np.prod(weight["shape"]))
        name, quantised = weight["name"].replace("/", "."), weight.get("quantization")
        if quantised is None:
            tensors[name] = np.frombuffer(data, "<f4", count, at).reshape(weight["shape"])
        else:
            tensors[name] = np.frombuffer(data, quantised["dtype"], count, at).reshape(weight["shape"])
            tensors[f"{name}.scale"] = np.array([quantised["scale"]])
            tensors[f"{name}.least"] = np.array([quantised["min"]])
        at += tensors[name].nbytes
    if at != len(data):
        raise ValueError("The weights do not fill their file.")
    save_file(tensors, out, metadata={"source": SOURCE, "licence": "MIT"})
    for path in (folder / f"{NAME}.bin", out):
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)


if __name__ == "__main__":
    main()
