"""Chooses the watermark strength of a clip: the least that survives an encoder much worse than ours.

The clip's first second is marked, encoded and read, as often as it takes. The strongest step is as much as
the eye may be shown (docs/watermark.md).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import av
import numpy as np
from numpy.typing import NDArray

from generation.pipeline.encode import luma_of, to_yuv
from provenance.watermark import Embedder, Extractor, WatermarkKey, WatermarkPayload

# In sixty-fourths. The steps are a quarter apart in energy.
STRENGTHS = (50, 56, 63, 71)
TRIAL_CRF = 33
TRIAL_PRESET = "veryfast"
TRIAL_FRAMES = 25  # spread over the first second, whatever the clip's frame rate
# A payload is decoded from 10.5 on, and found by search among a million ids from 8.8 on.
ENOUGH_SCORE, ENOUGH_PILOT = 17.0, 8.0


def choose_strength(frames: Sequence[NDArray[np.uint8]], payload: WatermarkPayload, key: WatermarkKey) -> int:
    """The least of STRENGTHS whose mark is read from (H, W, 3) uint8 RGB `frames` after the trial encoder.

    `frames` are the clip's first second; of more than TRIAL_FRAMES that many are tried, evenly spread. The
    greatest strength, when none is read: the finished file has to be read back in any case.
    """
    tried = min(len(frames), TRIAL_FRAMES)
    lumas = [luma_of(to_yuv(frames[len(frames) * place // tried])) for place in range(tried)]
    weakest, strongest = 0, len(STRENGTHS) - 1
    while weakest < strongest:
        middle = (weakest + strongest) // 2
        if _survives(lumas, payload, key, STRENGTHS[middle]):
            strongest = middle
        else:
            weakest = middle + 1
    return STRENGTHS[strongest]


def _survives(
    lumas: Sequence[NDArray[np.uint8]], payload: WatermarkPayload, key: WatermarkKey, strength: int
) -> bool:
    embedder, extractor = Embedder(payload, key, strength), Extractor()
    for luma in _through_encoder([embedder.mark(luma) for luma in lumas]):
        extractor.add(luma)
    pilot, score = extractor.fit(payload, key)
    return pilot >= ENOUGH_PILOT and score >= ENOUGH_SCORE


def _through_encoder(lumas: Sequence[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=TRIAL_FRAMES)
        (stream.height, stream.width), stream.pix_fmt = lumas[0].shape, "gray"
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"crf": str(TRIAL_CRF), "preset": TRIAL_PRESET}
        for index, luma in enumerate(lumas):
            picture = av.VideoFrame.from_ndarray(luma, format="gray")
            picture.pts = index
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    memory.seek(0)
    with av.open(memory) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="gray")
