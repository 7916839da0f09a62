"""Runs the TensorFlow Lite models of the face analysis; each is loaded once a process."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ASSETS = Path(__file__).parents[1] / "assets"


MOST_AT_ONCE = 2  # threads that run one model at the same time, each with an interpreter of its own


class FaceModel:
    """One `.tflite` file of `assets/`, called as a function from one float32 tensor to its outputs by name.

    An interpreter holds its tensors, so threads cannot share it: a second one is made when two call at once.
    A call takes a few milliseconds.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turns = threading.Semaphore(MOST_AT_ONCE)
        first = self._interpreter()
        self._free = [first]
        (entry,) = first.get_input_details()
        self._input = int(entry["index"])
        self.input_shape: tuple[int, ...] = tuple(int(n) for n in entry["shape"])
        self._outputs = {str(d["name"]): int(d["index"]) for d in first.get_output_details()}

    def __call__(self, tensor: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Run on one tensor of `input_shape` and return copies of all outputs."""
        with self._turns:
            try:
                interpreter = self._free.pop()
            except IndexError:
                interpreter = self._interpreter()
            try:
                interpreter.set_tensor(self._input, np.ascontiguousarray(tensor, np.float32))
                interpreter.invoke()
                return {name: interpreter.get_tensor(index).copy() for name, index in self._outputs.items()}
            finally:
                self._free.append(interpreter)

    def _interpreter(self) -> Any:
        # Imported here: the web process may import this package but never the runtime behind it.
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

        made: Any = Interpreter(model_path=str(self._path), num_threads=1)
        made.allocate_tensors()
        return made


_loading = threading.Lock()


@cache
def _load(name: str) -> FaceModel:
    return FaceModel(ASSETS / f"{name}.tflite")


def face_model(name: str) -> FaceModel:
    """The model `assets/<name>.tflite`, loaded at its first use in this process."""
    with _loading:
        return _load(name)
