"""Extract the face models from the mediapipe package to generation/animation/assets.

    .venv/bin/python tools/model_assets/extract_face_models.py   # downloads the package with pip, 36 MB
    .venv/bin/python tools/model_assets/extract_face_models.py --wheel mediapipe-0.10.14-....whl

Two files are copied as they are. `face_landmark_with_attention.tflite` holds three custom operators that only
mediapipe's own runtime has, so it is cut at them into four files without any: the mesh network, and one
network each for the lips and the eyes that reads a part of the mesh network's features. The weights are not
touched, and what the operators do is in generation/animation/face/face_mesh.py. Every source file and every
result is verified by its SHA-256.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import flatbuffers
from ai_edge_litert import schema_py_generated as tfl

PACKAGE = "mediapipe==0.10.14"
ASSETS = Path(__file__).resolve().parents[2] / "generation" / "animation" / "assets"
MODULES = "mediapipe/modules"

# Path in the package -> SHA-256.
SOURCES = {
    "face_detection/face_detection_short_range.tflite": (
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"
    ),
    "face_landmark/face_landmark_with_attention.tflite": (
        "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4"
    ),
    "selfie_segmentation/selfie_segmentation.tflite": (
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c"
    ),
}
ATTENTION = "face_landmark/face_landmark_with_attention.tflite"
# Asset -> (input tensor, output tensors) of the attention model, by name.
PARTS = {
    "face_mesh.tflite": ("input_1", ("output_mesh", "conv_faceflag", "p_re_lu_3")),
    "face_mesh_lips.tflite": ("transform_tensor_bilinear_v2", ("conv_lips",)),
    "face_mesh_left_eye.tflite": ("transform_tensor_bilinear_v2_1", ("conv_left_eye", "conv_left_iris")),
    "face_mesh_right_eye.tflite": ("transform_tensor_bilinear_v2_2", ("conv_right_eye", "conv_right_iris")),
}


def main() -> None:
    """Fetch, verify, cut and write; then compare with the hashes listed in assets/MODELS.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, help="a mediapipe wheel that is already here")
    wheel = parser.parse_args().wheel
    with tempfile.TemporaryDirectory() as directory:
        sources = read_sources(wheel or download(Path(directory)))
    assets = {Path(path).name: data for path, data in sources.items() if path != ATTENTION}
    for name, (entry, results) in PARTS.items():
        assets[name] = cut_model(sources[ATTENTION], entry, results)
    listed = (ASSETS / "MODELS.md").read_text()
    for name, data in sorted(assets.items()):
        digest = hashlib.sha256(data).hexdigest()
        known = digest in listed
        print(f"{name:40} {len(data):8} bytes  {digest}  {'as listed' if known else 'NOT in MODELS.md'}")
        if not known:
            sys.exit(f"{name} differs from assets/MODELS.md; nothing further was written.")
        (ASSETS / name).write_bytes(data)


def download(directory: Path) -> Path:
    """Download the wheel with pip and return its path."""
    command = [sys.executable, "-m", "pip", "download", PACKAGE, "--no-deps", "--dest", str(directory)]
    subprocess.run(command, check=True)
    return next(directory.glob("mediapipe-*.whl"))


def read_sources(wheel: Path) -> dict[str, bytes]:
    """The source models of `wheel` by path; exits when one does not have its known hash."""
    sources = {}
    with zipfile.ZipFile(wheel) as archive:
        for path, expected in SOURCES.items():
            data = archive.read(f"{MODULES}/{path}")
            if hashlib.sha256(data).hexdigest() != expected:
                sys.exit(f"{path} in {wheel.name} is not the file this tool was written for.")
            sources[path] = data
    return sources


def cut_model(data: bytes, entry: str, results: tuple[str, ...]) -> bytes:
    """The part of a TensorFlow Lite model that computes the tensors `results` from `entry`, as a model.

    Keeps only the operators, tensors and weights that part needs. Exits if it would need another input.
    """
    model = tfl.ModelT.InitFromObj(tfl.Model.GetRootAsModel(data, 0))
    (graph,) = model.subgraphs
    by_name = {tensor.name: index for index, tensor in enumerate(graph.tensors)}
    inputs, outputs = [by_name[entry.encode()]], [by_name[name.encode()] for name in results]

    maker = {int(out): index for index, op in enumerate(graph.operators) for out in op.outputs}
    needed_operators: set[int] = set()
    needed_tensors = set(inputs)
    waiting = list(outputs)
    while waiting:
        tensor = waiting.pop()
        if tensor in needed_tensors:
            continue
        needed_tensors.add(tensor)
        if tensor in maker:
            operator = graph.operators[maker[tensor]]
            if model.operatorCodes[operator.opcodeIndex].customCode:
                sys.exit(f"{results} need a custom operator besides {entry}.")
            needed_operators.add(maker[tensor])
            waiting.extend(int(i) for i in operator.inputs if i >= 0)
        elif model.buffers[graph.tensors[tensor].buffer].data is None:
            sys.exit(f"{results} need an input besides {entry}.")

    tensors = sorted(needed_tensors)
    renumbered = {old: new for new, old in enumerate(tensors)}
    graph.operators = [graph.operators[index] for index in sorted(needed_operators)]
    for operator in graph.operators:
        operator.inputs = [renumbered[int(i)] if i >= 0 else -1 for i in operator.inputs]
        operator.outputs = [renumbered[int(i)] for i in operator.outputs]
    graph.tensors = [graph.tensors[index] for index in tensors]
    graph.inputs = [renumbered[index] for index in inputs]
    graph.outputs = [renumbered[index] for index in outputs]

    codes = sorted({operator.opcodeIndex for operator in graph.operators})
    for operator in graph.operators:
        operator.opcodeIndex = codes.index(operator.opcodeIndex)
    model.operatorCodes = [model.operatorCodes[index] for index in codes]
    # Buffer 0 is empty by the format's rules; tensors without data point to it.
    buffers = [0, *sorted({tensor.buffer for tensor in graph.tensors} - {0})]
    for tensor in graph.tensors:
        tensor.buffer = buffers.index(tensor.buffer)
    model.buffers = [model.buffers[index] for index in buffers]
    model.metadata = model.metadataBuffer = model.signatureDefs = None
    model.description = f"{entry} to {', '.join(results)} of {Path(ATTENTION).name}, {PACKAGE}"

    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


if __name__ == "__main__":
    main()
