"""A model that two threads run at once answers each of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from generation.animation.face.tflite import face_model
from tests.generation.animation.pictures import portrait


def test_threads_that_run_one_model_at_once_get_their_own_answers():
    model = face_model("face_mesh")
    picture = portrait("tomas")[:192, :192].astype(np.float32)[None] / 255
    inputs = [(picture * share).astype(np.float32) for share in (1.0, 0.9, 0.8, 0.7)]
    alone = [model(tensor)["output_mesh"] for tensor in inputs]
    with ThreadPoolExecutor(4) as pool:
        together = [found["output_mesh"] for found in pool.map(model, inputs * 4)]
    for k, found in enumerate(together):
        assert np.array_equal(found, alone[k % len(inputs)])
